//! Rules about OVN-Kubernetes.

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[];
