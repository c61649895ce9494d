// The conformance tables, asked of this package.

import assert from "node:assert/strict";
import test from "node:test";

import { Cluster, evaluate } from "podroute-policy";

import { akoCases, chartCases, healthyCases, peerCases } from "./tables.js";

const routes = (report) => report.routes.map(({ prefix, nextHop }) => `${prefix} via ${nextHop}`);
const rules = (report) => report.findings.map(({ rule }) => rule);
const alarms = ({ findings }) =>
  findings
    .filter(({ severity }) => severity !== "info")
    .map(({ severity, rule }) => `${severity} ${rule}`)
    .sort();

test("no table is empty", () => {
  const sizes = [akoCases(), peerCases(), chartCases(), healthyCases()].map(({ length }) => length);
  assert.ok(sizes.every((size) => size >= 15), `${sizes}`);
});

for (const { id, base, steps } of akoCases()) {
  test(`ako.yaml ${id}`, () => {
    const cluster = Cluster.open();
    assert.deepEqual(cluster.upsert(base), []);
    for (const { objects, remove, routes: expected, finding } of steps) {
      assert.deepEqual(cluster.upsert(objects), []);
      if (remove) assert.equal(cluster.remove({ kind: remove[0], name: remove[1] }), true);
      const report = cluster.report();
      assert.deepEqual(routes(report), expected);
      if (finding) assert.ok(rules(report).includes(finding), `${finding} in ${rules(report)}`);
    }
    cluster[Symbol.dispose]();
  });
}

for (const { id, settings, objects, routes: expected, findings } of peerCases()) {
  test(`peers.yaml ${id}`, () => {
    const report = evaluate(objects, settings);
    assert.deepEqual(report.problems, []);
    assert.deepEqual(routes(report), expected);
    assert.deepEqual(findings.filter((rule) => !rules(report).includes(rule)), []);
  });
}

for (const { id, settings, objects, alarms: expected } of chartCases()) {
  test(`charts.yaml ${id}`, () => {
    assert.deepEqual(alarms(evaluate(objects, settings)), expected);
  });
}

for (const { id, objects, cni, source, routes: expected, findings } of healthyCases()) {
  test(`healthy/${id}.yaml`, () => {
    const report = evaluate(objects);
    const { cluster, undecided, problems } = report;
    assert.deepEqual(
      {
        cni: cluster.cni,
        source: cluster.podCidrSource,
        routes: routes(report),
        cniFindings: rules(report).filter((rule) => rule.startsWith("cni/")),
        alarms: alarms(report),
        undecided,
        problems,
      },
      { cni, source, routes: expected, cniFindings: findings, alarms: [], undecided: [], problems: [] },
    );
  });
}
