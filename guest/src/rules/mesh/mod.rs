//! Rules about several clusters behind one load balancer.

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[];
