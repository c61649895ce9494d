//! Rules about the addresses of running Pods.

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[];
