//! Rules about the ranges that pod CIDRs are allocated from.

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[];
