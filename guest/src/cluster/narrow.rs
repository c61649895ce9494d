//! A cluster reduced to some of its nodes, and back: what is asked of a few
//! objects need not look at thousands.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cluster, Name};
use crate::objects::block_affinity::BlockAffinity;
use crate::objects::cilium_node::CiliumNode;
use crate::objects::host_subnet::HostSubnet;
use crate::objects::node::Node;
use crate::objects::service::Service;

/// The objects that were set aside.
#[derive(Debug, Default)]
pub struct Aside {
    nodes: BTreeMap<String, Node>,
    cilium_nodes: BTreeMap<String, CiliumNode>,
    block_affinities: BTreeMap<String, BlockAffinity>,
    host_subnets: BTreeMap<String, HostSubnet>,
    services: BTreeMap<Name, Service>,
}

impl Cluster {
    /// Sets aside the objects of all nodes but these, and all Services but
    /// those. [`Cluster::widen`] brings them back.
    pub fn narrow(&mut self, nodes: &BTreeSet<String>, services: &BTreeSet<Name>) -> Aside {
        let blocks = names(nodes, self.ledger.blocks());
        let subnets = names(nodes, self.ledger.subnets());
        Aside {
            nodes: keep(&mut self.nodes, nodes),
            cilium_nodes: keep(&mut self.cilium_nodes, nodes),
            block_affinities: keep(&mut self.block_affinities, &blocks),
            host_subnets: keep(&mut self.host_subnets, &subnets),
            services: keep(&mut self.services, services),
        }
    }

    /// Brings back what was set aside.
    pub fn widen(&mut self, aside: Aside) {
        restore(&mut self.nodes, aside.nodes);
        restore(&mut self.cilium_nodes, aside.cilium_nodes);
        restore(&mut self.block_affinities, aside.block_affinities);
        restore(&mut self.host_subnets, aside.host_subnets);
        restore(&mut self.services, aside.services);
    }
}

/// The names of the objects that name one of these nodes.
fn names(nodes: &BTreeSet<String>, by_node: &super::ledger::ByNode) -> BTreeSet<String> {
    let of_nodes = nodes.iter().filter_map(|node| by_node.get(node));
    of_nodes.flatten().cloned().collect()
}

/// Leaves these objects in the map and returns the others.
fn keep<K: Ord + Clone, T>(map: &mut BTreeMap<K, T>, names: &BTreeSet<K>) -> BTreeMap<K, T> {
    let mut all = std::mem::take(map);
    map.extend(names.iter().filter_map(|name| all.remove_entry(name)));
    all
}

fn restore<K: Ord, T>(map: &mut BTreeMap<K, T>, mut all: BTreeMap<K, T>) {
    // Not append: that one rebuilds the whole map.
    all.extend(std::mem::take(map));
    *map = all;
}
