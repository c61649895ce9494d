// The typed interface says what the json interface says.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

import { instantiate } from "podroute-policy/bindings";

import { witSettings } from "../dist/settings.js";

const folder = new URL("../../conformance/requests/", import.meta.url);
const { evaluator, json } = instantiate();

for (const file of readdirSync(folder)) {
  test(`evaluator.evaluate: ${file}`, () => {
    const request = readFileSync(new URL(file, folder), "utf8");
    const { objects, settings } = JSON.parse(request);
    const documents = objects.map((object) => JSON.stringify(object));
    const typed = outcome(() => evaluator.evaluate(documents, witSettings(settings)));
    const { ok, thrown } = outcome(() => JSON.parse(json.evaluate(request)));
    if (thrown === undefined) {
      assert.equal(ok.schema, "podroute.report/v1");
      assert.deepEqual(typed, { ok: fromJson(ok) });
    } else {
      const { error, ...val } = JSON.parse(thrown);
      assert.deepEqual(typed, { thrown: { tag: error, val } });
    }
  });
}

function outcome(ask) {
  try {
    return { ok: ask() };
  } catch (thrown) {
    if (thrown instanceof Error) throw thrown;
    return { thrown };
  }
}

/** A report in JSON as the record of the WIT: null is undefined there. */
function fromJson({ schema, ...report }) {
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
