//! cilium/encryption: encryption settings that the agent refuses together.

use std::net::IpAddr;

use super::strict_mode;
use super::wording::refused;
use crate::detect::cilium::agents::AgentConfig;
use crate::objects::node::Node;
use crate::prefix::Family;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording::subject;

pub const RULE: Rule = Rule {
    id: "cilium/encryption",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("encryption.md"),
    check,
};

pub(super) const KEYS: [&str; 4] = [WIREGUARD, IPSEC, FIREWALL, L7_PROXY];
const WIREGUARD: &str = "enable-wireguard";
const IPSEC: &str = "enable-ipsec";
const FIREWALL: &str = "enable-host-firewall";
const L7_PROXY: &str = "enable-l7-proxy";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for agents in context.cilium_agents(&KEYS)? {
        let is_on = |key| agents.bool(key, false) == Ok(true);
        if is_on(WIREGUARD) && is_on(IPSEC) {
            verdict.report(
                Draft::new(format!("{WIREGUARD} and {IPSEC} are both true{}", agents.whose()))
                    .effect(refused("Wireguard (--enable-wireguard) cannot be used with IPSec (--enable-ipsec)"))
                    .fix(format!("keep one: set {IPSEC}: \"false\" with encryption.type=wireguard in Helm's values, or {WIREGUARD}: \"false\" with encryption.type=ipsec"))
                    .object(agents.key_ref(WIREGUARD))
                    .object(agents.key_ref(IPSEC)),
            );
        }
        if is_on(IPSEC) && is_on(FIREWALL) {
            verdict.report(
                Draft::new(format!("{IPSEC} and {FIREWALL} are both true{}", agents.whose()))
                    .effect(refused("IPSec cannot be used with the host firewall."))
                    .fix(format!("set {FIREWALL}: \"false\" (Helm: hostFirewall.enabled=false), or encrypt with WireGuard (Helm: encryption.type=wireguard)"))
                    .object(agents.key_ref(FIREWALL))
                    .object(agents.key_ref(IPSEC)),
            );
        }
        if is_on(WIREGUARD) && agents.bool(L7_PROXY, true) == Ok(true) {
            wireguard_with_proxy(context, &agents, verdict);
        }
    }
    for agents in context.cilium_agents(&strict_mode::KEYS)? {
        nodes_in_strict_network(context, &agents, verdict);
    }
    Ok(())
}

/// Up to 1.13 the two do not go together.
fn wireguard_with_proxy(context: &Context<'_>, agents: &AgentConfig<'_>, verdict: &mut Verdict) {
    match context.cilium_version() {
        Err(missing) => verdict.lacks(missing),
        Ok(version) if version.at_least(1, 14) => {}
        Ok(version) => verdict.report(
            Draft::new(format!("{WIREGUARD} is true and {L7_PROXY} is on{}, which Cilium {version} does not support together", agents.whose()))
                .effect(refused("Wireguard (--enable-wireguard) is not compatible with L7 proxy (--enable-l7-proxy)"))
                .fix(format!("set {L7_PROXY}: \"false\" (Helm: l7Proxy=false; it is on where the key is missing), or upgrade Cilium to 1.14 or newer"))
                .object(agents.key_ref(L7_PROXY))
                .object(agents.key_ref(WIREGUARD)),
        ),
    }
}

/// A node with an address in the strict network could reach no other node.
fn nodes_in_strict_network(context: &Context<'_>, agents: &AgentConfig<'_>, verdict: &mut Verdict) {
    let version = context.cilium_version().ok();
    let Some(strict) = strict_mode::of(agents, version) else {
        return;
    };
    if strict.allows_nodes != Some(false) {
        return;
    }
    if agents.nodes.is_empty() {
        verdict.lacks(Missing::Kind("Node"));
    }
    let inside: Vec<&Node> = agents
        .nodes
        .iter()
        .copied()
        .filter(|node| internal_v4(node).is_some_and(|ip| strict.network.contains_address(ip)))
        .collect();
    if inside.is_empty() {
        return;
    }
    let names: Vec<&str> = inside.iter().map(|node| node.name()).collect();
    let who = subject("node", &names, ["has its", "have their"]);
    verdict.report(
        Draft::new(format!("{who} address in the strict network {}, and {} is not true", strict.network, strict.allows_nodes_key))
            .effect(refused("encryption strict mode is enabled but the node's IPv4 address is within the strict CIDR range. This will cause the node to drop all traffic."))
            .fix(format!("set {} to the pods' network without the nodes' (Helm: encryption.strictMode), or {}: \"true\"", strict.network_key, strict.allows_nodes_key))
            .object(agents.key_ref(strict.network_key))
            .objects(inside.iter().map(|node| node.to_ref().at("status.addresses"))),
    );
}

/// The address that the agent takes for its node's.
fn internal_v4(node: &Node) -> Option<IpAddr> {
    node.addresses
        .iter()
        .filter(|address| address.kind == "InternalIP")
        .filter_map(|address| address.ip)
        .find(|address| Family::of(*address) == Family::V4)
}
