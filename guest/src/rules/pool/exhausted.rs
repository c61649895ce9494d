//! pool/exhausted: more nodes than blocks, or nearly so many.

use std::collections::BTreeMap;

use super::orphan_cidr::pool_of;
use super::pools;
use crate::detect::cilium::pools::{Owner, Pool};
use crate::prefix_map::PrefixMap;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Parameter, Reach, Rule, Verdict};
use crate::sources::Claim;

pub const RULE: Rule = Rule {
    id: "pool/exhausted",
    reach: Reach::Routes,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[WARN_AT],
    page: include_str!("exhausted.md"),
    check,
};

const WARN_AT: Parameter = Parameter {
    name: "warnAtPercent",
    default: 90,
    range: (1, 100),
    summary: "The share of a pool's blocks from which on there is a warning, in percent.",
};

/// The pool that an agent takes its own addresses from, in mode multi-pool.
const DEFAULT_POOL: &str = "ipam-default-ip-pool";

/// What the agents are asked for.
pub(in crate::rules) const KEYS: [&str; 1] = [DEFAULT_POOL];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let pools = pools::in_use(context, verdict)?;
    if pools.is_empty() {
        return Ok(());
    }
    let nodes = context.cilium_nodes()?.len();
    let by_default = nodes_by_default_pool(context)?;
    let percent = context.parameter(&RULE, WARN_AT).unsigned_abs();
    let allocated = allocated(context, &pools);
    for (pool, allocated) in pools.iter().zip(allocated) {
        let Some(blocks) = pool.blocks().filter(|blocks| *blocks > 0) else {
            continue;
        };
        // Every node needs a block of the one pool there is, or of its default
        // pool. How much of other pools it needs, its pods decide.
        let nodes = match pool.owner {
            Owner::ClusterPool(_) => Some(nodes),
            Owner::Object(object) => by_default.get(&*object.metadata.name).copied(),
            Owner::ToCreate(_, name) => by_default.get(name).copied(),
        };
        let Some(nodes) = nodes.map(|nodes| nodes as u64) else {
            continue;
        };
        let taken = nodes.max(allocated);
        if nodes > blocks {
            verdict.report(
                draft(pool, &format!("{nodes} nodes need a block each of {}, which has {blocks}", pool.name()))
                    .effect(format!("the nodes that are too many get no {} pod CIDR (`allocator full`): the agent there does not get ready, and there is no route to its pods", pool.family)),
            );
        } else if u128::from(taken) * 100 >= u128::from(blocks) * u128::from(percent) {
            verdict.report(
                draft(pool, &format!("{taken} of the {blocks} blocks of {} are taken", pool.name()))
                    .severity(Severity::Warning)
                    .effect(format!("when none is left, a node that joins gets no {} pod CIDR: the agent there does not get ready, and there is no route to its pods", pool.family)),
            );
        }
    }
    Ok(())
}

fn draft(pool: &Pool<'_>, message: &str) -> Draft {
    Draft::new(message)
        .fix(format!(
            "append a range that is free to the list ({}); ranges that are there stay as they are",
            pool.name()
        ))
        .object(pool.cidrs_ref())
}

/// How many nodes have a CiliumNode, by the name of their agent's default pool.
fn nodes_by_default_pool<'a>(context: &Context<'a>) -> Result<BTreeMap<&'a str, usize>, Missing> {
    let cilium_nodes = context.cilium_nodes()?;
    let mut nodes: BTreeMap<&str, usize> = BTreeMap::new();
    for agents in context.cilium_agents(&KEYS)? {
        let count = if agents.is_everywhere {
            cilium_nodes.len()
        } else {
            let has_one = |name: &str| cilium_nodes.contains_key(name);
            agents
                .nodes
                .iter()
                .filter(|node| has_one(node.name()))
                .count()
        };
        *nodes
            .entry(agents.text(DEFAULT_POOL).unwrap_or("default"))
            .or_default() += count;
    }
    Ok(nodes)
}

/// How many blocks of each pool the nodes have, those of a former mask counted
/// in blocks of today.
fn allocated(context: &Context<'_>, pools: &[Pool<'_>]) -> Vec<u64> {
    let mut allocations: Vec<Allocation<'_>> = pools.iter().map(Allocation::none).collect();
    context.for_each_claim(|claim| {
        for allocation in &mut allocations {
            allocation.add(context, &claim);
        }
    });
    allocations.iter().map(|one| one.blocks).collect()
}

/// What nodes have of a pool.
struct Allocation<'a> {
    pool: &'a Pool<'a>,
    ranges: PrefixMap<()>,
    blocks: u64,
}

impl<'a> Allocation<'a> {
    fn none(pool: &'a Pool<'a>) -> Self {
        Self {
            ranges: pool.prefixes().map(|range| (range, ())).collect(),
            pool,
            blocks: 0,
        }
    }

    fn add<'c>(&mut self, context: &Context<'c>, claim: &Claim<'c>) {
        if claim.prefix.family() != self.pool.family {
            return;
        }
        let is_of_pool = match self.pool.owner {
            Owner::ClusterPool(_) => true,
            Owner::Object(object) => pool_of(context, claim) == Some(&object.metadata.name),
            Owner::ToCreate(_, name) => pool_of(context, claim) == Some(name),
        };
        if is_of_pool && self.ranges.covering(claim.prefix).is_some() {
            self.blocks += self.pool.blocks_in(claim.prefix).unwrap_or_default().max(1);
        }
    }
}
