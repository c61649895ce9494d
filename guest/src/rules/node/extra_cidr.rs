//! node/extra-cidr: more than one pod CIDR of a family in mode cluster-pool.

use super::source;
use crate::detect::Place;
use crate::detect::ipam::IpamMode;
use crate::objects::Kind;
use crate::prefix::Family;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording;
use crate::sources::{Claim, Field};

pub const RULE: Rule = Rule {
    id: "node/extra-cidr",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("extra_cidr.md"),
    check,
};

/// A CIDR, and the first of the same family on the same CiliumNode.
struct Extra<'a> {
    claim: &'a Claim<'a>,
    used: &'a Claim<'a>,
}

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Place::CiliumNode(IpamMode::ClusterPool) = source::place(context)? else {
        return Ok(());
    };
    context.note_unseen(&[Kind::CiliumNode], verdict);
    let extras = extras(context);
    if let Some(first) = extras.first() {
        let mut names: Vec<&str> = extras.iter().map(|extra| extra.claim.node).collect();
        names.dedup();
        verdict.report(
            Draft::new(format!(
                "{} more than one pod CIDR of a family; {}: {} after {}",
                wording::subject("CiliumNode", &names, ["has", "have"]),
                first.claim.node,
                first.claim.prefix,
                first.used.prefix
            ))
            .effect("in mode cluster-pool Cilium's agent gives pods addresses of the first CIDR of a family only; the routes to the others lead to addresses that no pod has")
            .fix("kubectl edit ciliumnode NAME, and remove the entry from spec.ipam.podCIDRs; a node that needs more addresses needs a larger block (cluster-pool-ipv4-mask-size of a new cluster) or `ipam: multi-pool`")
            .objects(extras.iter().map(|extra| extra.claim.origin.to_ref())),
        );
    }
    Ok(())
}

fn extras<'a>(context: &Context<'a>) -> Vec<Extra<'a>> {
    let mut extras = Vec::new();
    let mut node = "";
    let mut first_v4: Option<&Claim<'_>> = None;
    let mut first_v6: Option<&Claim<'_>> = None;
    // A node's claims stand one after the other.
    for mapped in &context.mapping().claims {
        let claim = &mapped.claim;
        let Field::CiliumPodCidrs(_) = claim.origin.field else {
            continue;
        };
        if claim.node != node {
            (node, first_v4, first_v6) = (claim.node, None, None);
        }
        let first = match claim.prefix.family() {
            Family::V4 => &mut first_v4,
            Family::V6 => &mut first_v6,
        };
        match first {
            None => *first = Some(claim),
            Some(used) => extras.push(Extra { claim, used }),
        }
    }
    extras
}
