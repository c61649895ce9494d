//! node/not-ready: a node is not ready, and its routes stay.

use super::source;
use crate::objects::Kind;
use crate::objects::node::Node;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording;

pub const RULE: Rule = Rule {
    id: "node/not-ready",
    reach: Reach::Node,
    severities: &[Severity::Info],
    parameters: &[],
    page: include_str!("not_ready.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let nodes: Vec<&Node> = context
        .cluster
        .nodes
        .values()
        .filter(|node| node.ready == Some(false) && has_route(context, node))
        .collect();
    if !nodes.is_empty() {
        let names: Vec<&str> = nodes.iter().map(|node| node.name()).collect();
        verdict.report(
            Draft::new(format!(
                "{} not ready; the routes are kept",
                wording::subject("node", &names, ["is", "are"])
            ))
            .effect("none for the routes: a node that stops reporting often still forwards packets, and the load balancer's health checks take dead pods out")
            .fix("kubectl describe node NAME says why it is not ready; for a machine that does not come back: kubectl delete node NAME, which ends its routes")
            .objects(nodes.iter().map(|node| node.to_ref().at("status.conditions"))),
        );
    }
    context.note_unseen(&[Kind::Node], verdict);
    source::seen(context)
}

fn has_route(context: &Context<'_>, node: &Node) -> bool {
    let mut claims = context.mapping().claims_of(node.name());
    claims.any(|mapped| mapped.withheld_by.is_none())
}
