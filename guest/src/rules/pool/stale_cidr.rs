//! pool/stale-cidr: a node's CIDR that the pool as configured would not give.

use super::pools;
use super::wording::first_three;
use crate::detect::Place;
use crate::detect::cilium::pools::Pool;
use crate::objects::Kind;
use crate::prefix::Prefix;
use crate::prefix_map::PrefixMap;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording::subject;
use crate::sources::{Claim, Field};

pub const RULE: Rule = Rule {
    id: "pool/stale-cidr",
    reach: Reach::Node,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[],
    page: include_str!("stale_cidr.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let mut pools = pools::of_config(context)?;
    pools.retain(pools::is_in_use);
    let is_mapped = matches!(context.detected.place, Place::CiliumNode(_));
    if pools.is_empty() || !is_mapped {
        return Ok(());
    }
    context.note_unseen(&[Kind::CiliumNode], verdict);
    // What an entry that cannot be read was meant to be, nobody knows.
    for pool in pools.iter().filter(|pool| pool.is_sound()) {
        let (outside, odd) = misfits(context, pool);
        if !outside.is_empty() {
            verdict.report(outside_of(pool, &outside));
        }
        if !odd.is_empty() {
            verdict.report(of_other_size(pool, &odd));
        }
    }
    Ok(())
}

/// Of the CIDRs of the pool's family that the operator allocated those outside
/// of its ranges, and those inside that have another size.
fn misfits<'a>(context: &Context<'a>, pool: &Pool<'_>) -> (Vec<Claim<'a>>, Vec<Claim<'a>>) {
    let ranges: PrefixMap<()> = pool.prefixes().map(|range| (range, ())).collect();
    let is_odd = |prefix: Prefix| {
        let length = pool.mask.length();
        length.is_some_and(|length| length != i64::from(prefix.length()))
    };
    let (mut outside, mut odd) = (Vec::new(), Vec::new());
    context.for_each_claim(|claim| {
        let is_of_config = matches!(claim.origin.field, Field::CiliumPodCidrs(_));
        if is_of_config && claim.prefix.family() == pool.family {
            if ranges.covering(claim.prefix).is_none() {
                outside.push(claim);
            } else if is_odd(claim.prefix) {
                odd.push(claim);
            }
        }
    });
    (outside, odd)
}

fn outside_of(pool: &Pool<'_>, claims: &[Claim<'_>]) -> Draft {
    let ranges = first_three(pool.prefixes().map(|range| range.to_string()));
    Draft::new(format!(
        "{} an {} pod CIDR outside of {} ({ranges}): {}",
        nodes(claims),
        pool.family,
        pool.name(),
        listed(claims)
    ))
    .effect("the pool was changed under nodes that have their CIDR: Cilium's operator no longer manages it (`allocator not configured for the requested CIDR`), and routes, firewalls and the native routing CIDR that follow the new pool miss these nodes")
    .fix(format!(
        "append the former range to {} again instead of replacing it; to move to the new one, node by node: kubectl drain NODE, kubectl delete ciliumnode NODE, restart the agent there, kubectl uncordon NODE",
        pool.name()
    ))
    .objects(claims.iter().map(|claim| claim.origin.to_ref()))
    .object(pool.cidrs_ref())
}

fn of_other_size(pool: &Pool<'_>, claims: &[Claim<'_>]) -> Draft {
    Draft::new(format!(
        "{} an {} pod CIDR of another size than {} ({}): {}",
        nodes(claims),
        pool.family,
        pool.mask_name(),
        pool.mask.length().unwrap_or_default(),
        listed(claims)
    ))
    .severity(Severity::Warning)
    .effect("the mask was changed under nodes that have their CIDR: they keep it, and nodes that join get another size")
    .fix(format!(
        "put the former {} back; to move to the new one, node by node: kubectl drain NODE, kubectl delete ciliumnode NODE, restart the agent there, kubectl uncordon NODE",
        pool.mask_name()
    ))
    .objects(claims.iter().map(|claim| claim.origin.to_ref()))
    .object(pool.mask_ref())
}

/// `node a has`, `2 nodes (a, b) have`.
fn nodes(claims: &[Claim<'_>]) -> String {
    let mut names: Vec<&str> = claims.iter().map(|claim| claim.node).collect();
    names.dedup();
    subject("node", &names, ["has", "have"])
}

fn listed(claims: &[Claim<'_>]) -> String {
    first_three(claims.iter().map(|claim| claim.prefix.to_string()))
}
