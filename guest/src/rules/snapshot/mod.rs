//! Rules about the snapshot itself.

pub mod partial;

use super::rule::Rule;

pub const RULES: &[&Rule] = &[&partial::RULE];
