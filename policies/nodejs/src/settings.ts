import type { ObjectKey, Settings } from "./documents.js";
import type * as wit from "./bindings.js";

/** The settings as the component's typed interface has them. */
export function witSettings(settings: Settings): wit.Settings {
  const { rules = [], suppressions = [], ...others } = settings;
  return {
    nextHopTypes: [],
    nodeNetworks: [],
    aggregate: false,
    connectedNetworks: [],
    protectedNetworks: [],
    otherClusters: [],
    listedKinds: [],
    gaps: [],
    ...optional(others),
    rules: rules.map(({ rule, severity, parameters = {} }) => ({
      rule,
      ...optional({ severity }),
      parameters: Object.entries(parameters).map(([name, value]) => ({ name, value: BigInt(value) })),
    })),
    suppressions: suppressions.map(({ rule, object, reason, until }) => ({
      rule,
      reason,
      ...optional({ object: object && witKey(object), until }),
    })),
  };
}

/** The key of an object as the component's typed interface has it. */
export function witKey({ kind, namespace, name }: ObjectKey): wit.ObjectKey {
  return { kind, name, ...optional({ namespace }) };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> };

/** Without the fields that are null or undefined. */
export function optional<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as Given<T>;
}
