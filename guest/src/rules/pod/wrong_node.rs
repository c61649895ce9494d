//! pod/wrong-node: a Pod's address is in the pod CIDR of another node.

use super::stray::{self, Stray};
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording::subject;
use crate::sources::Claim;

pub const RULE: Rule = Rule {
    id: "pod/wrong-node",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("wrong_node.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let strays = stray::find(context, verdict)?;
    let lost: Vec<(&Stray<'_>, &Claim<'_>)> = strays
        .iter()
        .filter_map(|stray| Some((stray, stray.other?)))
        .collect();
    if let Some((first, other)) = lost.first() {
        let mut titles: Vec<String> = lost.iter().map(|(stray, _)| stray.title()).collect();
        titles.dedup();
        let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
        verdict.report(
            Draft::new(format!(
                "{} an address of another node's pod CIDR; {}: {} on node {}, but {} belongs to node {}",
                subject("pod", &titles, ["has", "have"]),
                first.title(),
                first.address,
                first.pod.node,
                other.prefix,
                other.node
            ))
            .effect("the route leads to the other node: it drops the packets or hands them to another pod with the same address")
            .fix("restart the pods, so that they get an address of their own node's CIDR: kubectl delete pod NAME; when it comes back, restart the CNI's agent on the node: it still uses the other node's CIDR")
            .objects(lost.iter().map(|(stray, _)| stray.to_ref()))
            .objects(lost.iter().map(|(_, other)| other.origin.to_ref())),
        );
    }
    Ok(())
}
