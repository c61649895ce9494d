// Makes dist/ from a policy component: npm run build -- podroute-policy.wasm

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { transpileBytes } from "@bytecodealliance/jco-transpile";
import { $init, generateTypes } from "@bytecodealliance/jco-transpile/component";
import { compile } from "json-schema-to-typescript";

const here = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const root = path.resolve(here, "../..");
const wit = path.join(root, "wit");
const dist = path.join(here, "dist");

const [component] = process.argv.slice(2);
if (component === undefined) {
  console.error("which component? npm run build -- podroute-policy.wasm (podroute component writes one)");
  process.exit(2);
}

rmSync(dist, { recursive: true, force: true });
const { files, imports } = await transpileBytes(readFileSync(component), {
  name: "policy",
  outDir: path.join(dist, "component"),
  instantiation: "sync",
  wasiShim: false,
  minify: true,
});
if (imports.length > 0) {
  throw new Error(`${component} imports ${imports.join(", ")}: it is no policy component`);
}
const documented = await typesFromWit();
for (const [file, bare] of Object.entries(files)) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, file.endsWith(".d.ts") ? withComments(file, bare) : bare);
}
await typesOfDocuments();
copyFileSync(path.join(root, "LICENSE"), path.join(dist, "LICENSE"));
// With a shell, for npx is a script on Windows.
execFileSync("npx", ["--no-install", "tsc", "--project", "."], {
  cwd: here,
  stdio: "inherit",
  shell: process.platform === "win32",
});

/** The types of the component once more, from the WIT file, which has comments. */
async function typesFromWit() {
  await $init;
  const files = generateTypes("policy", {
    wit: { tag: "source", val: readFileSync(path.join(wit, "podroute.wit"), "utf8") },
    world: "policy",
    instantiation: { tag: "sync" },
    features: { tag: "list", val: [] },
    tlaCompat: false,
    guest: false,
    flagsAsBigint: false,
    variantsInlineCases: false,
    useNamespaceObjects: false,
    enumValuesScreamingSnakeCase: false,
  });
  return new Map(files.map(([file, text]) => [path.basename(file), Buffer.from(text).toString()]));
}

/** The documented text, if it declares what the component has. */
function withComments(file, bare) {
  const name = path.basename(file);
  const text = documented.get(name);
  // A component does not know the name of its world: policy.d.ts is not compared.
  if (name === "policy.d.ts") return text;
  if (text === undefined || code(text) !== code(Buffer.from(bare).toString())) {
    throw new Error(`${name}: ${component} is not a component of wit/podroute.wit as it is here`);
  }
  return text;
}

function code(text) {
  return text
    .replace(/\/\*[^]*?\*\//g, "")
    // Only what is generated from a component says so.
    .replaceAll("implements Disposable", "")
    .replaceAll("[Symbol.dispose](): void;", "")
    .replace(/\s+/g, "");
}

/** documents/report.d.ts and so on, from the JSON Schemas. */
async function typesOfDocuments() {
  mkdirSync(path.join(dist, "documents"));
  for (const file of readdirSync(path.join(wit, "schema"))) {
    const document = /^podroute\.(.+)\.v1\.json$/.exec(file)?.[1];
    if (!["report", "request", "review", "review-request"].includes(document)) continue;
    const schema = JSON.parse(readFileSync(path.join(wit, "schema", file), "utf8"));
    schema.title = document;
    const types = await compile(schema, document, { bannerComment: "", format: false });
    writeFileSync(path.join(dist, "documents", `${document}.d.ts`), types);
  }
}
