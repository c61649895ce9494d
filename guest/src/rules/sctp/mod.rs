//! Rules about SCTP: what Cilium, AKO and the Avi Controller need for it.

mod avi;
mod kernel;
mod usage;

pub mod bpf_masquerade;
pub mod cilium_too_old;
pub mod controller_too_old;
pub mod gateway_api_v1;
pub mod kernel_too_old;
pub mod node_port;
pub mod node_port_local;
pub mod not_enabled;
pub mod target_port;

use super::rule::Rule;

pub const RULES: &[&Rule] = &[
    &bpf_masquerade::RULE,
    &cilium_too_old::RULE,
    &controller_too_old::RULE,
    &gateway_api_v1::RULE,
    &kernel_too_old::RULE,
    &node_port::RULE,
    &node_port_local::RULE,
    &not_enabled::RULE,
    &target_port::RULE,
];
