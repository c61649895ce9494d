// The package as others get it: packed, installed, used by the README's examples.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test, { after } from "node:test";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("..", import.meta.url));
const project = realpathSync(mkdtempSync(path.join(tmpdir(), "podroute-policy-")));
after(() => rmSync(project, { recursive: true }));

const npm = (cwd, ...words) => execFileSync("npm", words, { cwd, encoding: "utf8", stdio: "pipe" });

test("npm pack takes what is needed and nothing else", () => {
  const [packed] = JSON.parse(npm(here, "pack", "--json", "--pack-destination", project));
  const files = packed.files.map((file) => file.path).sort();
  const modules = ["bindings", "cluster", "documents", "errors", "index", "instance", "settings"];
  const expected = [
    "README.md",
    "package.json",
    "dist/LICENSE",
    ...modules.flatMap((name) => [`dist/${name}.d.ts`, `dist/${name}.js`]),
    ...["report", "request", "review-request", "review"].map((name) => `dist/documents/${name}.d.ts`),
    ...["policy.core.wasm", "policy.core2.wasm", "policy.core3.wasm", "policy.d.ts", "policy.js"].map(
      (name) => `dist/component/${name}`,
    ),
    ...["catalogue", "evaluator", "json", "picture", "types"].map(
      (name) => `dist/component/interfaces/podroute-policy-${name}.d.ts`,
    ),
  ];
  assert.deepEqual(files, expected.sort());

  writeFileSync(path.join(project, "package.json"), '{"private": true, "type": "module"}');
  npm(project, "install", "--offline", "--no-audit", "--no-fund", path.join(project, packed.filename));
});

test("the examples fit the types of the package", () => {
  for (const file of ["ci.ts", "admission.ts", "tsconfig.json"]) {
    cpSync(path.join(here, "examples", file), path.join(project, file));
  }
  cpSync(path.join(here, "node_modules/@types"), path.join(project, "node_modules/@types"), { recursive: true });
  cpSync(path.join(here, "node_modules/undici-types"), path.join(project, "node_modules/undici-types"), { recursive: true });
  const tsc = path.join(here, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "--project", project, "--noEmit", "false"], { stdio: "pipe" });
});

test("the example for CI fails a cluster with two nodes of one pod CIDR", () => {
  const daemonSet = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { namespace: "kube-flannel", name: "kube-flannel-ds" },
  };
  const list = (...items) => JSON.stringify({ apiVersion: "v1", kind: "List", items: [daemonSet, ...items] });
  const run = (text) => {
    writeFileSync(path.join(project, "cluster.json"), text);
    return spawnSync(process.execPath, ["ci.js"], { cwd: project, encoding: "utf8" });
  };

  const bad = run(list(node("a", "192.0.2.1"), node("b", "192.0.2.2")));
  assert.match(bad.stdout, /^error route\/duplicate-prefix: .*10\.0\.0\.0\/24/m);
  assert.deepEqual([bad.status, bad.stderr], [1, ""]);
  const good = run(list(node("a", "192.0.2.1")));
  assert.deepEqual([good.status, good.stderr], [0, ""]);
});

test("the example for admission refuses a node that takes another's pod CIDR", async () => {
  const { Cluster } = await import(path.join(project, "node_modules/podroute-policy/dist/index.js"));
  const { admit } = await import(path.join(project, "admission.js"));
  const cluster = Cluster.open({ cni: "kubernetes" });
  cluster.load([node("a", "192.0.2.1")]);
  const request = { uid: "1", kind: { kind: "Node" }, name: "b" };
  const refused = admit(cluster, { ...request, object: node("b", "192.0.2.2") });
  assert.equal(refused.allowed, false);
  assert.match(refused.status.message, /^route\/duplicate-prefix: .*; fix: /);
  assert.equal(admit(cluster, { ...request, object: null }).allowed, true);
});

test("the README shows the examples as they are", () => {
  const readme = readFileSync(path.join(here, "README.md"), "utf8");
  const example = (file) => readFileSync(path.join(here, "examples", file), "utf8");
  assert.ok(readme.includes(example("ci.ts")));
  const admit = example("admission.ts");
  assert.ok(readme.includes(admit.slice(admit.indexOf("export function"))));
});

function node(name, address) {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    spec: { podCIDRs: ["10.0.0.0/24"] },
    status: { addresses: [{ type: "InternalIP", address }] },
  };
}
