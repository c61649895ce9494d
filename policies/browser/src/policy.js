// The component, as jco binds it: an instance for each call, so that nothing
// of a former one is left, whatever became of it.

import { instantiate } from "../build/policy.js";
import core from "../build/policy.core.wasm";
import core2 from "../build/policy.core2.wasm";
import core3 from "../build/policy.core3.wasm";

const bytes = { "policy.core.wasm": core, "policy.core2.wasm": core2, "policy.core3.wasm": core3 };
let modules;

async function policy() {
  modules ??= Promise.all(
    Object.entries(bytes).map(async ([name, code]) => [name, await WebAssembly.compile(code)]),
  );
  const compiled = new Map(await modules);
  return instantiate((name) => compiled.get(name), {});
}

/** The report on a request, as JSON, and the sections of its page. */
export async function report(request) {
  const { json, picture } = await policy();
  const report = json.evaluate(request);
  return { report, page: picture.page(report) };
}

/** The map of a report, as SVG. */
export async function map(report) {
  return (await policy()).picture.map(report);
}
