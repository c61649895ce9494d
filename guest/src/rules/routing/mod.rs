//! Rules about how Cilium moves packets between nodes and out of the cluster.

mod agents;
pub mod direct_routes_l2;
pub mod direct_routes_tunnel;
pub mod eni_tunnel;
pub mod legacy_tunnel_key;
pub mod local_router_tunnel;
pub mod mode_invalid;
pub mod multi_pool_endpoint_routes;
pub mod multi_pool_ipsec;
pub mod multi_pool_tunnel;
pub(crate) mod native_cidr;
pub mod native_cidr_invalid;
pub mod native_cidr_missing;
pub mod native_cidr_narrow;
pub mod native_no_routes;
pub mod no_local_route;
pub mod skip_unreachable;
pub mod tunnel_and_mode;
pub mod tunnel_protocol;
pub mod vtep_overlap;

use super::rule::Rule;

/// Every rule of the family.
pub const RULES: &[&Rule] = &[
    &direct_routes_l2::RULE,
    &direct_routes_tunnel::RULE,
    &eni_tunnel::RULE,
    &legacy_tunnel_key::RULE,
    &local_router_tunnel::RULE,
    &mode_invalid::RULE,
    &multi_pool_endpoint_routes::RULE,
    &multi_pool_ipsec::RULE,
    &multi_pool_tunnel::RULE,
    &native_cidr_invalid::RULE,
    &native_cidr_missing::RULE,
    &native_cidr_narrow::RULE,
    &native_no_routes::RULE,
    &no_local_route::RULE,
    &skip_unreachable::RULE,
    &tunnel_and_mode::RULE,
    &tunnel_protocol::RULE,
    &vtep_overlap::RULE,
];
