//! calico/block-pending: a node waits for its block.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::blocks;
use crate::objects::block_affinity::BlockAffinity;
use crate::prefix::Family;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Parameter, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "calico/block-pending",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[SETTLING],
    page: include_str!("block_pending.md"),
    check,
};

/// Calico itself needs milliseconds.
const SETTLING: Parameter = Parameter {
    name: "settlingMinutes",
    default: 5,
    range: (0, 1440),
    summary: "How long an affinity may take until it is confirmed, in minutes.",
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let served = served(context);
    let settling = SignedDuration::from_mins(context.parameter(&RULE, SETTLING));
    let stuck: Vec<&BlockAffinity> = blocks::of_nodes(context)
        .filter(|block| block.state == "pending" && !block.deleted)
        .filter(|block| match age(context, block) {
            Some(age) => age >= settling,
            // Without a time only a node that has nothing else tells.
            None => !is_served(block, &served),
        })
        .collect();
    if stuck.is_empty() {
        return Ok(());
    }
    verdict.report(
        Draft::new(format!(
            "{} and not confirmed",
            blocks::subject(&stuck, ["is pending", "are pending"])
        ))
        .effect("podroute makes no route of a block that is not confirmed: no pod has an address of it yet; AKO and F5 CIS do not look at the state, and route it even where another node holds the block")
        .fix("read what Calico says on the node: kubectl -n calico-system logs daemonset/calico-node -c calico-node (by manifest: -n kube-system); when no node is about to claim it: kubectl delete blockaffinities.crd.projectcalico.org NAME")
        .objects(stuck.iter().map(|block| blocks::to_ref(block).at("spec.state"))),
    );
    Ok(())
}

/// Nodes and the families of which they hold a block.
fn served<'a>(context: &Context<'a>) -> BTreeSet<(&'a str, Family)> {
    blocks::of_nodes(context)
        .filter(|block| block.holds())
        .filter_map(|block| Some((block.node.as_str(), blocks::prefix(block)?.family())))
        .collect()
}

/// What is no CIDR is for node/cidr-invalid to report once it is confirmed.
fn is_served(block: &BlockAffinity, served: &BTreeSet<(&str, Family)>) -> bool {
    blocks::prefix(block)
        .is_none_or(|prefix| served.contains(&(block.node.as_str(), prefix.family())))
}

fn age(context: &Context<'_>, block: &BlockAffinity) -> Option<SignedDuration> {
    let created: Timestamp = block.metadata.created.as_deref()?.parse().ok()?;
    Some(context.settings.at?.duration_since(created))
}
