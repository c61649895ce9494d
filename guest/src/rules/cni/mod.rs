//! Rules about which CNI runs.

pub mod assumed;
pub mod no_node_cidrs;
pub mod several;

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[&assumed::RULE, &no_node_cidrs::RULE, &several::RULE];
