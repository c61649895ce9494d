//! Rules about the addresses of running Pods.

pub mod outside_node_cidr;
mod stray;
pub mod wrong_node;

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[&outside_node_cidr::RULE, &wrong_node::RULE];
