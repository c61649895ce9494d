//! pool/orphan-cidr: a node has a CIDR of a CiliumPodIPPool that is gone.

use std::collections::BTreeMap;

use super::pools;
use super::wording::first_three;
use crate::detect::Place;
use crate::detect::cilium::pools::{Owner, Pool};
use crate::detect::ipam::IpamMode;
use crate::objects::Kind;
use crate::prefix_map::PrefixMap;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording::subject;
use crate::sources::{Claim, Field};

pub const RULE: Rule = Rule {
    id: "pool/orphan-cidr",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("orphan_cidr.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    context.ipam_mode()?;
    let Place::CiliumNode(IpamMode::MultiPool) = context.detected.place else {
        return Ok(());
    };
    context.note_unseen(&[Kind::CiliumNode], verdict);
    let claims = by_pool(context);
    if claims.is_empty() {
        return Ok(());
    }
    context.saw(Kind::CiliumPodIpPool)?;
    let pools = pools::in_use(context, verdict)?;
    for (name, claims) in claims {
        if !context.cluster.cilium_pod_ip_pools.contains_key(name) {
            verdict.report(gone(name, &claims));
            continue;
        }
        let parts: Vec<&Pool<'_>> = pools.iter().filter(|pool| is_of(pool, name)).collect();
        // What an entry that cannot be read was meant to be, nobody knows.
        if !parts.iter().all(|pool| pool.is_sound()) {
            continue;
        }
        let ranges: PrefixMap<()> = parts
            .iter()
            .flat_map(|pool| pool.prefixes())
            .map(|range| (range, ()))
            .collect();
        let outside: Vec<_> = claims
            .into_iter()
            .filter(|claim| ranges.covering(claim.prefix).is_none())
            .collect();
        if !outside.is_empty() {
            verdict.report(outside_of(name, &outside));
        }
    }
    Ok(())
}

/// The CIDRs that nodes have of pools, by the name of the pool.
fn by_pool<'a>(context: &Context<'a>) -> BTreeMap<&'a str, Vec<&'a Claim<'a>>> {
    let mut claims: BTreeMap<&str, Vec<&Claim<'_>>> = BTreeMap::new();
    for claim in &context.claims().valid {
        if let Some(pool) = pool_of(context, claim) {
            claims.entry(pool).or_default().push(claim);
        }
    }
    claims
}

/// The name of the pool that a CIDR was allocated from.
pub(super) fn pool_of<'a>(context: &Context<'a>, claim: &Claim<'a>) -> Option<&'a str> {
    let Field::CiliumPool(at, _) = claim.origin.field else {
        return None;
    };
    let node = context.cluster.cilium_nodes.get(claim.origin.name)?;
    Some(&node.pools.get(at)?.pool)
}

/// Whether a pool is a family of the CiliumPodIPPool of this name.
fn is_of(pool: &Pool<'_>, name: &str) -> bool {
    matches!(pool.owner, Owner::Object(object) if object.metadata.name == name)
}

const EFFECT: &str = "the nodes keep the CIDR and their pods stay reachable, but Cilium's operator no longer counts it as taken: before 1.19 it gives the same CIDR to another node once a pool with this range is there again";

fn gone(pool: &str, claims: &[&Claim<'_>]) -> Draft {
    Draft::new(format!(
        "{} CIDRs of the pool {pool}, which does not exist: {}",
        nodes(claims),
        listed(claims)
    ))
    .effect(EFFECT)
    .fix(format!(
        "create the CiliumPodIPPool {pool} with the same ranges again; delete it only when no pod has an address of it"
    ))
    .objects(claims.iter().map(|claim| claim.origin.to_ref()))
}

fn outside_of(pool: &str, claims: &[&Claim<'_>]) -> Draft {
    Draft::new(format!(
        "{} CIDRs that are in no range of the pool {pool}: {}",
        nodes(claims),
        listed(claims)
    ))
    .effect(EFFECT)
    .fix(format!(
        "put the range back into CiliumPodIPPool {pool}; take it out only when no pod has an address of it"
    ))
    .objects(claims.iter().map(|claim| claim.origin.to_ref()))
}

/// `node a has`, `2 nodes (a, b) have`.
fn nodes(claims: &[&Claim<'_>]) -> String {
    let mut names: Vec<&str> = claims.iter().map(|claim| claim.node).collect();
    names.dedup();
    subject("node", &names, ["has", "have"])
}

fn listed(claims: &[&Claim<'_>]) -> String {
    first_three(claims.iter().map(|claim| claim.prefix.to_string()))
}
