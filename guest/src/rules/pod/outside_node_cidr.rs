//! pod/outside-node-cidr: a Pod's address is in no node's pod CIDR.

use super::stray::{self, Stray};
use crate::detect::cni::Cni;
use crate::prefix::Family;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording::subject;

pub const RULE: Rule = Rule {
    id: "pod/outside-node-cidr",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("outside_node_cidr.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    // Antrea has pools of its own, whose addresses belong to no node.
    if context.detected.cni.cni == Cni::Antrea {
        return Ok(());
    }
    let mut strays = stray::find(context, verdict)?;
    strays.retain(|stray| stray.other.is_none());
    if let Some(first) = strays.first() {
        verdict.report(draft(context, &strays, first));
    }
    Ok(())
}

fn draft(context: &Context<'_>, strays: &[Stray<'_>], first: &Stray<'_>) -> Draft {
    let mut titles: Vec<String> = strays.iter().map(Stray::title).collect();
    titles.dedup();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let family = Family::of(first.address);
    let cidrs: Vec<String> = context
        .mapping()
        .claims_of(&first.pod.node)
        .map(|mapped| mapped.claim.prefix)
        .filter(|prefix| prefix.family() == family)
        .take(3)
        .map(|prefix| prefix.to_string())
        .collect();
    Draft::new(format!(
        "{} an address that is in no node's pod CIDR; {}: {} on node {}, whose {family} CIDRs are {}",
        subject("pod", &titles, ["has", "have"]),
        first.title(),
        first.address,
        first.pod.node,
        cidrs.join(", ")
    ))
    .effect("no route leads to the address: the load balancer cannot reach the pod. Mostly the pod was started before the pool or the IPAM mode was changed")
    .fix("restart the pods, so that they get an address of their node's CIDR: kubectl delete pod NAME")
    .objects(strays.iter().map(Stray::to_ref))
}
