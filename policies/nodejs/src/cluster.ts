import { instantiate } from "./bindings.js";
import type * as wit from "./bindings.js";
import { ClusterClosedError, PolicyCrashedError } from "./errors.js";
import { call } from "./instance.js";
import { witKey, witSettings } from "./settings.js";
import type {
  Change,
  KubernetesObject,
  ObjectKey,
  Problem,
  Report,
  Review,
  Settings,
} from "./documents.js";

type Resource = ReturnType<wit.Policy["evaluator"]["Cluster"]["open"]>;

/**
 * A cluster that is kept and changed between calls, in an instance of its
 * own. `using cluster = Cluster.open()` closes it where its scope ends.
 */
export class Cluster implements Disposable {
  #resource: Resource | undefined;

  private constructor(resource: Resource) {
    this.#resource = resource;
  }

  /** An empty cluster. */
  static open(settings: Settings = {}): Cluster {
    // Settings are judged where all of them are, and all their errors typed.
    const request = JSON.stringify({ objects: [], settings });
    call(({ json }) => json.evaluate(request));
    return new Cluster(instantiate().evaluator.Cluster.open(witSettings(settings)));
  }

  /** Puts in a snapshot, or a part of one. Returns what could not be used. */
  load(objects: readonly KubernetesObject[]): Problem[] {
    return this.#ask((cluster) => cluster.load(texts(objects))).map(problem);
  }

  /** Puts in objects that have changed. Returns what could not be used. */
  upsert(objects: readonly KubernetesObject[]): Problem[] {
    return this.#ask((cluster) => cluster.upsert(texts(objects))).map(problem);
  }

  /** Takes an object out. False when it was not there. */
  remove(object: ObjectKey): boolean {
    return this.#ask((cluster) => cluster.remove(witKey(object)));
  }

  /** What changes would bring about. The cluster stays as it is. */
  review(changes: readonly Change[]): Review {
    const typed = changes.map((change): wit.Change =>
      "put" in change
        ? { tag: "put", val: JSON.stringify(change.put) }
        : { tag: "delete", val: witKey(change.delete) },
    );
    return JSON.parse(this.#ask((cluster) => cluster.reviewJson(typed))) as Review;
  }

  /** The report on the cluster as it is now. */
  report(): Report {
    return JSON.parse(this.#ask((cluster) => cluster.reportJson())) as Report;
  }

  /** Lets go of the cluster and of its instance. */
  [Symbol.dispose](): void {
    this.#resource = undefined;
  }

  #ask<T>(ask: (resource: Resource) => T): T {
    if (this.#resource === undefined) throw new ClusterClosedError();
    try {
      return ask(this.#resource);
    } catch (thrown) {
      this.#resource = undefined;
      throw new PolicyCrashedError(thrown);
    }
  }
}

function texts(objects: readonly KubernetesObject[]): string[] {
  return objects.map((object) => JSON.stringify(object));
}

/** As the documents have it: null where nothing is known. */
function problem({ object, severity, message }: wit.Problem): Problem {
  const place = object && { ...object, namespace: object.namespace ?? null, field: object.field ?? null };
  return { object: place ?? null, severity, message };
}
