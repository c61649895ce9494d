//! Rules about routes: prefixes against each other, and next hops.

pub mod duplicate_prefix;
pub mod next_hop_in_prefix;
pub mod overlapping_prefix;
pub mod protected_overlap;

use super::rule::Rule;

pub const RULES: &[&Rule] = &[
    &duplicate_prefix::RULE,
    &next_hop_in_prefix::RULE,
    &overlapping_prefix::RULE,
    &protected_overlap::RULE,
];
