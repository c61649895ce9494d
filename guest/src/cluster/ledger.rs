//! What has changed since somebody last looked: which nodes, and whether
//! anything that concerns all of them.
//!
//! The second is what makes a change of one node cheap. Which CNI runs is
//! told from annotations, conditions and the mere existence of objects, so
//! the ledger counts by how many objects each such mark is carried. While no
//! mark comes or goes, nothing can come of detecting the CNI again.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{Cluster, Name};
use crate::objects::block_affinity::BlockAffinity;
use crate::objects::metadata::Labels;
use crate::objects::node::Node;
use crate::objects::service::ServicePort;
use crate::objects::{Key, Kind};
use crate::prefix::Prefix;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    revision: u64,
    touched: BTreeSet<String>,
    marks: BTreeMap<Mark, usize>,
    blocks: ByNode,
    subnets: ByNode,
    addresses: BTreeMap<IpAddr, BTreeSet<String>>,
    services: BTreeMap<IpAddr, BTreeSet<Name>>,
    sctp_services: BTreeSet<Name>,
}

/// The names of objects, by the node that they name.
pub(super) type ByNode = BTreeMap<String, BTreeSet<String>>;

/// Something by which CNIs show, or that routes need at least one of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Exists(Kind),
    Annotation(&'static str),
    NetworkReason(String),
    /// A block that no load balancer's addresses are of.
    Block,
    HeldBlock,
}

/// What an object adds to the ledger.
#[derive(Debug, Default)]
pub(super) struct Entry {
    marks: BTreeSet<Mark>,
    /// The node that the object speaks of.
    node: Option<String>,
    /// What a node reports in status.addresses, or a Service's own.
    addresses: BTreeSet<IpAddr>,
    /// Whether it is a Service with an SCTP port.
    has_sctp: bool,
    /// The node's labels, where a CiliumNodeConfig may select nodes by them.
    labels: Option<Labels>,
    /// Whether anything in the object may concern every node.
    is_shared: bool,
}

impl Entry {
    fn shared() -> Self {
        Self {
            is_shared: true,
            ..Self::default()
        }
    }
}

impl Ledger {
    /// Notes a change that may concern every node.
    pub(super) fn shake(&mut self) {
        self.revision += 1;
    }

    /// Notes that an object has changed, come or gone.
    pub(super) fn enter(&mut self, key: &Key, before: Entry, after: Entry) {
        if before.is_shared || after.is_shared || before.labels != after.labels {
            self.shake();
        }
        for mark in before.marks.difference(&after.marks) {
            let left = self.marks.get_mut(mark).map(|count| {
                *count -= 1;
                *count
            });
            if left.is_none_or(|left| left == 0) {
                self.marks.remove(mark);
                self.shake();
            }
        }
        for mark in after.marks.difference(&before.marks) {
            let count = self.marks.entry(mark.clone()).or_default();
            *count += 1;
            if *count == 1 {
                self.shake();
            }
        }
        if before.node != after.node
            && let Some(index) = self.index(key.kind)
        {
            if let Some(node) = &before.node
                && let Some(names) = index.get_mut(node)
            {
                names.remove(&key.name);
                if names.is_empty() {
                    index.remove(node);
                }
            }
            if let Some(node) = &after.node {
                let names = index.entry(node.clone()).or_default();
                names.insert(key.name.clone());
            }
        }
        if key.kind == Kind::Service {
            let name = (key.namespace.clone(), key.name.clone());
            if after.has_sctp {
                self.sctp_services.insert(name.clone());
            } else {
                self.sctp_services.remove(&name);
            }
            reindex(&mut self.services, &name, &before, &after);
        } else {
            reindex(&mut self.addresses, &key.name, &before, &after);
        }
        self.touched.extend(before.node);
        self.touched.extend(after.node);
    }

    /// The nodes that have an address in a network.
    pub(super) fn nodes_in(&self, network: Prefix) -> impl Iterator<Item = &String> {
        inside(&self.addresses, network)
    }

    /// The Services that have one.
    pub(super) fn services_in(&self, network: Prefix) -> impl Iterator<Item = &Name> {
        inside(&self.services, network)
    }

    /// The Services with an SCTP port.
    pub(super) fn sctp_services(&self) -> &BTreeSet<Name> {
        &self.sctp_services
    }

    fn index(&mut self, kind: Kind) -> Option<&mut ByNode> {
        match kind {
            Kind::BlockAffinity => Some(&mut self.blocks),
            Kind::HostSubnet => Some(&mut self.subnets),
            _ => None,
        }
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn touched(&self) -> &BTreeSet<String> {
        &self.touched
    }

    pub(super) fn take_touched(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.touched)
    }

    /// Forgets changes that were taken back.
    pub(super) fn rewind(&mut self, revision: u64, touched: BTreeSet<String>) {
        self.revision = revision;
        self.touched = touched;
    }

    /// The names of the BlockAffinities that name a node, by node.
    pub(super) fn blocks(&self) -> &ByNode {
        &self.blocks
    }

    /// The names of the HostSubnets that name a node, by node.
    pub(super) fn subnets(&self) -> &ByNode {
        &self.subnets
    }

    /// The nodes that BlockAffinities and HostSubnets name.
    pub(super) fn nodes_named(&self) -> impl Iterator<Item = &String> {
        self.blocks.keys().chain(self.subnets.keys())
    }
}

/// Brings an index by address up to date.
fn reindex<N: Ord + Clone>(
    index: &mut BTreeMap<IpAddr, BTreeSet<N>>,
    name: &N,
    before: &Entry,
    after: &Entry,
) {
    for address in before.addresses.difference(&after.addresses) {
        if let Some(names) = index.get_mut(address) {
            names.remove(name);
            if names.is_empty() {
                index.remove(address);
            }
        }
    }
    for address in after.addresses.difference(&before.addresses) {
        index.entry(*address).or_default().insert(name.clone());
    }
}

/// What has an address in a network.
fn inside<N>(index: &BTreeMap<IpAddr, BTreeSet<N>>, network: Prefix) -> impl Iterator<Item = &N> {
    index
        .range(network.first_address()..)
        .take_while(move |(address, _)| network.contains_address(**address))
        .flat_map(|(_, names)| names)
}

impl Cluster {
    /// What the object of this key adds to the ledger, if it is kept.
    pub(super) fn entry(&self, key: &Key) -> Entry {
        let name = &key.name;
        let entry = match key.kind {
            Kind::Node => self.nodes.get(name).map(|node| Entry {
                marks: marks(node),
                node: Some(name.clone()),
                addresses: node.ips().collect(),
                labels: (!self.cilium_node_configs.is_empty()).then(|| node.labels.clone()),
                ..Entry::default()
            }),
            Kind::CiliumNode => self.cilium_nodes.get(name).map(|_| Entry {
                marks: BTreeSet::from([Mark::Exists(key.kind)]),
                node: Some(name.clone()),
                ..Entry::default()
            }),
            Kind::BlockAffinity => self.block_affinities.get(name).map(|block| Entry {
                marks: marks_of_block(block),
                node: Some(block.node.clone()),
                ..Entry::default()
            }),
            Kind::HostSubnet => self.host_subnets.get(name).map(|subnet| Entry {
                marks: BTreeSet::from([Mark::Exists(key.kind)]),
                node: Some(subnet.host.clone()),
                ..Entry::default()
            }),
            Kind::ConfigMap => {
                let full_name = (key.namespace.clone(), name.clone());
                self.config_maps.get(&full_name).map(|_| Entry::shared())
            }
            Kind::CiliumNodeConfig | Kind::DaemonSet | Kind::Installation | Kind::IpPool => {
                Some(Entry::shared())
            }
            Kind::CiliumPodIpPool
            | Kind::Deployment
            | Kind::Gateway
            | Kind::GatewayClass
            | Kind::Pod
            | Kind::StatefulSet => None,
            Kind::Service => {
                let full_name = (key.namespace.clone(), name.clone());
                self.services.get(&full_name).map(|service| Entry {
                    addresses: service.cluster_ips.iter().copied().collect(),
                    has_sctp: service.ports.iter().any(ServicePort::is_sctp),
                    ..Entry::default()
                })
            }
        };
        entry.unwrap_or_default()
    }
}

fn marks(node: &Node) -> BTreeSet<Mark> {
    let mut marks = BTreeSet::from([Mark::Exists(Kind::Node)]);
    marks.extend(node.annotations.present().map(Mark::Annotation));
    marks.extend(node.network_reason.clone().map(Mark::NetworkReason));
    marks
}

fn marks_of_block(block: &BlockAffinity) -> BTreeSet<Mark> {
    let mut marks = BTreeSet::from([Mark::Exists(Kind::BlockAffinity)]);
    if !block.is_virtual {
        marks.insert(Mark::Block);
    }
    if block.holds() {
        marks.insert(Mark::HeldBlock);
    }
    marks
}
