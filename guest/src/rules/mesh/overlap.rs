//! mesh/overlap: another cluster has pod CIDRs that overlap with this one's.

use crate::objects::Kind;
use crate::prefix::Prefix;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::settings::OtherCluster;
use crate::sources::Claim;

pub const RULE: Rule = Rule {
    id: "mesh/overlap",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("overlap.md"),
    check,
};

/// What says that there are other clusters at all.
pub(in crate::rules) const KEYS: [&str; 1] = ["cluster-id"];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let others = &context.settings.other_clusters;
    for other in others {
        report(context, other, verdict);
    }
    if others.is_empty() && is_in_a_mesh(context) {
        return Err(Missing::other("the setting otherClusters"));
    }
    context.saw(Kind::Node)
}

fn report(context: &Context<'_>, other: &OtherCluster, verdict: &mut Verdict) {
    let mut theirs = other.pod_cidrs.clone();
    theirs.sort_unstable();
    let shared: Vec<(&Claim<'_>, Prefix)> = context
        .mapping()
        .claims
        .iter()
        .filter_map(|mapped| Some((&mapped.claim, overlapping(mapped.claim.prefix, &theirs)?)))
        .collect();
    let Some((first, their_first)) = shared.first() else {
        return;
    };
    let count = match shared.len() {
        1 => String::new(),
        more => format!("; {more} pod CIDRs of this cluster overlap in all"),
    };
    verdict.report(
        Draft::new(format!(
            "pod CIDR {} of node {} overlaps with {their_first} of cluster {}{count}",
            first.prefix, first.node, other.name
        ))
        .effect("a load balancer (one VRF) that reaches both clusters sends packets for these addresses to one of them: the pods of the other cannot be reached; Cilium's cluster mesh does not work either")
        .fix("give the clusters disjoint pod CIDRs; or keep their routes in different VRFs")
        .objects(shared.iter().map(|(claim, _)| claim.origin.to_ref())),
    );
}

/// The first of their prefixes that shares an address with `prefix`.
fn overlapping(prefix: Prefix, theirs: &[Prefix]) -> Option<Prefix> {
    let covering = || {
        (0..=prefix.length()).find_map(|length| {
            let shortened = prefix.shortened(length)?;
            theirs.binary_search(&shortened).ok().map(|_| shortened)
        })
    };
    let inside = || {
        let at = theirs.partition_point(|other| *other < prefix);
        theirs
            .get(at)
            .copied()
            .filter(|other| prefix.contains(*other))
    };
    covering().or_else(inside)
}

/// Cilium's cluster-id is 0 unless the cluster is part of a mesh.
fn is_in_a_mesh(context: &Context<'_>) -> bool {
    let config = context
        .detected
        .cilium
        .as_ref()
        .and_then(|cilium| cilium.config.as_ref());
    config.is_some_and(|config| {
        let agents = config.agents(&KEYS);
        agents
            .iter()
            .any(|agents| agents.int(KEYS[0], 0).is_ok_and(|id| id != 0))
    })
}
