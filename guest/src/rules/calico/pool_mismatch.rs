//! calico/pool-mismatch: a block that is in no IPPool.

use crate::objects::Kind;
use crate::objects::block_affinity::BlockAffinity;
use crate::prefix::Prefix;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

use super::blocks;

pub const RULE: Rule = Rule {
    id: "calico/pool-mismatch",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("pool_mismatch.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let held: Vec<&BlockAffinity> = blocks::of_nodes(context)
        .filter(|block| block.holds())
        .collect();
    if held.is_empty() {
        return Ok(());
    }
    context.saw(Kind::IpPool)?;
    // A pool that is switched off still says what its blocks are.
    let pools: Vec<Prefix> = context
        .cluster
        .ip_pools
        .values()
        .filter_map(|pool| Some(Prefix::parse(&pool.cidr).ok()?.prefix))
        .collect();
    let outside: Vec<&BlockAffinity> = held
        .into_iter()
        .filter(|block| {
            blocks::prefix(block)
                .is_some_and(|prefix| !pools.iter().any(|pool| pool.contains(prefix)))
        })
        .collect();
    if outside.is_empty() {
        return Ok(());
    }
    verdict.report(
        Draft::new(format!(
            "{} in no IPPool",
            blocks::subject(&outside, ["is", "are"])
        ))
        .effect("the pool was deleted or changed while the block was in use: its pods keep their addresses and the route is right, but Calico neither tunnels nor masquerades these addresses any more, and gives out none of them again")
        .fix("create the IPPool again, with disabled: true if nothing new is to be allocated from it; or recreate the pods that have addresses of the block, and let Calico free it")
        .objects(outside.iter().map(|block| blocks::to_ref(block).at("spec.cidr"))),
    );
    Ok(())
}
