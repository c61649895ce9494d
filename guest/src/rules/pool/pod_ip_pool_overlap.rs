//! pool/pod-ip-pool-overlap: two CiliumPodIPPools share addresses.

use std::collections::BTreeMap;

use super::pools;
use crate::detect::cilium::pools::{Owner, Pool};
use crate::prefix::{Family, Prefix};
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "pool/pod-ip-pool-overlap",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("pod_ip_pool_overlap.md"),
    check,
};

/// A range, and the pool that it is of.
#[derive(Clone, Copy)]
struct Part<'a> {
    prefix: Prefix,
    pool: &'a Pool<'a>,
}

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let pools = pools::in_use(context, verdict)?;
    for (one, other) in first_overlaps(&pools).values() {
        verdict.report(
            Draft::new(format!(
                "{} of {} overlaps {} of {}",
                one.prefix,
                one.pool.name(),
                other.prefix,
                other.pool.name()
            ))
            .effect("Cilium's operator does not compare pools: it gives the same addresses to two nodes, so that two pods have one address and a route leads to the wrong one")
            .fix(format!(
                "give the pools ranges that are apart: put a new range into {}, move its pods, then take {} out",
                one.pool.name(),
                one.prefix
            ))
            .object(one.pool.cidrs_ref())
            .object(other.pool.cidrs_ref()),
        );
    }
    Ok(())
}

/// By family and the names of two pools, the first of their ranges that
/// overlap.
type Overlaps<'a> = BTreeMap<(Family, &'a str, &'a str), (Part<'a>, Part<'a>)>;

/// Each range is compared with one that covers it, of another pool: prefixes
/// nest or are disjoint, and covers sort first.
fn first_overlaps<'a>(pools: &'a [Pool<'a>]) -> Overlaps<'a> {
    let mut parts: Vec<Part<'_>> = pools
        .iter()
        .flat_map(|pool| pool.prefixes().map(move |prefix| Part { prefix, pool }))
        .collect();
    parts.sort_by_key(|part| part.prefix);
    let mut overlaps = Overlaps::new();
    let mut covers: Vec<Part<'_>> = Vec::new();
    for part in parts {
        while covers
            .pop_if(|cover| !cover.prefix.contains(part.prefix))
            .is_some()
        {}
        let name = owner(part.pool);
        if let Some(cover) = covers.iter().find(|cover| owner(cover.pool) != name) {
            let other = owner(cover.pool);
            overlaps
                .entry((part.pool.family, name.min(other), name.max(other)))
                .or_insert((part, *cover));
        }
        covers.push(part);
    }
    overlaps
}

/// The name of a CiliumPodIPPool; overlaps inside of one are another rule's.
fn owner<'a>(pool: &Pool<'a>) -> &'a str {
    match pool.owner {
        Owner::ClusterPool(_) => "",
        Owner::Object(object) => &object.metadata.name,
        Owner::ToCreate(_, name) => name,
    }
}
