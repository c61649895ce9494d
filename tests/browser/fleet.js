// Snapshots that are made and not kept.

/** A cluster of Cilium in mode cluster-pool: every hundredth node has its neighbour's pod CIDR. */
export function fleet(count) {
  const items = [
    object("v1", "ConfigMap", "cilium-config", "kube-system", {
      data: {
        ipam: "cluster-pool",
        "cluster-pool-ipv4-cidr": "10.0.0.0/8",
        "cluster-pool-ipv4-mask-size": "24",
        "enable-ipv4": "true",
        "enable-ipv6": "false",
        "routing-mode": "native",
        "ipv4-native-routing-cidr": "10.0.0.0/8",
      },
    }),
    object("apps/v1", "DaemonSet", "cilium", "kube-system", {
      spec: { template: { spec: { containers: [{ name: "cilium-agent", image: "quay.io/cilium/cilium:v1.16.3" }] } } },
    }),
    object("v1", "Service", "kubernetes", "default", {
      spec: { clusterIP: "172.30.0.1", clusterIPs: ["172.30.0.1"], ports: [{ port: 443, protocol: "TCP" }] },
    }),
  ];
  for (let at = 0; at < count; at += 1) {
    const name = `worker-${String(at).padStart(4, "0")}`;
    const address = `172.${16 + (at >> 14)}.${(at >> 6) & 255}.${(at & 63) + 1}`;
    // A range is left out in the middle, as after many nodes were deleted.
    const block = (at % 100 === 99 ? at - 1 : at) + (at > count / 2 ? 640 : 0);
    const cidr = `10.${block >> 8}.${block & 255}.0/24`;
    const addresses = [{ type: "InternalIP", address }];
    items.push(
      object("v1", "Node", name, undefined, {
        status: { addresses, conditions: [{ type: "Ready", status: "True" }], nodeInfo: { kubeletVersion: "v1.30.2" } },
      }),
      object("cilium.io/v2", "CiliumNode", name, undefined, {
        spec: { addresses: [{ type: "InternalIP", ip: address }], ipam: { podCIDRs: [cidr] } },
      }),
    );
  }
  return { apiVersion: "v1", kind: "List", items };
}

/** Names that are markup, where Kubernetes would refuse them. */
export function hostile() {
  const name = `</script><script>document.title = "run"</script><img src=x onerror="document.title='run'">'"&`;
  const list = fleet(2);
  for (const item of list.items) {
    if (["Node", "CiliumNode"].includes(item.kind)) item.metadata.name += name;
  }
  // So that there are withheld routes and findings with the names.
  list.items.at(-1).spec.ipam.podCIDRs = list.items.at(-3).spec.ipam.podCIDRs;
  return list;
}

function object(apiVersion, kind, name, namespace, rest) {
  return { apiVersion, kind, metadata: { name, namespace, creationTimestamp: "2026-01-01T00:00:00Z" }, ...rest };
}
