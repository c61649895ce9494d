//! pool/contains-service-ip: cluster IPs inside of the pods' ranges.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::ranges::Ranges;
use super::wording::first_three;
use crate::cluster::Name;
use crate::objects::Kind;
use crate::prefix::Prefix;
use crate::report::{ObjectRef, Severity};
use crate::rules::context::{Context, namespaced_object};
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::sources::Claim;

pub const RULE: Rule = Rule {
    id: "pool/contains-service-ip",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("contains_service_ip.md"),
    check,
};

/// A Service with an address that pods have, or might be given.
struct Hit<'a> {
    service: &'a Name,
    address: IpAddr,
    range: Prefix,
}

/// What services share addresses with: pools, by position, and the CIDRs that
/// nodes have where no pool is known.
#[derive(Default)]
struct Hits<'a> {
    in_pools: BTreeMap<usize, Vec<Hit<'a>>>,
    in_claims: Vec<Hit<'a>>,
    claims: BTreeMap<Prefix, &'a Claim<'a>>,
}

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Some(ranges) = Ranges::find(context, verdict)? else {
        return Ok(());
    };
    context.note_unseen(&[Kind::Service], verdict);
    let hits = hits(context, &ranges);
    for (at, hits) in &hits.in_pools {
        if let Some(pool) = ranges.pools.get(*at) {
            let objects = [pool.cidrs_ref()];
            verdict.report(draft(&pool.name(), objects, hits));
        }
    }
    if !hits.in_claims.is_empty() {
        let objects = hits.claims.values().map(|claim| claim.origin.to_ref());
        verdict.report(draft("the nodes' pod CIDRs", objects, &hits.in_claims));
    }
    Ok(())
}

fn hits<'a>(context: &Context<'a>, ranges: &Ranges<'a>) -> Hits<'a> {
    let mut hits = Hits::default();
    for (service, object) in context.cluster.services.iter() {
        for &address in &object.cluster_ips {
            let hit = |range| Hit {
                service,
                address,
                range,
            };
            if let Some((range, pool)) = ranges.pool_of(address) {
                hits.in_pools.entry(pool).or_default().push(hit(range));
            } else if let Some(claim) = ranges.claim_of(address) {
                hits.in_claims.push(hit(claim.prefix));
                hits.claims.insert(claim.prefix, claim);
            }
        }
    }
    hits
}

fn draft(what: &str, holders: impl IntoIterator<Item = ObjectRef>, hits: &[Hit<'_>]) -> Draft {
    let count = match hits.len() {
        1 => "a cluster IP is".to_owned(),
        count => format!("{count} cluster IPs are"),
    };
    let named = first_three(hits.iter().map(|hit| {
        let (namespace, name) = hit.service;
        let Hit { address, range, .. } = hit;
        format!("{address} of Service {namespace}/{name} in {range}")
    }));
    Draft::new(format!("{count} inside of {what}: {named}"))
        .effect("once a pod is given such an address, either the Service or the pod cannot be reached: nodes take the address for the Service's")
        .fix("keep the pods' ranges apart from kube-apiserver's --service-cluster-ip-range: choose another range for one of the two in a new cluster; in a running one append a range that is apart, and move the nodes over one by one")
        .objects(holders)
        .objects(hits.iter().map(|hit| {
            namespaced_object(Kind::Service, hit.service).at("spec.clusterIPs")
        }))
}
