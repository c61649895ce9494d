// The documents that go in and come out, as wit/schema has them.

export type {
  Finding,
  Problem,
  Report,
  Route,
} from "./documents/report.js";
export type { Review } from "./documents/review.js";
import type { ReviewRequest } from "./documents/review-request.js";
import type { Request } from "./documents/request.js";

/** What the objects alone cannot say. */
export type Settings = NonNullable<Request["settings"]>;

/** A change that somebody wants to make: `{ put: object }` or `{ delete: key }`. */
export type Change = { readonly put: KubernetesObject } | { readonly delete: ObjectKey };

/** Which object is meant. */
export type ObjectKey = NonNullable<ReviewRequest["changes"][number]["delete"]>;

/**
 * A Kubernetes object or list as the API server writes it. Types of other
 * packages fit, such as `V1Node` of @kubernetes/client-node.
 */
export type KubernetesObject = object;
