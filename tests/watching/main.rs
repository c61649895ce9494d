//! Watching a cluster: what is told, and what happens when the API server
//! does not play along. Against the simulator.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../simulators/kube/mod.rs"]
mod cluster;

mod absent;
mod credentials;
mod fleet;
mod follower;
mod kinds;
mod lists;
mod objects;
mod outages;
mod refusals;
mod simulator;
mod watches;

use std::time::Duration;

use podroute::daemon::watch::Timing;
use serde_json::{Value, json};

/// Never within a test.
const NEVER: Duration = Duration::from_hours(1);

/// Quick to try again, and never out of patience.
const PATIENT: Timing = Timing {
    shortest_pause: Duration::from_millis(5),
    longest_pause: Duration::from_millis(40),
    forbidden: Duration::from_millis(40),
    absent: Duration::from_millis(40),
    first: NEVER,
    patience: NEVER,
    answer: Duration::from_secs(20),
    idle: NEVER,
    settled: Duration::from_millis(100),
};

/// The same, but the first failure is one too many.
const IMPATIENT: Timing = Timing {
    first: Duration::ZERO,
    patience: Duration::ZERO,
    ..PATIENT
};

fn node(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}})
}

/// The node with another pod CIDR.
fn node_with(name: &str, pod_cidr: &str) -> Value {
    let mut node = node(name);
    node["spec"] = json!({"podCIDR": pod_cidr});
    node
}

fn cilium_node(name: &str) -> Value {
    json!({"apiVersion": "cilium.io/v2", "kind": "CiliumNode", "metadata": {"name": name}})
}

fn config_map(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": namespace, "name": name},
        "data": {"ipam": "cluster-pool"},
    })
}
