//! Rules about single nodes: their pod CIDRs, next hops and CiliumNodes.

pub mod cilium_node_orphan;
pub mod link_local_next_hop;
pub mod no_next_hop;

use super::rule::Rule;

pub const RULES: &[&Rule] = &[
    &cilium_node_orphan::RULE,
    &link_local_next_hop::RULE,
    &no_next_hop::RULE,
];
