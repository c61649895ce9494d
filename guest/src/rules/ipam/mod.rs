//! Rules about Cilium's IPAM mode: whether the version knows it, and whether
//! the CiliumNodes and AKO go with it.

pub mod mode_changed;
pub mod mode_defaulted;
pub mod mode_removed;
pub mod mode_unknown;
pub mod no_node_cidrs;

use super::rule::Rule;

pub const RULES: &[&Rule] = &[
    &mode_changed::RULE,
    &mode_defaulted::RULE,
    &mode_removed::RULE,
    &mode_unknown::RULE,
    &no_node_cidrs::RULE,
];
