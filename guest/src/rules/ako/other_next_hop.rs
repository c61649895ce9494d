//! ako/other-next-hop: AKO takes another address of a node as next hop.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::ako::Simulation;
use crate::detect::ako::Ako;
use crate::next_hop::NextHops;
use crate::objects::Kind;
use crate::objects::node::Node;
use crate::prefix::{Family, Prefix};
use crate::report::Severity;
use crate::routes::MappedClaim;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "ako/other-next-hop",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("other_next_hop.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for ako in context.akos()? {
        if ako.sync_off().is_some() {
            continue;
        }
        context.saw(Kind::Node)?;
        let simulation = Simulation::new(context.cluster, ako.cni_branch(), ako.families());
        let differing: Vec<Difference<'_>> = context
            .mapping()
            .of_nodes()
            .filter(|(node, hops, _)| may_differ(&simulation, node, hops))
            .filter_map(|(node, _, claims)| Difference::on(&simulation, node, claims))
            .collect();
        if let Some(first) = differing.first() {
            verdict.report(draft(ako, first, &differing));
        }
    }
    Ok(())
}

/// Whether AKO takes another address of a node than was chosen, in case it has
/// a route for it.
fn may_differ(ako: &Simulation<'_>, node: &Node, hops: &NextHops) -> bool {
    Family::ALL
        .into_iter()
        .any(|family| ako.next_hop(node, family) != Ok(hops.get(family).address))
}

/// The first prefix of a node that AKO routes to another address.
struct Difference<'a> {
    node: &'a Node,
    prefix: Prefix,
    by_ako: IpAddr,
    right: IpAddr,
}

impl<'a> Difference<'a> {
    fn on(ako: &Simulation<'a>, node: &'a Node, claims: &[MappedClaim<'_>]) -> Option<Self> {
        let routes = ako.node_routes(node).ok()?;
        let by_ako: BTreeMap<Prefix, IpAddr> = routes
            .into_iter()
            .filter_map(|route| Some((Prefix::parse(route.prefix).ok()?.prefix, route.next_hop)))
            .collect();
        claims
            .iter()
            .filter(|mapped| mapped.withheld_by.is_none())
            .find_map(|mapped| {
                let prefix = mapped.claim.prefix;
                let (right, by_ako) = (mapped.next_hop?, *by_ako.get(&prefix)?);
                (right != by_ako).then_some(Self {
                    node,
                    prefix,
                    by_ako,
                    right,
                })
            })
    }
}

fn draft(ako: &Ako<'_>, first: &Difference<'_>, differing: &[Difference<'_>]) -> Draft {
    let others = match differing.len() {
        1 => String::new(),
        count => format!("; so on {count} nodes"),
    };
    Draft::new(format!(
        "AKO routes {} of node {} to {}, the next hop that was chosen is {}{others}",
        first.prefix,
        first.node.name(),
        first.by_ako,
        first.right
    ))
    .effect("if the load balancer does not reach the address that AKO takes, packets for the pods of these nodes are lost")
    .fix("AKO takes the first InternalIP of a node and has no setting for another: make the kubelet report the right one first (--node-ip=ADDRESS); or set AKOSettings.disableStaticRouteSync: true and program the routes of this report by other means")
    .object(ako.key_ref("cniPlugin"))
    .objects(differing.iter().map(|one| one.node.to_ref().at("status.addresses")))
}
