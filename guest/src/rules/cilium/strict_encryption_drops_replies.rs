//! cilium/strict-encryption-drops-replies: strict mode that covers the load
//! balancer's network.

use std::collections::BTreeSet;

use super::strict_mode::{self, StrictMode};
use crate::detect::ako::Ako;
use crate::detect::cilium::agents::AgentConfig;
use crate::prefix::Prefix;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "cilium/strict-encryption-drops-replies",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("strict_encryption_drops_replies.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let version = context.cilium_version().ok();
    for agents in context.cilium_agents(&strict_mode::KEYS)? {
        let Some(strict) = strict_mode::of(&agents, version) else {
            continue;
        };
        let networks = load_balancer_networks(context)?;
        let covered = networks
            .into_iter()
            .find(|network| strict.network.contains(*network));
        let Some(network) = covered else {
            continue;
        };
        if context.mapping().claims.is_empty() {
            return Err(Missing::other("the pod CIDRs"));
        }
        if let Some(prefix) = first_pod_cidr(context, &agents, &strict) {
            report(&agents, &strict, network, prefix, verdict);
        }
    }
    Ok(())
}

/// The networks that the load balancer is in, as the settings and AKO say.
fn load_balancer_networks(context: &Context<'_>) -> Result<Vec<Prefix>, Missing> {
    let of_ako = context.detected.akos.iter().flat_map(Ako::networks);
    let networks: Vec<Prefix> = context
        .settings
        .connected_networks
        .iter()
        .copied()
        .chain(of_ako)
        .collect();
    if networks.is_empty() {
        return Err(Missing::other(
            "the load balancer's networks (setting `connectedNetworks`)",
        ));
    }
    Ok(networks)
}

/// The first pod CIDR of these agents' nodes that is in the strict network.
fn first_pod_cidr(
    context: &Context<'_>,
    agents: &AgentConfig<'_>,
    strict: &StrictMode,
) -> Option<Prefix> {
    let claims = context.mapping().claims.iter();
    let nodes: BTreeSet<&str> = agents.nodes.iter().map(|node| node.name()).collect();
    claims
        .filter(|mapped| agents.is_everywhere || nodes.contains(mapped.claim.node))
        .map(|mapped| mapped.claim.prefix)
        .find(|prefix| strict.network.overlaps(*prefix))
}

fn report(
    agents: &AgentConfig<'_>,
    strict: &StrictMode,
    network: Prefix,
    prefix: Prefix,
    verdict: &mut Verdict,
) {
    verdict.report(
        Draft::new(format!(
            "the strict network {}{} contains the load balancer's network {network} and pods ({prefix})",
            strict.network,
            agents.whose()
        ))
        .effect("Cilium drops unencrypted packets from this network to this network, and a load balancer cannot decrypt: requests reach the pods, the answers are dropped at the node, every connection times out")
        .fix(format!("set {} to the pods' network alone (Helm: encryption.strictMode), and restart the agents", strict.network_key))
        .object(agents.key_ref(strict.network_key)),
    );
}
