//! Rules about OpenShift SDN.

pub mod host_subnet_invalid;

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[&host_subnet_invalid::RULE];
