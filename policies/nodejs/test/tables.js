// tests/conformance/*.yaml as stories: what goes into a cluster, step by step,
// and what has to come out.

import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { parse, parseAllDocuments } from "yaml";

const tests = fileURLToPath(new URL("../../../tests/", import.meta.url));
const table = (name) => parse(readFileSync(path.join(tests, "conformance", name), "utf8"));

/** AKO's own tests: steps that change a cluster, and podroute's routes after each. */
export function akoCases() {
  return table("ako.yaml").map(({ id, cilium, daemonSet: name, ako, steps }) => ({
    id,
    base: [
      configMap("avi-system", "avi-k8s-config", {
        clusterName: "cluster",
        serviceType: "ClusterIP",
        cniPlugin: "",
        ...ako,
      }),
      daemonSet("kube-proxy"),
      ...(name ? [daemonSet(name)] : []),
      ...(cilium ? [configMap("kube-system", "cilium-config", cilium)] : []),
    ],
    steps: steps.map((step) => ({
      objects: stepObjects(step),
      remove: step.remove?.split(" "),
      routes: step.routes ?? step.podroute,
      finding: step.finding,
    })),
  }));
}

/** What other systems make of a cluster, with podroute's own routes. */
export function peerCases() {
  return table("peers.yaml").map(({ id, settings = {}, objects, routes, findings = [] }) => ({
    id,
    settings,
    objects,
    routes,
    findings,
  }));
}

/** Cilium's chart, version by version: cilium-config and its alarms. */
export function chartCases() {
  const { common, versions, options } = table("charts.yaml");
  return Object.entries(versions).flatMap(([version, ofVersion]) =>
    Object.entries(options).map(([option, { set = {}, findings = [], "findings-of": of = {} }]) => {
      const data = { ...common, ...ofVersion, ...set };
      const there = Object.entries(data).filter(([, value]) => value !== null);
      return {
        id: `${option} ${version}`,
        settings: { ciliumVersion: version },
        objects: [configMap("kube-system", "cilium-config", Object.fromEntries(there))],
        alarms: [...(of[version] ?? findings)].sort(),
      };
    }),
  );
}

/** One healthy cluster per CNI. */
export function healthyCases() {
  return readdirSync(path.join(tests, "conformance/healthy")).map((file) => {
    const id = path.basename(file, ".yaml");
    const snapshot = readFileSync(path.join(tests, "snapshots", id, "cluster.yaml"), "utf8");
    const objects = parseAllDocuments(snapshot).map((document) => document.toJS());
    return { id, objects, source: null, findings: [], ...table(`healthy/${file}`) };
  });
}

function stepObjects({ node, ciliumNode, blocks = [] }) {
  const objects = blocks.map((block) => ({
    apiVersion: "crd.projectcalico.org/v1",
    kind: "BlockAffinity",
    metadata: { name: block.name },
    spec: { cidr: block.cidr, node: block.node, state: "confirmed", deleted: "false" },
  }));
  if (ciliumNode) {
    const { name, addresses = null, podCIDRs } = ciliumNode;
    objects.unshift({
      apiVersion: "cilium.io/v2",
      kind: "CiliumNode",
      metadata: { name },
      spec: { addresses, ipam: { podCIDRs } },
    });
  }
  if (node) {
    const { name, ip, podCIDRs = [], annotations = {} } = node;
    objects.unshift({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, annotations },
      spec: { podCIDRs, ...(podCIDRs.length > 0 && { podCIDR: podCIDRs[0] }) },
      status: {
        addresses: [{ type: "InternalIP", address: ip }],
        conditions: [{ type: "Ready", status: "True" }],
      },
    });
  }
  return objects;
}

function configMap(namespace, name, data) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name }, data };
}

function daemonSet(name) {
  return { apiVersion: "apps/v1", kind: "DaemonSet", metadata: { namespace: "kube-system", name } };
}
