//! Rules about how Cilium moves packets between nodes and out of the cluster.

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[];
