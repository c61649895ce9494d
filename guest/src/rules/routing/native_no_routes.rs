//! routing/native-no-routes: nobody tells the nodes where pods are.

use super::agents::{RESTART, cilium_owns_node_cidrs, each, mode_ref, routing_mode, set};
use crate::detect::cilium::agents::AgentConfig;
use crate::detect::cilium::routing::RoutingMode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/native-no-routes",
    reach: Reach::Cluster,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("native_no_routes.md"),
    check,
};

const DIRECT: &str = "auto-direct-node-routes";

/// Any of these brings packets to another node's pods: routes on the nodes,
/// routes on the routers, or encryption, which packs them up for the node.
const WAYS: [&str; 5] = [
    DIRECT,
    "bgp-announce-pod-cidr",
    "enable-bgp-control-plane",
    "enable-ipsec",
    "enable-wireguard",
];

pub(in crate::rules) const KEYS: [&str; 7] = [
    DIRECT,
    "bgp-announce-pod-cidr",
    "enable-bgp-control-plane",
    "enable-ipsec",
    "enable-wireguard",
    "routing-mode",
    "tunnel",
];

/// By this reason a cloud's route controller signs a node's condition
/// NetworkUnavailable.
const ROUTED_BY_CLOUD: &str = "RouteCreated";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &KEYS, |agents| judge(context, agents))
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    let has_way = WAYS.iter().any(|key| agents.bool(key, false) != Ok(false));
    let is_native = routing_mode(context, agents).map(|mode| mode == Some(RoutingMode::Native));
    if has_way || is_native == Ok(false) || is_routed_by_others(context) {
        return Ok(None);
    }
    is_native?;
    // Elsewhere the pods' addresses are the network's own, or another CNI's.
    if !cilium_owns_node_cidrs(context)? {
        return Ok(None);
    }
    Ok(Some(
        Draft::new(format!(
            "the pods of other nodes are routed natively, but neither {DIRECT} nor BGP is set{}",
            agents.whose()
        ))
        .effect("pods on different nodes do not reach each other unless the routers between them have a route for each pod CIDR; the load balancer reaches the pods by its own routes")
        .fix(format!(
            "if the nodes share one subnet, {} (Helm: autoDirectNodeRoutes=true) {RESTART}; else announce the pod CIDRs (enable-bgp-control-plane and a BGP configuration), or check that the routers have their routes",
            set(agents, DIRECT, "true")
        ))
        .object(mode_ref(agents))
        .object(agents.key_ref(DIRECT)),
    ))
}

/// Whether the cloud or kube-router lays routes, or there is nothing to route.
fn is_routed_by_others(context: &Context<'_>) -> bool {
    let nodes = &context.cluster.nodes;
    let is_alone = nodes.len() == 1;
    let by_cloud = nodes
        .values()
        .any(|node| node.network_reason.as_deref() == Some(ROUTED_BY_CLOUD));
    let by_kube_router = context
        .cluster
        .daemon_sets
        .keys()
        .any(|(_, name)| name == "kube-router");
    is_alone || by_cloud || by_kube_router
}
