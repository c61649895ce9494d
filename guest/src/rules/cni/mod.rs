//! Rules about which CNI runs.

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[];
