import { instantiate } from "./bindings.js";
import type { Policy } from "./bindings.js";
import { PolicyCrashedError, PolicyError, fromDocument } from "./errors.js";

let shared: Policy | undefined;

/**
 * Calls the instance that all calls without a state share. One that has
 * crashed is not asked again: its memory may be in any state.
 */
export function call<T>(ask: (policy: Policy) => T): T {
  shared ??= instantiate();
  try {
    return ask(shared);
  } catch (thrown) {
    const error = policyError(thrown);
    if (error instanceof PolicyCrashedError) shared = undefined;
    throw error;
  }
}

/**
 * What the bindings throw: the error case of a result as it is, here the text
 * of an error document; or an Error, after a trap.
 */
export function policyError(thrown: unknown): PolicyError {
  return typeof thrown === "string" ? fromDocument(thrown) : new PolicyCrashedError(thrown);
}
