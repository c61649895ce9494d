//! Rules about settings with which Cilium does not start, or fails in parts.

mod agents;
mod node_port;
mod strict_mode;
mod wording;

pub mod agent_not_ready;
pub mod bad_value;
pub mod cluster_id;
pub mod cluster_name;
pub mod delegated_plugin;
pub mod dsr_tunnel;
pub mod encryption;
pub mod kernel_too_old;
pub mod kube_proxy_replacement;
pub mod masquerade;
pub mod no_family;
pub mod node_override;
pub mod operator_image;
pub mod strict_encryption_drops_replies;
pub mod version_skew;

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[
    &agent_not_ready::RULE,
    &bad_value::RULE,
    &cluster_id::RULE,
    &cluster_name::RULE,
    &delegated_plugin::RULE,
    &dsr_tunnel::RULE,
    &encryption::RULE,
    &kernel_too_old::RULE,
    &kube_proxy_replacement::RULE,
    &masquerade::RULE,
    &no_family::RULE,
    &node_override::RULE,
    &operator_image::RULE,
    &strict_encryption_drops_replies::RULE,
    &version_skew::RULE,
];
