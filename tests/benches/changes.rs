//! What a change of one node costs in the component, in clusters of 1,000,
//! 10,000 and 100,000 nodes: it should not depend on how many others there
//! are. And what a plan costs, which does.
//!
//! `cargo bench -p podroute --bench changes` prints a table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::time::{Duration, Instant};

use podroute::Policy;
use podroute::policy::{
    Cluster, KindState, ObjectKey, ObservedRoute, PlanRequest, RouteChanges, Settings,
};
use serde_json::json;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const TIMES: usize = 2_000;

/// A change of a cluster, and how many routes it sets and takes away.
type Change = (&'static str, fn(&mut Cluster, usize, usize), usize, usize);

const CHANGES: [Change; 5] = [
    ("heartbeat", heartbeat, 0, 0),
    ("next hop", next_hop, 1, 0),
    ("pod CIDR", pod_cidr, 1, 1),
    ("node added", add, 1, 0),
    ("node removed", remove, 0, 1),
];

fn main() {
    let mut medians = vec![Vec::new(); CHANGES.len()];
    for size in SIZES {
        let mut cluster = open(size);
        for (medians, change) in medians.iter_mut().zip(CHANGES) {
            medians.push(median(&mut cluster, size, change));
        }
    }
    let mut header = format!("{:<14}", "microseconds");
    for size in SIZES {
        header.push_str(&format_args!("{size:>9}").to_string());
    }
    println!("{header}    last/first");
    for ((name, ..), medians) in CHANGES.iter().zip(&medians) {
        let micros = |time: &Duration| time.as_secs_f64() * 1e6;
        let mut line = format!("{name:<14}");
        for time in medians {
            line.push_str(&format_args!("{:>9.1}", micros(time)).to_string());
        }
        let ratio = micros(medians.last().unwrap()) / micros(medians.first().unwrap());
        println!("{line}    {ratio:>9.2}");
    }
    for size in [5_000, 100_000] {
        plans(size);
    }
}

/// The median time of one change and of asking what became of the routes.
fn median(cluster: &mut Cluster, size: usize, (name, change, set, gone): Change) -> Duration {
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|round| {
            // Far apart, so that no cache knows the node.
            let number = (round * 7919) % size;
            let at = if set + gone == 1 && name != "next hop" {
                size + round
            } else {
                number
            };
            let start = Instant::now();
            change(cluster, at, round);
            let changes = cluster.changes().unwrap();
            let time = start.elapsed();
            assert_eq!(
                (changes.set.len(), changes.gone.len()),
                (set, gone),
                "{name}"
            );
            time
        })
        .collect();
    times.sort_unstable();
    times[TIMES / 2]
}

fn heartbeat(cluster: &mut Cluster, number: usize, round: usize) {
    let beat = format!("2026-02-03T10:{:02}:{:02}Z", round / 60, round % 60);
    put(cluster, node(number, &address(number), &beat));
}

fn next_hop(cluster: &mut Cluster, number: usize, round: usize) {
    let address = format!("192.168.{}.{}", round / 250, round % 250 + 1);
    put(cluster, node(number, &address, "2026-02-03T11:00:00Z"));
}

fn pod_cidr(cluster: &mut Cluster, number: usize, round: usize) {
    let prefix = format!("11.{}.{}.0/24", round / 256, round % 256);
    put(cluster, cilium_node(number, &prefix));
}

fn add(cluster: &mut Cluster, number: usize, _: usize) {
    put(
        cluster,
        node(number, &address(number), "2026-02-03T11:00:00Z"),
    );
    put(cluster, cilium_node(number, &prefix(number)));
}

fn remove(cluster: &mut Cluster, number: usize, _: usize) {
    for kind in ["CiliumNode", "Node"] {
        let key = ObjectKey {
            kind: kind.to_owned(),
            namespace: None,
            name: name(number),
        };
        assert!(cluster.remove(&key).unwrap());
    }
}

fn put(cluster: &mut Cluster, object: String) {
    assert_eq!(cluster.upsert(&[object]).unwrap(), []);
}

/// The plan for a table that holds nothing, and for one that is right.
fn plans(size: usize) {
    let mut cluster = open(size);
    let mut request = PlanRequest {
        owner: "shop".to_owned(),
        former_owners: Vec::new(),
        node_selector: None,
        observed: Vec::new(),
        delete_share: 25,
        confirmed: None,
        withdraw: false,
    };
    let start = Instant::now();
    let plan = cluster.plan(&request).unwrap();
    let fill = start.elapsed();
    assert_eq!(plan.adds.len(), size);
    let observed = plan.adds.into_iter().map(|route| ObservedRoute {
        id: route.id,
        prefix: route.prefix,
        next_hop: Some(route.next_hop),
        owner: Some("shop".to_owned()),
    });
    request.observed = observed.collect();
    // The first time, the policy learns what is programmed.
    cluster.plan(&request).unwrap();
    let start = Instant::now();
    let plan = cluster.plan(&request).unwrap();
    let right = start.elapsed();
    assert_eq!(plan.right.len(), size);
    println!(
        "a plan of {size} routes: {:.1} ms for an empty table, {:.1} ms for one that is right",
        fill.as_secs_f64() * 1e3,
        right.as_secs_f64() * 1e3
    );
}

/// A cluster of this many nodes, its routes worked out.
fn open(size: usize) -> Cluster {
    let config = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "kube-system", "name": "cilium-config"},
        "data": {"ipam": "cluster-pool", "enable-ipv4": "true", "enable-ipv6": "false"},
    });
    let mut cluster = Policy::built_in()
        .unwrap()
        .open(&Settings::default())
        .unwrap();
    let nodes = (0..size).flat_map(|number| {
        [
            node(number, &address(number), "2026-02-03T09:00:00Z"),
            cilium_node(number, &prefix(number)),
        ]
    });
    let documents: Vec<String> = std::iter::once(config.to_string()).chain(nodes).collect();
    for part in documents.chunks(1_000) {
        assert_eq!(cluster.upsert(part).unwrap(), []);
    }
    for need in cluster.needs().unwrap() {
        cluster.set_kind(&need.kind, &KindState::Listed).unwrap();
    }
    let changes: RouteChanges = cluster.changes().unwrap();
    assert_eq!(changes.undecided, Vec::<String>::new());
    assert_eq!(changes.set.len(), size);
    cluster
}

fn name(number: usize) -> String {
    format!("worker-{number:06}.eu-central.example.internal")
}

fn address(number: usize) -> String {
    let (high, middle, low) = (number / 62_500, number / 250 % 250, number % 250 + 1);
    format!("172.{}.{middle}.{low}", 16 + high)
}

fn prefix(number: usize) -> String {
    // 65,536 /24s in 10.0.0.0/8, the others in 12.0.0.0/8.
    let first = if number < 65_536 { 10 } else { 12 };
    format!("{first}.{}.{}.0/24", number / 256 % 256, number % 256)
}

fn node(number: usize, address: &str, heartbeat: &str) -> String {
    let name = name(number);
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": name, "creationTimestamp": "2026-01-02T03:04:05Z",
            "labels": {"kubernetes.io/hostname": name, "pool": "workers"},
        },
        "spec": {},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": address},
                {"type": "Hostname", "address": name},
            ],
            "conditions": [
                {"type": "NetworkUnavailable", "status": "False", "reason": "CiliumIsUp"},
                {"type": "Ready", "status": "True", "reason": "KubeletReady",
                 "lastHeartbeatTime": heartbeat},
            ],
            "nodeInfo": {"kernelVersion": "6.8.0", "kubeletVersion": "v1.34.0"},
        },
    })
    .to_string()
}

fn cilium_node(number: usize, prefix: &str) -> String {
    json!({
        "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
        "metadata": {"name": name(number), "creationTimestamp": "2026-01-02T03:05:00Z"},
        "spec": {"ipam": {"podCIDRs": [prefix]}},
    })
    .to_string()
}
