//! Rules about the snapshot itself.

pub mod partial;
pub mod suppression_in_vain;

use super::rule::Rule;

pub const RULES: &[&Rule] = &[&partial::RULE, &suppression_in_vain::RULE];
