//! route/off-link: next hops that the load balancer has no interface to.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::{list, next_hop_ref, routed};
use crate::prefix::Family;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "route/off-link",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("off_link.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let hops: BTreeSet<(&str, IpAddr)> = routed(context.mapping())
        .map(|(mapped, next_hop)| (mapped.claim.node, next_hop))
        .collect();
    let networks = &context.settings.connected_networks;
    if networks.is_empty() && !hops.is_empty() {
        return Err(Missing::other("the setting connectedNetworks"));
    }
    let off_link: Vec<(&str, IpAddr)> = hops
        .into_iter()
        .filter(|(_, next_hop)| context.settings.connected_network_of(*next_hop).is_none())
        .collect();
    if let Some((node, next_hop)) = off_link.first() {
        let networks: Vec<String> = networks.iter().map(ToString::to_string).collect();
        let what = match off_link.len() {
            1 => format!("the next hop {next_hop} of node {node} is"),
            count => format!("{count} next hops, the first is {next_hop} of node {node}, are"),
        };
        verdict.report(
            Draft::new(format!(
                "{what} in no network that the load balancer is connected to ({})",
                list(&networks)
            ))
            .effect("a load balancer refuses a static route to a gateway outside its own networks, or drops the packets: the pods of these nodes cannot be reached")
            .fix("give the load balancer an interface in the nodes' network and name that network in connectedNetworks; or let the nodes report an address inside it first (kubelet's --node-ip, or the setting nextHopTypes)")
            .objects(
                off_link
                    .iter()
                    .filter_map(|(node, hop)| next_hop_ref(context, node, Family::of(*hop))),
            ),
        );
    }
    Ok(())
}
