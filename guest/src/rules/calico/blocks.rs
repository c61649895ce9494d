//! The blocks of nodes, and messages about many of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::detect::Place;
use crate::objects::Kind;
use crate::objects::block_affinity::BlockAffinity;
use crate::prefix::Prefix;
use crate::report::ObjectRef;
use crate::rules::context::{Context, cluster_object};

/// How many blocks a message spells out.
const SPELLED_OUT: usize = 3;

/// The blocks, without those of load balancer addresses; none where pod CIDRs
/// do not stand on them.
pub(super) fn of_nodes<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a BlockAffinity> {
    let are_read = context.detected.place == Place::BlockAffinity;
    context
        .cluster
        .block_affinities
        .values()
        .filter(move |block| are_read && !block.is_virtual)
}

/// The nodes that hold each block.
pub(super) fn holders<'a>(context: &Context<'a>) -> BTreeMap<Prefix, BTreeSet<&'a str>> {
    let mut holders: BTreeMap<Prefix, BTreeSet<&str>> = BTreeMap::new();
    for block in of_nodes(context).filter(|block| block.holds()) {
        if let Some(prefix) = prefix(block) {
            holders.entry(prefix).or_default().insert(&block.node);
        }
    }
    holders
}

/// None for a text that is no CIDR, which is for node/cidr-invalid to say.
pub(super) fn prefix(block: &BlockAffinity) -> Option<Prefix> {
    Prefix::parse(&block.cidr).ok().map(|parsed| parsed.prefix)
}

pub(super) fn to_ref(block: &BlockAffinity) -> ObjectRef {
    cluster_object(Kind::BlockAffinity, &block.metadata.name)
}

/// The start of a sentence: `block 10.1.0.0/26 of node a is`,
/// `2 blocks (10.1.0.0/26 of node a, 10.1.0.64/26 of node b) are`.
pub(super) fn subject(blocks: &[&BlockAffinity], [one, many]: [&str; 2]) -> String {
    let name = |block: &&BlockAffinity| format!("{} of node {}", block.cidr, block.node);
    if let [block] = blocks {
        return format!("block {} {one}", name(block));
    }
    let mut names: Vec<String> = blocks.iter().take(SPELLED_OUT).map(name).collect();
    if blocks.len() > SPELLED_OUT {
        names.push("...".to_owned());
    }
    format!("{} blocks ({}) {many}", blocks.len(), names.join(", "))
}
