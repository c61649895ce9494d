//! Routes of ours that tables have: what is contested stays where it is.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use crate::objects::node::Node;
use crate::objects::selector::LabelSelector;
use crate::prefix::Prefix;

/// The routes of each table, by the nodes whose routes it holds; None: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Programmed(BTreeMap<Option<LabelSelector>, Hops>);

/// A table's routes, by prefix and next hop.
pub type Hops = BTreeSet<(Prefix, IpAddr)>;

impl Programmed {
    /// Says what a table has. Returns whether that is news.
    pub fn set(&mut self, nodes: Option<LabelSelector>, routes: Hops) -> bool {
        if self.0.get(&nodes).unwrap_or(&Hops::new()) == &routes {
            return false;
        }
        self.0.insert(nodes, routes);
        true
    }

    /// Whether packets to a prefix go to a node's address. Of several routes
    /// that take them the longest counts, down to a length. A table that does
    /// not hold the node's routes says nothing of it: what it has goes.
    pub fn leads(&self, node: &Node, prefix: Prefix, shortest: u8, address: IpAddr) -> bool {
        let tables: Vec<&Hops> = self
            .0
            .iter()
            .filter(|(nodes, _)| {
                let nodes = nodes.as_ref();
                nodes.is_none_or(|nodes| nodes.matches(&node.labels.read()))
            })
            .map(|(_, routes)| routes)
            .collect();
        let lengths = (shortest..=prefix.length()).rev();
        lengths
            .filter_map(|length| prefix.shortened(length))
            .map(|cover| {
                let routes = tables.iter().copied();
                routes
                    .flat_map(|routes| next_hops(routes, cover))
                    .collect::<Vec<_>>()
            })
            .find(|next_hops| !next_hops.is_empty())
            .is_some_and(|next_hops| next_hops.contains(&address))
    }
}

fn next_hops(routes: &Hops, prefix: Prefix) -> impl Iterator<Item = IpAddr> {
    let first = (prefix, IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    routes
        .range(first..)
        .take_while(move |(other, _)| *other == prefix)
        .map(|(_, next_hop)| *next_hop)
}
