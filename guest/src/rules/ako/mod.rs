//! Rules about AKO: settings and versions under which it programs other routes
//! than the cluster needs, or none.

pub mod cni_plugin_mismatch;
pub mod cni_plugin_unknown;
pub mod delete_config;
pub mod ip_family_mismatch;
pub mod multi_pool_unsupported;
pub mod node_network_list;
pub mod nodeportlocal_needs_antrea;
pub mod other_next_hop;
pub mod pod_cidr_annotation;
pub mod setting_invalid;
pub mod static_routes_off;
pub mod version_too_old;

use super::rule::Rule;

pub const RULES: &[&Rule] = &[
    &cni_plugin_mismatch::RULE,
    &cni_plugin_unknown::RULE,
    &delete_config::RULE,
    &ip_family_mismatch::RULE,
    &multi_pool_unsupported::RULE,
    &node_network_list::RULE,
    &nodeportlocal_needs_antrea::RULE,
    &other_next_hop::RULE,
    &pod_cidr_annotation::RULE,
    &setting_invalid::RULE,
    &static_routes_off::RULE,
    &version_too_old::RULE,
];
