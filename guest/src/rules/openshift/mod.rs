//! Rules about OpenShift SDN.

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[];
