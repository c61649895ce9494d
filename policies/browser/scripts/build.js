// Makes dist/index.html from a policy component: npm run build -- podroute-policy.wasm

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { transpileBytes } from "@bytecodealliance/jco-transpile";
import { build } from "esbuild";

const here = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const page = path.resolve(here, "../../host/src/formats/page");
const [component] = process.argv.slice(2);
if (component === undefined) {
  console.error("which component? npm run build -- podroute-policy.wasm (podroute component writes one)");
  process.exit(2);
}

const made = path.join(here, "build");
rmSync(made, { recursive: true, force: true });
const { files, imports } = await transpileBytes(readFileSync(component), {
  name: "policy",
  outDir: made,
  instantiation: "sync",
  wasiShim: false,
  minify: true,
});
if (imports.length > 0) {
  throw new Error(`${component} imports ${imports.join(", ")}: it is no policy component`);
}
for (const [file, bytes] of Object.entries(files)) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

const bundled = await build({
  entryPoints: [path.join(here, "src/app.js")],
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  target: "es2022",
  loader: { ".wasm": "binary" },
});

// One script, the report's own and the page's: one hash names both.
const of = (name) => readFileSync(path.join(page, name), "utf8");
const script = `${of("page.js")}\n${bundled.outputFiles[0].text}`;
const hash = createHash("sha256").update(script).digest("base64");
const { version } = JSON.parse(readFileSync(path.join(here, "package.json"), "utf8"));
const texts = {
  policy: `'sha256-${hash}' 'wasm-unsafe-eval'`,
  about: "which route each pod CIDR needs",
  version,
  style: of("page.css"),
  page: readFileSync(path.join(here, "src/drop.html"), "utf8"),
  report: "null",
  script,
};
const html = of("page.html").replace(/\{\{(\w+)\}\}/g, (_, name) => texts[name]);
mkdirSync(path.join(here, "dist"), { recursive: true });
writeFileSync(path.join(here, "dist/index.html"), html);
