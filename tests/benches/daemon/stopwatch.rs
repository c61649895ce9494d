//! How long it takes from a change of the cluster to the PUT that has it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::avi::{Controller, Gate};
use crate::kube::Cluster;
use crate::{PUT, vrf};

pub(crate) struct Stopwatch<'a> {
    cluster: &'a Cluster,
    controller: &'a Controller,
    /// Where the next PUT stops, after the controller has done it.
    gate: Gate,
    /// When each new next hop was put into the cluster.
    pending: BTreeMap<String, Instant>,
    changes: u32,
    times: Vec<Duration>,
}

impl<'a> Stopwatch<'a> {
    pub(crate) fn new(cluster: &'a Cluster, controller: &'a Controller) -> Self {
        Self {
            cluster,
            controller,
            gate: controller.pause_after(PUT),
            pending: BTreeMap::new(),
            changes: 0,
            times: Vec::new(),
        }
    }

    /// Gives a node another address, which no node had before.
    pub(crate) fn change(&mut self, index: usize) {
        let name = format!("worker-{index}");
        let mut node = self.cluster.get("Node", "", &name).unwrap();
        self.changes += 1;
        let (high, low) = (self.changes / 250, self.changes % 250 + 1);
        let address = format!("172.16.{high}.{low}");
        node["status"]["addresses"][0]["address"] = address.clone().into();
        self.cluster.apply(node);
        self.pending.insert(address, Instant::now());
    }

    /// Looks at every PUT that comes within this time.
    pub(crate) async fn follow(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while timeout(end.saturating_duration_since(Instant::now()), self.put())
            .await
            .is_ok()
        {}
    }

    pub(crate) async fn all_written(&mut self) {
        while !self.pending.is_empty() {
            self.put().await;
        }
    }

    /// The times since this was last called.
    pub(crate) fn take(&mut self) -> Vec<Duration> {
        std::mem::take(&mut self.times)
    }

    async fn put(&mut self) {
        self.gate.reached().await;
        let now = Instant::now();
        // The next gate is there before the next request can be.
        let next = self.controller.pause_after(PUT);
        std::mem::replace(&mut self.gate, next).release();
        for route in vrf::routes(self.controller) {
            let next_hop = route.split(' ').nth(2).unwrap();
            if let Some(changed) = self.pending.remove(next_hop) {
                self.times.push(now - changed);
            }
        }
    }
}
