//! calico/block-deleted: an affinity that should be gone.

use crate::objects::block_affinity::BlockAffinity;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

use super::blocks;

pub const RULE: Rule = Rule {
    id: "calico/block-deleted",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("block_deleted.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let holders = blocks::holders(context);
    let held_by_another = |block: &BlockAffinity| {
        blocks::prefix(block)
            .and_then(|prefix| holders.get(&prefix))
            .is_some_and(|nodes| nodes.iter().any(|node| *node != block.node))
    };
    let left: Vec<&BlockAffinity> = blocks::of_nodes(context)
        .filter(|block| {
            block.deleted || (block.state == "pendingDeletion" && held_by_another(block))
        })
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    verdict.report(
        Draft::new(format!(
            "{}, but the object is still there",
            blocks::subject(&left, ["was given back", "were given back"])
        ))
        .effect("podroute makes no route of it; AKO and F5 CIS look neither at spec.deleted nor at spec.state: they go on sending packets for the block to this node, although another one holds it or will")
        .fix("see that no pod of the node has an address of the block (calicoctl ipam check), then: kubectl delete blockaffinities.crd.projectcalico.org NAME")
        .objects(left.iter().map(|block| {
            let field = if block.deleted { "spec.deleted" } else { "spec.state" };
            blocks::to_ref(block).at(field)
        })),
    );
    Ok(())
}
