// The package's own functions: errors, reviews, a cluster that is kept.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import {
  Cluster,
  ClusterClosedError,
  InvalidRequestError,
  InvalidSettingError,
  PolicyCrashedError,
  evaluate,
  review,
  rules,
} from "podroute-policy";

import { call } from "../dist/instance.js";

function node(name, cidr, address) {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    spec: { podCIDR: cidr, podCIDRs: [cidr] },
    status: {
      addresses: [{ type: "InternalIP", address }],
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

const settings = { cni: "kubernetes" };
const first = node("a", "10.0.0.0/24", "192.0.2.1");
const twin = node("b", "10.0.0.0/24", "192.0.2.2");
const other = node("b", "10.0.1.0/24", "192.0.2.2");
const summary = ({ verdict, added, fixed }) => ({
  verdict,
  added: added.map(({ rule }) => rule),
  fixed: fixed.map(({ rule }) => rule),
});
const duplicated = { verdict: "deny", added: ["route/duplicate-prefix"], fixed: [] };
const nothing = { verdict: "allow", added: [], fixed: [] };
const mended = { verdict: "allow", added: [], fixed: ["route/duplicate-prefix"] };

test("a review says what a change would add, and what it would mend", () => {
  assert.deepEqual(summary(review([first], [{ put: twin }], settings)), duplicated);
  assert.deepEqual(summary(review([first], [{ put: other }], settings)), nothing);
  const gone = { delete: { kind: "Node", name: "b" } };
  assert.deepEqual(summary(review([first, twin], [gone], settings)), mended);
});

test("a cluster is kept, and stays as it is when changes are reviewed", () => {
  const cluster = Cluster.open(settings);
  assert.deepEqual(cluster.load([[first]]), []);
  assert.deepEqual(summary(cluster.review([{ put: twin }])), duplicated);
  assert.deepEqual(cluster.report(), evaluate([first], settings));
  assert.deepEqual(cluster.upsert([twin]), []);
  const gone = { delete: { kind: "Node", namespace: null, name: "b" } };
  assert.deepEqual(summary(cluster.review([gone])), mended);
  assert.equal(cluster.remove({ kind: "Node", name: "b" }), true);
  assert.equal(cluster.remove({ kind: "Node", name: "b" }), false);
  assert.deepEqual(cluster.report(), evaluate([first], settings));
});

test("a cluster has the settings of a request, with all that they can hold", () => {
  const file = new URL("../../conformance/requests/calico-blocks-with-settings.json", import.meta.url);
  const request = JSON.parse(readFileSync(file, "utf8"));
  const full = {
    ...request.settings,
    routeLimit: 4,
    today: "2026-01-31",
    ciliumVersion: null,
    rules: [
      { rule: "node/*", severity: "warning" },
      { rule: "route/limit", parameters: { warnAtPercent: 10 } },
    ],
    suppressions: [
      { rule: "node/not-ready", object: { kind: "Node", namespace: null, name: "x" }, reason: "known" },
      { rule: "*", object: null, reason: "over", until: "2025-12-31" },
    ],
    otherClusters: [{ name: "west", podCidrs: ["10.0.0.0/8"] }],
    gaps: [{ kind: "Pod", reason: "forbidden" }],
    listedKinds: ["Node"],
  };
  const cluster = Cluster.open(full);
  cluster.load(request.objects);
  const report = cluster.report();
  assert.deepEqual(report, evaluate(request.objects, full));
  assert.deepEqual(
    report.suppressions.filter(({ declaredAt }) => declaredAt === null).map(({ status }) => status),
    ["unused", "expired"],
  );
});

test("problems are as in a report", () => {
  const cluster = Cluster.open();
  const objects = [{ kind: "Node", metadata: {} }, { ...first, spec: { podCIDRs: "no list" } }];
  const problems = cluster.load(objects);
  assert.ok(problems.length >= 2);
  assert.deepEqual(problems, evaluate(objects).problems);
});

test("what cannot be answered is a typed error", () => {
  const wrong = { connectedNetworks: ["10.0.0.0/33"] };
  for (const ask of [() => evaluate([], wrong), () => review([], [], wrong), () => Cluster.open(wrong)]) {
    assert.throws(ask, (error) => {
      assert.ok(error instanceof InvalidSettingError);
      assert.equal(error.setting, "connectedNetworks");
      assert.match(error.message, /^setting connectedNetworks: .*10\.0\.0\.0\/33/);
      return true;
    });
  }
  for (const ask of [evaluate, (objects, wrong) => review(objects, [], wrong)]) {
    assert.throws(() => ask([], { conectedNetworks: [] }), InvalidRequestError);
  }
  assert.throws(() => Cluster.open({ conectedNetworks: [] }), InvalidRequestError);
  assert.throws(() => review([], [{ move: {} }]), InvalidRequestError);
});

test("a closed cluster says so", () => {
  const cluster = Cluster.open();
  cluster[Symbol.dispose]();
  cluster[Symbol.dispose]();
  assert.throws(() => cluster.report(), ClusterClosedError);
});

test("after a crash the next call gets a new instance", () => {
  let crashed;
  assert.throws(
    () =>
      call((policy) => {
        crashed = policy;
        throw new WebAssembly.RuntimeError("unreachable");
      }),
    PolicyCrashedError,
  );
  call((policy) => assert.notEqual(policy, crashed));
  assert.deepEqual(evaluate([first], settings).undecided, []);
});

test("the rules have pages", () => {
  const all = rules();
  assert.ok(all.length > 100);
  for (const { id, page, severities } of all) {
    assert.ok(page.startsWith(`# ${id}\n`));
    assert.ok(severities.length > 0);
  }
});
