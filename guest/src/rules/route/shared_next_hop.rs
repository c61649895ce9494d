//! route/shared-next-hop: several nodes with one next hop.

use std::net::IpAddr;

use super::{list, next_hop_ref};
use crate::prefix::Family;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "route/shared-next-hop",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("shared_next_hop.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let claims = context.mapping().claims.iter();
    let mut hops: Vec<(IpAddr, &str)> = claims
        .filter_map(|mapped| Some((mapped.next_hop?, mapped.claim.node)))
        .collect();
    hops.sort_unstable();
    hops.dedup();
    for nodes in hops.chunk_by(|one, other| one.0 == other.0) {
        let [(next_hop, _), _, ..] = nodes else {
            continue;
        };
        let family = Family::of(*next_hop);
        let names: Vec<String> = nodes.iter().map(|(_, node)| (*node).to_owned()).collect();
        verdict.report(
            Draft::new(format!("nodes {} have the same next hop {next_hop}", list(&names)))
                .effect("the pod CIDRs of all of them are routed to one machine: the pods of the others cannot be reached")
                .fix("give each node an address of its own (kubelet's --node-ip); if a machine was renamed, delete the Node that it left behind: kubectl delete node NAME")
                .objects(nodes.iter().filter_map(|(_, node)| next_hop_ref(context, node, family))),
        );
    }
    Ok(())
}
