// The component in Node.js, through jco: what it answers must be what the
// podroute binary answered. Started by ../run, which says where things are.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

const { PODROUTE_COMPONENT, PODROUTE_CASES, PODROUTE_EXPECTED, PODROUTE_WORK } = process.env;

const policy = await transpiled();
const cases = readdirSync(PODROUTE_CASES)
  .filter((file) => file.endsWith(".json"))
  .map((file) => ({ name: path.basename(file, ".json"), request: read(PODROUTE_CASES, file) }));

test("there are cases", () => assert.ok(cases.length >= 4));

for (const { name, request } of cases) {
  const expected = new Map(
    ["ok", "err"].flatMap((tag) => {
      const file = `${name}.${tag}.json`;
      return readdirSync(PODROUTE_EXPECTED).includes(file)
        ? [[tag, read(PODROUTE_EXPECTED, file)]]
        : [];
    }),
  );

  test(`json.evaluate: ${name}`, () => {
    assert.deepEqual([answer(() => policy.json.evaluate(request))], [...expected]);
  });

  const { objects, settings } = JSON.parse(request);
  const documents = objects.map((object) => JSON.stringify(object));

  test(`evaluator.evaluate: ${name}`, () => {
    const [tag, report] = answer(() => policy.evaluator.evaluate(documents, typed(settings)));
    if (tag === "ok") {
      assert.deepEqual(report, fromJson(JSON.parse(expected.get("ok"))));
    } else {
      const { error, ...val } = JSON.parse(expected.get("err"));
      assert.deepEqual(report, { tag: error, val });
    }
  });

  if (expected.has("ok")) {
    test(`evaluator.cluster: ${name}`, () => {
      const cluster = policy.evaluator.Cluster.open(typed(settings));
      const extra = { apiVersion: "v1", kind: "Node", metadata: { name: "extra" } };
      cluster.upsert([...documents, JSON.stringify(extra)]);
      assert.notEqual(cluster.reportJson(), expected.get("ok"));
      assert.equal(cluster.remove({ kind: "Node", name: "extra" }), true);
      assert.equal(cluster.remove({ kind: "Node", name: "extra" }), false);
      assert.equal(cluster.reportJson(), expected.get("ok"));
      cluster[Symbol.dispose]?.();
    });
  }
}

test("catalogue.rules", () => {
  const rules = policy.catalogue.rules();
  assert.ok(rules.length > 0);
  for (const { id, page, severities } of rules) {
    assert.ok(page.startsWith(`# ${id}\n`));
    assert.ok(severities.length > 0);
  }
});

/** The component as a JavaScript module; it gets no shim for WASI. */
async function transpiled() {
  const require = createRequire(path.join(PODROUTE_WORK, "package.json"));
  const jco = await import(pathToFileURL(require.resolve("@bytecodealliance/jco-transpile")));
  const outDir = path.join(PODROUTE_WORK, "policy");
  const { files, imports } = await jco.transpileBytes(readFileSync(PODROUTE_COMPONENT), {
    name: "policy",
    outDir,
    wasiShim: false,
  });
  assert.deepEqual(imports, []);
  await jco.writeFiles(files);
  return import(pathToFileURL(path.join(outDir, "policy.js")));
}

function read(folder, file) {
  return readFileSync(path.join(folder, file), "utf8");
}

/** A result: jco throws the error case, by version bare or as a payload. */
function answer(call) {
  try {
    return ["ok", call()];
  } catch (error) {
    if (!(error instanceof Error)) return ["err", error];
    if ("payload" in error) return ["err", error.payload];
    throw error;
  }
}

/** Settings of a request as the record of the WIT: lists must be there. */
function typed(settings) {
  return {
    nextHopTypes: [],
    nodeNetworks: [],
    aggregate: false,
    connectedNetworks: [],
    protectedNetworks: [],
    otherClusters: [],
    suppressions: [],
    listedKinds: [],
    gaps: [],
    ...settings,
    rules: (settings.rules ?? []).map((rule) => ({
      ...rule,
      parameters: Object.entries(rule.parameters ?? {}).map(([name, value]) => ({
        name,
        value: BigInt(value),
      })),
    })),
  };
}

/** A report in JSON as the record of the WIT: null is undefined there. */
function fromJson({ schema, ...report }) {
  assert.equal(schema, "podroute.report/v1");
  const convert = (value, key) => {
    if (value === null) return undefined;
    if (Array.isArray(value)) return value.map((element) => convert(element, key));
    if (typeof value === "object") {
      return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, convert(inner, name)]),
      );
    }
    return key === "family" || key === "families" ? value.toLowerCase() : value;
  };
  return convert(report);
}
