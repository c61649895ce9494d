//! cni/assumed: pod CIDRs are read from the Nodes, because nothing better is
//! known of this CNI.

use crate::detect::Place;
use crate::detect::cni::Cni;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "cni/assumed",
    reach: Reach::Cluster,
    severities: &[Severity::Info],
    parameters: &[],
    page: include_str!("assumed.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let detection = &context.detected.cni;
    let place = context.detected.place;
    let (message, effect) = match detection.owner() {
        Cni::Weave => (
            "Weave Net runs, which allocates from a range of its own unless it is told otherwise",
            "the routes lead to the pods only where Weave keeps to the CIDRs of the Nodes; with a range of its own no node owns a part of it that the Kubernetes API shows",
        ),
        // What was not looked at is said elsewhere: there is no verdict.
        Cni::Unknown if place == Place::AnnotationOrNodeSpec && detection.conclusive => (
            "no CNI that podroute knows shows in this cluster",
            "the routes lead to the pods only where the CNI keeps to these CIDRs",
        ),
        _ => return Ok(()),
    };
    verdict.report(
        Draft::new(format!(
            "{message}; pod CIDRs are taken from {}",
            place.describe().unwrap_or_default()
        ))
        .effect(effect)
        .fix("compare an address of a pod with its node's CIDRs: kubectl get pods -A -o wide; when it is one of them, set `cni` (--cni) to `kubernetes`"),
    );
    Ok(())
}
