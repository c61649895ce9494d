//! pool/contains-node-ip: a node's address inside of the pods' ranges.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::ranges::Ranges;
use crate::detect::cilium::pools::Pool;
use crate::objects::Kind;
use crate::objects::node::Node;
use crate::prefix::Prefix;
use crate::report::{ObjectRef, Severity};
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording::subject;
use crate::sources::Claim;

pub const RULE: Rule = Rule {
    id: "pool/contains-node-ip",
    reach: Reach::Node,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[],
    page: include_str!("contains_node_ip.md"),
    check,
};

/// A node with an address that pods have, or might be given.
struct Hit<'a, R> {
    node: &'a Node,
    address: IpAddr,
    range: R,
}

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Some(ranges) = Ranges::find(context, verdict)? else {
        return Ok(());
    };
    let nodes = context.nodes()?;
    context.note_unseen(&[Kind::Node], verdict);
    let mut in_claims: Vec<Hit<'_, &Claim<'_>>> = Vec::new();
    let mut in_pools: BTreeMap<usize, Vec<Hit<'_, Prefix>>> = BTreeMap::new();
    for node in nodes.values() {
        for address in addresses(node) {
            if let Some(range) = ranges.claim_of(address) {
                in_claims.push(Hit {
                    node,
                    address,
                    range,
                });
            } else if let Some((range, pool)) = ranges.pool_of(address) {
                in_pools.entry(pool).or_default().push(Hit {
                    node,
                    address,
                    range,
                });
            }
        }
    }
    if let Some(first) = in_claims.first() {
        verdict.report(allocated(&in_claims, first));
    }
    for (at, hits) in &in_pools {
        if let (Some(pool), Some(first)) = (ranges.pools.get(*at), hits.first()) {
            verdict.report(free(pool, hits, first));
        }
    }
    Ok(())
}

/// The addresses by which the node is reached.
fn addresses(node: &Node) -> impl Iterator<Item = IpAddr> {
    node.addresses
        .iter()
        .filter(|address| matches!(&*address.kind, "InternalIP" | "ExternalIP"))
        .filter_map(|address| address.ip)
}

fn allocated(hits: &[Hit<'_, &Claim<'_>>], first: &Hit<'_, &Claim<'_>>) -> Draft {
    Draft::new(format!(
        "{} an address inside of a pod CIDR; {}: {} is in {} of node {}",
        nodes(hits),
        first.node.name(),
        first.address,
        first.range.prefix,
        first.range.node
    ))
    .effect("packets to the node go to the other node's pods instead, from pods, from nodes and from the load balancer: connections to the node are lost, and a pod may be given the same address")
    .fix("give the pods a range that is apart from the nodes' network; until then take the node with the pod CIDR out of service: kubectl drain NODE, then delete it")
    .objects(objects(hits))
    .objects(hits.iter().map(|hit| hit.range.origin.to_ref()))
}

fn free(pool: &Pool<'_>, hits: &[Hit<'_, Prefix>], first: &Hit<'_, Prefix>) -> Draft {
    Draft::new(format!(
        "{} an address inside of {}; {}: {} is in {}",
        nodes(hits),
        pool.name(),
        first.node.name(),
        first.address,
        first.range
    ))
    .severity(Severity::Warning)
    .effect("once the block around such an address is given to a node, packets to the address go to that node's pods: the connection to a node is lost when the cluster grows")
    .fix(format!(
        "in a new cluster give {} a range that is apart from the nodes' network; in a running one append such a range and move the nodes over one by one",
        pool.name()
    ))
    .object(pool.cidrs_ref())
    .objects(objects(hits))
}

fn nodes<R>(hits: &[Hit<'_, R>]) -> String {
    let mut names: Vec<&str> = hits.iter().map(|hit| hit.node.name()).collect();
    names.dedup();
    subject("node", &names, ["has", "have"])
}

fn objects<'a, R>(hits: &'a [Hit<'_, R>]) -> impl Iterator<Item = ObjectRef> + use<'a, R> {
    hits.iter()
        .map(|hit| hit.node.to_ref().at("status.addresses"))
}
