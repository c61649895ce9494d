// Answers the requests of policies/conformance with the component in Node.js.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { instantiate } from "podroute-policy/bindings";

const { json } = instantiate();

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { id, op, request } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ id, ...answer(op, request) })}\n`);
}

function answer(op, request) {
  if (op === "about") return { ok: true, answer: `Node.js ${process.versions.node}, jco-transpile ${jco()}` };
  try {
    return { ok: true, answer: json[op](request) };
  } catch (thrown) {
    if (typeof thrown === "string") return { ok: false, answer: thrown };
    return { failed: String(thrown) };
  }
}

function jco() {
  const manifest = new URL("package.json", import.meta.url);
  return JSON.parse(readFileSync(manifest, "utf8")).devDependencies["@bytecodealliance/jco-transpile"];
}
