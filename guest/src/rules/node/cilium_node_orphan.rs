//! node/cilium-node-orphan: a CiliumNode without a Node.

use crate::objects::Kind;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "node/cilium-node-orphan",
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("cilium_node_orphan.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    if context.cluster.cilium_nodes.is_empty() {
        return Ok(());
    }
    context.saw(Kind::Node)?;
    let nodes = context.nodes()?;
    let orphans: Vec<_> = context
        .cluster
        .cilium_nodes
        .values()
        .filter(|cilium_node| !nodes.contains_key(cilium_node.name()))
        .collect();
    if let Some(first) = orphans.first() {
        let which = match orphans.len() {
            1 => format!("CiliumNode {} has no Node", first.name()),
            count => format!(
                "{count} CiliumNodes have no Node, the first is {}",
                first.name()
            ),
        };
        verdict.report(
            Draft::new(which)
                .effect("there is no address to send packets to, so its pod CIDRs get no route; other controllers may keep a route to a machine that is gone")
                .fix("if the node was deleted, wait for Cilium's garbage collection (5 minutes) or run: kubectl delete ciliumnode NAME; for a machine outside the cluster this is expected")
                .objects(orphans.iter().map(|orphan| orphan.to_ref())),
        );
    }
    Ok(())
}
