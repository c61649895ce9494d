// The component as jco binds it, typed as wit/podroute.wit has it.

import { instantiate as instantiateComponent } from "./component/policy.js";
import type * as catalogue from "./component/interfaces/podroute-policy-catalogue.js";
import type * as evaluator from "./component/interfaces/podroute-policy-evaluator.js";
import type * as json from "./component/interfaces/podroute-policy-json.js";
import type * as picture from "./component/interfaces/podroute-policy-picture.js";

/** An instance of the component. */
export interface Policy {
  evaluator: typeof evaluator;
  json: typeof json;
  catalogue: typeof catalogue;
  picture: typeof picture;
}

export type * from "./component/interfaces/podroute-policy-types.js";

const CORE_MODULES = ["policy.core.wasm", "policy.core2.wasm", "policy.core3.wasm"];

const modules = new Map(
  await Promise.all(CORE_MODULES.map(async (name) => [name, await compiled(name)] as const)),
);

/** A new instance, with a memory of its own. It is given nothing to import. */
export function instantiate(): Policy {
  return instantiateComponent((name) => {
    const module = modules.get(name);
    if (module === undefined) throw new Error(`no module ${name} in this package`);
    return module;
  }, {});
}

async function compiled(name: string): Promise<WebAssembly.Module> {
  const url = new URL(`./component/${name}`, import.meta.url);
  if (url.protocol === "file:") {
    // Bundlers for browsers must not follow this.
    const { readFile } = await import(/* webpackIgnore: true */ /* @vite-ignore */ "node:fs/promises");
    return WebAssembly.compile(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return WebAssembly.compile(await response.arrayBuffer());
}
