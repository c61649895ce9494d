//! node/next-hop-annotation: `podroute.dev/next-hop` is not what it must be.

use crate::objects::annotations::names;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::sources::annotation_path;

pub const RULE: Rule = Rule {
    id: "node/next-hop-annotation",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("next_hop_annotation.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for (node, hops) in &context.mapping().next_hops {
        let Some(reason) = &hops.bad_annotation else {
            continue;
        };
        let name = node.name();
        verdict.report_alike(
            "",
            name,
            Draft::new(format!(
                "the annotation {} of node {name} {reason}",
                names::NEXT_HOP
            ))
            .effect("which next hop is meant is not known, so no route goes to the node: another next hop than the one asked for may be wrong")
            .fix(format!(
                "kubectl annotate --overwrite node NAME {}=ADDRESS (one address, or one IPv4 and one IPv6 address with a comma between), or take it away: {}-",
                names::NEXT_HOP,
                names::NEXT_HOP
            ))
            .object(node.to_ref().at(annotation_path(names::NEXT_HOP))),
        );
    }
    Ok(())
}
