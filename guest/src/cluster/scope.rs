//! The nodes that are looked at: all of them, or those that have changed.

use std::collections::{BTreeMap, BTreeSet};

use super::Cluster;
use super::ledger::ByNode;
use crate::objects::block_affinity::BlockAffinity;
use crate::objects::cilium_node::CiliumNode;
use crate::objects::host_subnet::HostSubnet;
use crate::objects::node::Node;

/// Nodes, by name. A name without a Node stands for the objects that name it.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    All,
    Only(&'a BTreeSet<String>),
}

/// Objects in the order of their names, whatever the scope.
type Objects<'a, T> = Box<dyn Iterator<Item = &'a T> + 'a>;

impl Cluster {
    pub fn nodes_in<'a>(&'a self, scope: Scope<'a>) -> Objects<'a, Node> {
        named(&self.nodes, scope)
    }

    pub fn cilium_nodes_in<'a>(&'a self, scope: Scope<'a>) -> Objects<'a, CiliumNode> {
        named(&self.cilium_nodes, scope)
    }

    pub fn block_affinities_in<'a>(&'a self, scope: Scope<'a>) -> Objects<'a, BlockAffinity> {
        naming(&self.block_affinities, self.ledger.blocks(), scope)
    }

    pub fn host_subnets_in<'a>(&'a self, scope: Scope<'a>) -> Objects<'a, HostSubnet> {
        naming(&self.host_subnets, self.ledger.subnets(), scope)
    }

    /// The name of every node that an object may claim pod CIDRs for.
    pub fn nodes_that_claim(&self) -> impl Iterator<Item = String> {
        self.nodes
            .keys()
            .chain(self.cilium_nodes.keys())
            .chain(self.ledger.nodes_named())
            .cloned()
    }
}

/// Objects that have their node's name.
fn named<'a, T>(objects: &'a BTreeMap<String, T>, scope: Scope<'a>) -> Objects<'a, T> {
    match scope {
        Scope::All => Box::new(objects.values()),
        Scope::Only(nodes) => Box::new(nodes.iter().filter_map(|node| objects.get(node))),
    }
}

/// Objects that name their node in a field.
fn naming<'a, T>(
    objects: &'a BTreeMap<String, T>,
    by_node: &'a ByNode,
    scope: Scope<'a>,
) -> Objects<'a, T> {
    match scope {
        Scope::All => Box::new(objects.values()),
        Scope::Only(nodes) => {
            let of_nodes = nodes.iter().filter_map(|node| by_node.get(node));
            Box::new(of_nodes.flatten().filter_map(|name| objects.get(name)))
        }
    }
}
