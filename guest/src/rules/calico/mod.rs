//! Rules about Calico's blocks and pools.

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[];
