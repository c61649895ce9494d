//! Rules about settings with which Cilium does not start, or fails in parts.

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[];
