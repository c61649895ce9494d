//! Dumps as `kubectl get nodes,ciliumnodes -o yaml` writes them: everything
//! that nodes of a real cluster carry about, most of which nobody asked for.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Style {
    Yaml,
    /// Indented, as kubectl does.
    Json,
    /// On one line, as the API server does.
    CompactJson,
}

/// Writes a healthy cluster of Cilium in mode cluster-pool.
pub(crate) fn write(folder: &Path, nodes: usize, style: Style) -> PathBuf {
    let extension = if style == Style::Yaml { "yaml" } else { "json" };
    let path = folder.join(format!("{nodes}.{extension}"));
    let mut file = BufWriter::new(File::create(&path).unwrap());
    let objects = std::iter::once(config())
        .chain((0..nodes).map(node))
        .chain((0..nodes).map(cilium_node));
    match style {
        Style::Yaml => {
            writeln!(file, "apiVersion: v1\nitems:").unwrap();
            for object in objects {
                let text = serde_norway::to_string(&object).unwrap();
                for (number, line) in text.lines().enumerate() {
                    let margin = if number == 0 { "- " } else { "  " };
                    writeln!(file, "{margin}{line}").unwrap();
                }
            }
            writeln!(file, "kind: List\nmetadata:\n  resourceVersion: \"\"").unwrap();
        }
        Style::Json | Style::CompactJson => {
            let items: Box<dyn Iterator<Item = String>> = match style {
                Style::Json => Box::new(objects.map(|object| indented(&object))),
                _ => Box::new(objects.map(|object| object.to_string())),
            };
            write!(file, "{{\n    \"apiVersion\": \"v1\",\n    \"items\": [").unwrap();
            for (number, item) in items.enumerate() {
                let comma = if number == 0 { "" } else { "," };
                write!(file, "{comma}\n{item}").unwrap();
            }
            writeln!(file, "\n    ],\n    \"kind\": \"List\"\n}}").unwrap();
        }
    }
    file.flush().unwrap();
    path
}

fn indented(object: &Value) -> String {
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    serde::Serialize::serialize(object, &mut serializer).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    // Two levels deep, inside of the list.
    format!("        {}", text.replace('\n', "\n        "))
}

fn name(number: usize) -> String {
    format!("worker-{number:06}.prod.example.internal")
}

fn address(number: usize) -> String {
    format!(
        "172.{}.{}.{}",
        16 + (number >> 16),
        (number >> 8) & 255,
        number & 255
    )
}

/// A /26 each, of 10.0.0.0/8.
fn pod_cidr(number: usize) -> String {
    format!(
        "10.{}.{}.{}/26",
        number >> 10,
        (number >> 2) & 255,
        (number & 3) * 64
    )
}

fn config() -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "cilium-config", "namespace": "kube-system"},
        "data": {
            "ipam": "cluster-pool",
            "cluster-pool-ipv4-cidr": "10.0.0.0/8", "cluster-pool-ipv4-mask-size": "26",
            "enable-ipv4": "true", "enable-ipv6": "false",
            "routing-mode": "tunnel", "tunnel-protocol": "vxlan",
        },
    })
}

fn labels(number: usize) -> Value {
    json!({
        "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux",
        "beta.kubernetes.io/instance-type": "vsphere-vm.cpu-8.mem-32gb.os-ubuntu",
        "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux",
        "kubernetes.io/hostname": name(number),
        "node.kubernetes.io/instance-type": "vsphere-vm.cpu-8.mem-32gb.os-ubuntu",
        "topology.kubernetes.io/region": "eu-1",
        "topology.kubernetes.io/zone": format!("eu-1{}", ["a", "b", "c"][number % 3]),
    })
}

fn node(number: usize) -> Value {
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({
            "lastHeartbeatTime": "2026-06-01T10:00:00Z",
            "lastTransitionTime": "2026-03-04T09:13:44Z",
            "message": message, "reason": reason, "status": status, "type": kind,
        })
    };
    let images: Vec<Value> = (0..22)
        .map(|image| {
            let digest = (number * 31 + image * 7919) as u128;
            let registry = format!("registry.example.internal/platform/service-{image}");
            json!({
                "names": [
                    format!("{registry}@sha256:{digest:064x}"),
                    format!("{registry}:1.{image}.{}", number % 40),
                ],
                "sizeBytes": 120_000_000 + image * 137,
            })
        })
        .collect();
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "annotations": {
                "alpha.kubernetes.io/provided-node-ip": address(number),
                "kubeadm.alpha.kubernetes.io/cri-socket": "unix:///run/containerd/containerd.sock",
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
            "creationTimestamp": "2026-03-04T09:12:44Z", "labels": labels(number),
            "name": name(number), "resourceVersion": (91_000_000 + number).to_string(),
            "uid": format!("5f0c9a6e-6f1a-4c3e-9b6b-{number:012}"),
        },
        "spec": {"providerID": format!("vsphere://{number:032x}")},
        "status": {
            "addresses": [
                {"address": address(number), "type": "InternalIP"},
                {"address": name(number), "type": "Hostname"},
            ],
            "allocatable": {"cpu": "7910m", "ephemeral-storage": "93478772582", "memory": "31830300Ki", "pods": "110"},
            "capacity": {"cpu": "8", "ephemeral-storage": "101430960Ki", "memory": "32854300Ki", "pods": "110"},
            "conditions": [
                condition("NetworkUnavailable", "False", "CiliumIsUp", "Cilium is running on this node"),
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "images": images,
            "nodeInfo": {
                "architecture": "amd64", "bootID": format!("1b0c9a6e-6f1a-4c3e-9b6b-{number:012}"),
                "containerRuntimeVersion": "containerd://1.7.24",
                "kernelVersion": "5.15.0-130-generic", "kubeProxyVersion": "v1.31.4",
                "kubeletVersion": "v1.31.4", "machineID": format!("{number:032x}"),
                "operatingSystem": "linux", "osImage": "Ubuntu 22.04.5 LTS",
                "systemUUID": format!("42190c9a-6e6f-1a4c-3e9b-{number:012}"),
            },
        },
    })
}

fn cilium_node(number: usize) -> Value {
    json!({
        "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
        "metadata": {
            "creationTimestamp": "2026-03-04T09:13:02Z", "generation": 3,
            "labels": labels(number), "name": name(number),
            "ownerReferences": [{
                "apiVersion": "v1", "kind": "Node", "name": name(number),
                "uid": format!("5f0c9a6e-6f1a-4c3e-9b6b-{number:012}"),
            }],
            "resourceVersion": (92_000_000 + number).to_string(),
            "uid": format!("6f0c9a6e-6f1a-4c3e-9b6b-{number:012}"),
        },
        "spec": {
            "addresses": [{"ip": address(number), "type": "InternalIP"}],
            "alibaba-cloud": {}, "azure": {}, "encryption": {}, "eni": {},
            "bootid": format!("1b0c9a6e-6f1a-4c3e-9b6b-{number:012}"),
            "health": {}, "ingress": {},
            "ipam": {"podCIDRs": [pod_cidr(number)], "pools": {}},
        },
        "status": {"alibaba-cloud": {}, "azure": {}, "eni": {}, "ipam": {"operator-status": {}}},
    })
}
