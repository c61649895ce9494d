//! Rules about single nodes: their pod CIDRs, next hops and CiliumNodes.

pub mod cidr_invalid;
pub mod cidr_mismatch;
pub mod cilium_node_missing;
pub mod cilium_node_orphan;
pub mod cilium_node_stale_ip;
pub mod excluded;
pub mod extra_cidr;
pub mod host_bits;
pub mod ipam_error;
pub mod link_local_next_hop;
pub mod next_hop_ambiguous;
pub mod next_hop_annotation;
pub mod no_next_hop;
pub mod no_pod_cidr;
pub mod not_ready;
pub mod required;
mod source;
pub mod too_many_cidrs;

use super::rule::Rule;

pub const RULES: &[&Rule] = &[
    &cidr_invalid::RULE,
    &cidr_mismatch::RULE,
    &cilium_node_missing::RULE,
    &cilium_node_orphan::RULE,
    &cilium_node_stale_ip::RULE,
    &excluded::RULE,
    &extra_cidr::RULE,
    &host_bits::RULE,
    &ipam_error::RULE,
    &link_local_next_hop::RULE,
    &next_hop_ambiguous::RULE,
    &next_hop_annotation::RULE,
    &no_next_hop::RULE,
    &no_pod_cidr::RULE,
    &not_ready::RULE,
    &too_many_cidrs::RULE,
];
