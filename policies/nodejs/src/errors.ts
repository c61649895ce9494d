/** What can go wrong with a call: every error of this package is one of these. */
export class PolicyError extends Error {
  override readonly name: string = "PolicyError";
}

/** The request is not what the policy takes: an unknown field, no list, no JSON. */
export class InvalidRequestError extends PolicyError {
  override readonly name = "InvalidRequestError";
}

/** A setting has a value that cannot be used. */
export class InvalidSettingError extends PolicyError {
  override readonly name = "InvalidSettingError";

  constructor(
    /** The setting's name: `connectedNetworks`. */
    readonly setting: string,
    message: string,
  ) {
    super(`setting ${setting}: ${message}`);
  }
}

/**
 * The policy crashed, or its memory was used up. The next call gets a new
 * instance. A `Cluster` that crashed is lost: open another one.
 */
export class PolicyCrashedError extends PolicyError {
  override readonly name = "PolicyCrashedError";

  constructor(cause: unknown) {
    super(`the policy crashed: ${String(cause)}`, { cause });
  }
}

/** A call to a `Cluster` that was disposed of, or that crashed. */
export class ClusterClosedError extends PolicyError {
  override readonly name = "ClusterClosedError";

  constructor() {
    super("this cluster is closed: open another one");
  }
}

/** The policy's own error document, `podroute.error/v1`, as an error. */
export function fromDocument(text: string): PolicyError {
  const { error, name = "", message = text } = JSON.parse(text) as Record<string, string>;
  switch (error) {
    case "invalid-setting":
      return new InvalidSettingError(name, message);
    case "invalid-request":
      return new InvalidRequestError(message);
    default:
      return new PolicyError(message);
  }
}
