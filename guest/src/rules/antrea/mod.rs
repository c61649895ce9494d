//! Rules about Antrea.

pub mod annotation_invalid;

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[&annotation_invalid::RULE];
