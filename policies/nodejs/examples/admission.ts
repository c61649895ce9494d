import type { Cluster, KubernetesObject } from "podroute-policy";

export interface AdmissionRequest {
  uid: string;
  kind: { kind: string };
  namespace?: string;
  name: string;
  object: KubernetesObject | null;
}

export function admit(cluster: Cluster, { uid, kind, namespace, name, object }: AdmissionRequest) {
  const key = { kind: kind.kind, namespace: namespace ?? null, name };
  const { verdict, added } = cluster.review([object ? { put: object } : { delete: key }]);
  const messages = added.map(({ rule, message, fix }) => `${rule}: ${message}; fix: ${fix}`);
  return verdict === "deny"
    ? { uid, allowed: false, status: { message: messages.join("\n") } }
    : { uid, allowed: true, warnings: messages };
}
