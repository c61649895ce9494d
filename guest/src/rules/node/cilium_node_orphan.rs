//! node/cilium-node-orphan: a CiliumNode without a Node, or another
//! object that holds pod CIDRs of a node that is gone.

use crate::objects::Kind;
use crate::report::Severity;
use crate::routes::MappedClaim;
use crate::rules::context::{Context, cluster_object};
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "node/cilium-node-orphan",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("cilium_node_orphan.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let mapping = context.mapping();
    let claims = mapping
        .claims
        .iter()
        .filter(|mapped| mapped.withheld_by == Some(RULE.id))
        .filter(|mapped| mapped.claim.origin.kind != Kind::CiliumNode)
        .collect::<Vec<_>>();
    if context.cluster.cilium_nodes.is_empty() && claims.is_empty() {
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
    report_claims(&claims, verdict);
    Ok(())
}

/// Objects that are not named after their node, and name one that is gone.
fn report_claims(claims: &[&MappedClaim<'_>], verdict: &mut Verdict) {
    let Some(claim) = claims.first().map(|first| &first.claim) else {
        return;
    };
    let (kind, name) = (claim.origin.kind.name(), claim.origin.name);
    let which = match claims.len() {
        1 => format!("{kind} {name} names node {}, which has no Node", claim.node),
        count => format!(
            "{count} objects of kind {kind} name nodes that have no Node, the first is {name} of node {}",
            claim.node
        ),
    };
    let (fix, field) = match claim.origin.kind {
        Kind::BlockAffinity => (
            "calico-kube-controllers frees the blocks of deleted nodes: see that it runs and what it says; to look for what leaked: calicoctl ipam check --show-problem-ips",
            "spec.node",
        ),
        _ => (
            "if the node was deleted, delete the object too: oc delete hostsubnet NAME",
            "host",
        ),
    };
    verdict.report(
        Draft::new(which)
            .effect("there is no address to send packets to, so these pod CIDRs get no route; other controllers may keep a route to a machine that is gone")
            .fix(fix)
            .objects(claims.iter().map(|mapped| {
                let origin = mapped.claim.origin;
                cluster_object(origin.kind, origin.name).at(field)
            })),
    );
}
