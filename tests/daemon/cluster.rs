//! Objects of a cluster with Cilium in cluster scope.

use serde_json::{Value, json};

use crate::kube::Cluster;

/// A cluster with Cilium's configuration and agents, and no node yet.
pub(crate) async fn cilium() -> Cluster {
    let cluster = Cluster::start().await;
    for kind in ["CiliumNode", "CiliumNodeConfig", "CiliumPodIPPool"] {
        cluster.install_known(kind);
    }
    cluster.apply(cilium_config("cluster-pool"));
    cluster.apply(json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"namespace": "kube-system", "name": "cilium"},
        "spec": {"template": {"spec": {"containers": [
            {"name": "cilium-agent", "image": "quay.io/cilium/cilium:v1.16.5"},
        ]}}},
        "status": {"desiredNumberScheduled": 3},
    }));
    cluster
}

pub(crate) fn cilium_config(ipam: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "kube-system", "name": "cilium-config"},
        "data": {
            "ipam": ipam, "enable-ipv4": "true", "enable-ipv6": "false",
            "routing-mode": "native", "ipv4-native-routing-cidr": "10.0.0.0/8",
            "auto-direct-node-routes": "true",
        },
    })
}

pub(crate) fn node(name: &str, address: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}],
            "conditions": [{"type": "Ready", "status": "True"}],
            "nodeInfo": {"kernelVersion": "6.1.0", "kubeletVersion": "v1.31.2"},
        },
    })
}

pub(crate) fn cilium_node(name: &str, pod_cidr: &str) -> Value {
    json!({
        "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
        "metadata": {"name": name, "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"ipam": {"podCIDRs": [pod_cidr]}},
    })
}

/// Puts in nodes `w1` ... with 10.0.N.0/24 at 192.0.2.N.
pub(crate) fn add_nodes(cluster: &Cluster, numbers: impl IntoIterator<Item = u8>) {
    for number in numbers {
        let name = format!("w{number}");
        cluster.apply(node(&name, &format!("192.0.2.{number}")));
        cluster.apply(cilium_node(&name, &format!("10.0.{number}.0/24")));
    }
}

/// Takes nodes away.
pub(crate) fn remove_nodes(cluster: &Cluster, numbers: impl IntoIterator<Item = u8>) {
    for number in numbers {
        let name = format!("w{number}");
        cluster.delete("CiliumNode", "", &name);
        cluster.delete("Node", "", &name);
    }
}
