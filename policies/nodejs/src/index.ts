// Which node must a packet for a pod go to, and will it arrive?

import { call } from "./instance.js";
import type { Change, KubernetesObject, Report, Review, Settings } from "./documents.js";
import type { Rule } from "./bindings.js";

export { Cluster } from "./cluster.js";
export * from "./errors.js";
export type * from "./documents.js";
export type { Rule };

/** Evaluates one snapshot and forgets it. */
export function evaluate(objects: readonly KubernetesObject[], settings?: Settings): Report {
  const request = JSON.stringify({ objects, settings });
  return JSON.parse(call(({ json }) => json.evaluate(request))) as Report;
}

/** What changes would bring about in a cluster of these objects. */
export function review(
  objects: readonly KubernetesObject[],
  changes: readonly Change[],
  settings?: Settings,
): Review {
  const request = JSON.stringify({ objects, settings, changes });
  return JSON.parse(call(({ json }) => json.review(request))) as Review;
}

/** Every rule with its page, sorted by id. */
export function rules(): Rule[] {
  return call(({ catalogue }) => catalogue.rules());
}
