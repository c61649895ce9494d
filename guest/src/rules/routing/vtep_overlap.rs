//! routing/vtep-overlap: answers to the load balancer that go into a tunnel.

use super::agents::{RESTART, each};
use crate::detect::ako::Ako;
use crate::detect::cilium::agents::AgentConfig;
use crate::prefix::Prefix;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/vtep-overlap",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("vtep_overlap.md"),
    check,
};

const ENABLED: &str = "enable-vtep";
const CIDRS: &str = "vtep-cidr";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &[ENABLED, CIDRS], |agents| {
        judge(context, agents)
    })
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    if !agents.is_on(ENABLED, false) {
        return Ok(None);
    }
    // The agent refuses a list with an entry that is no CIDR.
    let entries = agents.text(CIDRS).unwrap_or_default();
    let entries = entries
        .split(|separator: char| separator == ',' || separator.is_whitespace())
        .filter(|entry| !entry.is_empty());
    let Ok(tunnelled) = entries.map(Prefix::parse).collect::<Result<Vec<_>, _>>() else {
        return Ok(None);
    };
    if tunnelled.is_empty() {
        return Ok(None);
    }
    let networks = load_balancer_networks(context)?;
    let clash = tunnelled.iter().find_map(|parsed| {
        let network = networks
            .iter()
            .find(|network| network.overlaps(parsed.prefix))?;
        Some((parsed.prefix, network))
    });
    let Some((cidr, network)) = clash else {
        return Ok(None);
    };
    Ok(Some(
        Draft::new(format!(
            "the load balancer's network {network} overlaps {CIDRS} {cidr}{}",
            agents.whose()
        ))
        .effect("pods' answers to the load balancer leave in VXLAN to the VTEP, and not to the load balancer: connections through it do not come up")
        .fix(format!(
            "take the load balancer's networks out of {CIDRS} (and the matching entries of vtep-endpoint and vtep-mac), or set {ENABLED}: \"false\", {RESTART}"
        ))
        .object(agents.key_ref(CIDRS))
        .object(agents.key_ref(ENABLED)),
    ))
}

/// The networks from which the load balancer sends: those it is connected to,
/// and those in which AKO places it.
fn load_balancer_networks(context: &Context<'_>) -> Result<Vec<Prefix>, Missing> {
    let of_ako = context.detected.akos.iter().flat_map(Ako::networks);
    let connected = context.settings.connected_networks.iter().copied();
    let networks: Vec<Prefix> = connected.chain(of_ako).collect();
    if networks.is_empty() {
        return Err(Missing::other("the setting connectedNetworks"));
    }
    Ok(networks)
}
