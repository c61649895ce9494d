//! pool/mask-wider: blocks so large that a pool has less than two of them.

use super::pools;
use super::wording::first_three;
use crate::detect::cilium::pools::{Owner, Pool};
use crate::prefix::Prefix;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "pool/mask-wider",
    reach: Reach::Node,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[],
    page: include_str!("mask_wider.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for pool in pools::in_use(context, verdict)? {
        let Some(blocks) = pool.blocks() else {
            continue;
        };
        // A CiliumPodIPPool of one block may be meant for one node.
        let is_for_all = matches!(pool.owner, Owner::ClusterPool(_));
        if blocks == 0 {
            verdict.report(too_few(&pool, "no block", "no node gets a pod CIDR of it"));
        } else if blocks == 1 && is_for_all && !is_single_node(context) {
            verdict.report(too_few(&pool, "one block", "the second node gets no pod CIDR (`allocator full`), so there is no route to its pods"));
        } else {
            let useless = useless(&pool);
            if !useless.is_empty() {
                verdict.report(has_useless(&pool, &useless));
            }
        }
    }
    Ok(())
}

fn too_few(pool: &Pool<'_>, blocks: &str, effect: &str) -> Draft {
    let ranges = first_three(pool.prefixes().map(|range| range.to_string()));
    Draft::new(format!(
        "{} has {blocks}: {} is {}, and the pool is {ranges}",
        pool.name(),
        pool.mask_name(),
        pool.mask.length().unwrap_or_default()
    ))
    .effect(effect)
    .fix(fix(pool))
    .object(pool.mask_ref())
    .object(pool.cidrs_ref())
}

/// The ranges that are smaller than a block.
fn useless(pool: &Pool<'_>) -> Vec<Prefix> {
    pool.prefixes()
        .filter(|range| pool.blocks_in(*range) == Some(0))
        .collect()
}

fn has_useless(pool: &Pool<'_>, useless: &[Prefix]) -> Draft {
    let ranges = first_three(useless.iter().map(ToString::to_string));
    Draft::new(format!(
        "{} names ranges that are smaller than a block ({} is {}): {ranges}",
        pool.name(),
        pool.mask_name(),
        pool.mask.length().unwrap_or_default()
    ))
    .severity(Severity::Warning)
    .effect("no node gets a pod CIDR of such a range: the pool is smaller than it looks")
    .fix(fix(pool))
    .object(pool.cidrs_ref())
    .object(pool.mask_ref())
}

fn fix(pool: &Pool<'_>) -> String {
    let (name, mask) = (pool.name(), pool.mask_name());
    format!(
        "append a larger range to the list ({name}): nodes that have their CIDR keep it. As long as no node has one, raise {mask} instead, well above the prefix length of the range; a CiliumPodIPPool has to be made anew for that"
    )
}

fn is_single_node(context: &Context<'_>) -> bool {
    let cluster = context.cluster;
    cluster.nodes.len().max(cluster.cilium_nodes.len()) == 1
}
