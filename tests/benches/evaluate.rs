//! The whole evaluation of a large cluster in the component, against the same
//! logic built natively, in one run: 5,000 Nodes of 6 KB and 5,000 CiliumNodes
//! of 2 KB, as the API server writes them.
//!
//! `cargo bench -p podroute` prints the ratio at the end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use criterion::{BatchSize, Criterion};
use podroute::Policy;
use podroute::policy::Settings;
use podroute_policy::cluster::Cluster;
use podroute_policy::evaluate::evaluate;
use serde_json::{Value, json};

const NODES: usize = 5_000;

fn main() {
    let documents = cluster(NODES);
    let bytes: usize = documents.iter().map(String::len).sum();
    let policy = Policy::built_in().unwrap();
    let settings = Settings::default();
    let native_settings = podroute_policy::settings::Settings::default();

    // The two must do the same work before their times mean anything.
    let report = policy.evaluate(&documents, &settings).unwrap();
    assert_eq!(report.routes.len(), 2 * NODES);
    assert_eq!(native(&documents, &native_settings), report.routes.len());

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(8))
        .sample_size(30)
        .configure_from_args();
    let mut group = criterion.benchmark_group("evaluate-5000");
    group.bench_function("native", |bencher| {
        bencher.iter(|| native(black_box(&documents), &native_settings));
    });
    group.bench_function("component", |bencher| {
        bencher.iter(|| policy.evaluate(black_box(&documents), &settings).unwrap());
    });
    group.finish();

    let mut group = criterion.benchmark_group("cluster-5000");
    let change = documents.first().unwrap().clone();
    let mut kept = policy.open(&settings).unwrap();
    kept.load(&documents).unwrap();
    group.bench_function("upsert-one", |bencher| {
        bencher.iter(|| {
            kept.upsert(black_box(std::slice::from_ref(&change)))
                .unwrap()
        });
    });
    group.bench_function("report", |bencher| {
        bencher.iter_batched(
            || (),
            |()| {
                kept.upsert(std::slice::from_ref(&change)).unwrap();
                kept.report().unwrap()
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();

    if let (Some(native), Some(component)) = (
        median("evaluate-5000", "native"),
        median("evaluate-5000", "component"),
    ) {
        println!(
            "{NODES} Nodes + {NODES} CiliumNodes, {} MB: native {native:.1} ms, component {component:.1} ms, ratio {:.2}",
            bytes / 1_000_000,
            component / native
        );
    }
}

/// The same evaluation without WebAssembly. Returns the number of routes.
fn native(documents: &[String], settings: &podroute_policy::settings::Settings) -> usize {
    let mut cluster = Cluster::default();
    cluster.load(documents.iter().map(String::as_str));
    evaluate(&cluster, settings).routes.len()
}

/// A median that criterion has just measured, in milliseconds.
fn median(group: &str, function: &str) -> Option<f64> {
    let path: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "../target/criterion",
        group,
        function,
        "new/estimates.json",
    ]
    .iter()
    .collect();
    let estimates: Value = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
    Some(estimates["median"]["point_estimate"].as_f64()? / 1e6)
}

fn cluster(count: usize) -> Vec<String> {
    let config = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "kube-system", "name": "cilium-config"},
        "data": {"ipam": "cluster-pool", "enable-ipv4": "true", "enable-ipv6": "true"},
    });
    let nodes = (0..count).flat_map(|number| [node(number), cilium_node(number)]);
    std::iter::once(config.to_string()).chain(nodes).collect()
}

fn prefixes(number: usize) -> [String; 2] {
    let (high, low) = (number / 256, number % 256);
    [
        format!("10.{high}.{low}.0/24"),
        format!("fd00:0:{high:x}:{low:x}::/64"),
    ]
}

fn addresses(number: usize) -> [String; 2] {
    let (high, low) = (number / 250, number % 250 + 1);
    [
        format!("172.16.{high}.{low}"),
        format!("2001:db8::{high:x}:{low:x}"),
    ]
}

/// About 6 KB: annotations, conditions, and the images of a busy node.
fn node(number: usize) -> String {
    let name = format!("worker-{number:05}.eu-central.example.internal");
    let [v4, v6] = addresses(number);
    let images: Vec<Value> = (0..22)
        .map(|image| {
            json!({
                "names": [
                    format!("registry.example.com/platform/service-{image:02}@sha256:{:064x}", number * 31 + image),
                    format!("registry.example.com/platform/service-{image:02}:v1.{image}.{}", number % 17),
                ],
                "sizeBytes": 50_000_000 + image * 1_000_003,
            })
        })
        .collect();
    let conditions: Vec<Value> = [
        ("NetworkUnavailable", "False", "CiliumIsUp"),
        ("MemoryPressure", "False", "KubeletHasSufficientMemory"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID"),
        ("Ready", "True", "KubeletReady"),
    ]
    .iter()
    .map(|(kind, status, reason)| {
        json!({"type": kind, "status": status, "reason": reason,
               "message": format!("kubelet reports {reason}"),
               "lastHeartbeatTime": "2026-02-03T10:11:12Z", "lastTransitionTime": "2026-01-02T03:04:05Z"})
    })
    .collect();
    let [prefix_v4, prefix_v6] = prefixes(number);
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": name, "resourceVersion": (100_000 + number).to_string(),
            "uid": format!("{number:08x}-0000-4000-8000-000000000000"),
            "creationTimestamp": "2026-01-02T03:04:05Z",
            "labels": {
                "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
                "topology.kubernetes.io/zone": format!("zone-{}", number % 3),
                "node.kubernetes.io/instance-type": "m16.large", "pool": "workers",
            },
            "annotations": {
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
                "csi.volume.kubernetes.io/nodeid": format!("{{\"csi.example.com\":\"{name}\"}}"),
            },
        },
        "spec": {"podCIDR": prefix_v4, "podCIDRs": [prefix_v4, prefix_v6],
                 "providerID": format!("example://{name}")},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": v4},
                {"type": "InternalIP", "address": v6},
                {"type": "Hostname", "address": name},
            ],
            "capacity": {"cpu": "32", "memory": "131072000Ki", "pods": "110"},
            "allocatable": {"cpu": "31", "memory": "129072000Ki", "pods": "110"},
            "conditions": conditions,
            "images": images,
            "nodeInfo": {"kernelVersion": "6.8.0-38-generic", "kubeletVersion": "v1.33.1",
                         "osImage": "Ubuntu 24.04 LTS", "operatingSystem": "linux"},
        },
    })
    .to_string()
}

/// About 2 KB: the labels are copied from the Node.
fn cilium_node(number: usize) -> String {
    let name = format!("worker-{number:05}.eu-central.example.internal");
    let [v4, v6] = addresses(number);
    let labels: serde_json::Map<String, Value> = (0..18)
        .map(|label| {
            (
                format!("label-{label:02}.platform.example.com/attribute"),
                json!(format!("value-{}", number + label)),
            )
        })
        .collect();
    json!({
        "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
        "metadata": {
            "name": name, "resourceVersion": (200_000 + number).to_string(), "generation": 3,
            "creationTimestamp": "2026-01-02T03:05:00Z", "labels": labels,
            "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": name,
                                 "uid": format!("{number:08x}-0000-4000-8000-000000000000")}],
        },
        "spec": {
            "addresses": [
                {"type": "InternalIP", "ip": v4}, {"type": "InternalIP", "ip": v6},
                {"type": "CiliumInternalIP", "ip": format!("10.{}.{}.7", number / 256, number % 256)},
            ],
            "bootid": "0c7c9f5a-2a17-4a5e-8f6b-2d1d6b7f9e01",
            "ipam": {"podCIDRs": prefixes(number), "pools": {}},
            "health": {}, "ingress": {}, "eni": {}, "azure": {}, "alibaba-cloud": {},
        },
        "status": {"alibaba-cloud": {}, "azure": {}, "eni": {}, "ipam": {"operator-status": {}}},
    })
    .to_string()
}
