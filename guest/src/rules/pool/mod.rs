//! Rules about the ranges that pod CIDRs are allocated from.

pub mod contains_node_ip;
pub mod contains_service_ip;
pub mod exhausted;
pub mod family;
pub mod mask_invalid;
pub mod mask_tiny;
pub mod mask_wider;
pub mod missing;
pub mod orphan_cidr;
pub mod overlap;
pub mod pod_ip_pool_overlap;
mod pools;
mod ranges;
pub mod stale_cidr;
pub mod unexpected;
mod wording;

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[
    &contains_node_ip::RULE,
    &contains_service_ip::RULE,
    &exhausted::RULE,
    &family::RULE,
    &mask_invalid::RULE,
    &mask_tiny::RULE,
    &mask_wider::RULE,
    &missing::RULE,
    &orphan_cidr::RULE,
    &overlap::RULE,
    &pod_ip_pool_overlap::RULE,
    &stale_cidr::RULE,
    &unexpected::RULE,
];
