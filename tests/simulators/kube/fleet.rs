//! Nodes by the thousand, with what makes real ones large.

use serde_json::{Value, json};

pub(super) fn node(index: usize) -> Value {
    let name = format!("worker-{index}");
    let (high, low) = (index / 250, index % 250);
    let images: Vec<Value> = (0..20)
        .map(|image| {
            json!({
                "names": [
                    format!("registry.example/team/service-{image}@sha256:{image:064}"),
                    format!("registry.example/team/service-{image}:v1.{image}.0"),
                ],
                "sizeBytes": 100_000_000 + image,
            })
        })
        .collect();
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "topology.kubernetes.io/zone": format!("zone-{}", index % 3),
            },
            "annotations": {"node.alpha.kubernetes.io/ttl": "0"},
            "managedFields": [{
                "manager": "kubelet", "operation": "Update", "apiVersion": "v1",
                "time": "2026-01-31T12:00:00Z", "fieldsType": "FieldsV1",
                "fieldsV1": {"f:status": {"f:conditions": {"f:lastHeartbeatTime": {}}}},
            }],
        },
        "spec": {
            "podCIDR": format!("10.{}.{low}.0/24", 64 + high),
            "podCIDRs": [format!("10.{}.{low}.0/24", 64 + high)],
        },
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": format!("192.168.{high}.{}", low + 1)},
                {"type": "Hostname", "address": name},
            ],
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
            "nodeInfo": {"kernelVersion": "6.8.0", "kubeletVersion": "v1.34.0"},
            "images": images,
        },
    })
}

pub(super) fn cilium_node(index: usize) -> Value {
    let (high, low) = (index / 250, index % 250);
    json!({
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNode",
        "metadata": {"name": format!("worker-{index}")},
        "spec": {
            "addresses": [
                {"type": "InternalIP", "ip": format!("192.168.{high}.{}", low + 1)},
                {"type": "CiliumInternalIP", "ip": format!("10.{}.{low}.10", 64 + high)},
            ],
            "ipam": {"podCIDRs": [format!("10.{}.{low}.0/24", 64 + high)]},
        },
        "status": {"ipam": {"operator-status": {}}},
    })
}
