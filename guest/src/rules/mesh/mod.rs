//! Rules about several clusters behind one load balancer.

pub mod overlap;

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[&overlap::RULE];
