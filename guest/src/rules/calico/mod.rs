//! Rules about Calico's blocks and pools.

pub mod block_deleted;
pub mod block_pending;
mod blocks;
pub mod pool_mismatch;

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[
    &block_deleted::RULE,
    &block_pending::RULE,
    &pool_mismatch::RULE,
];
