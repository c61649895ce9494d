//! ako/other-next-hop: AKO takes another address of a node as next hop.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::ako::Simulation;
use crate::detect::ako::Ako;
use crate::objects::Kind;
use crate::objects::node::Node;
use crate::prefix::Prefix;
use crate::report::Severity;
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
            .cluster
            .nodes
            .values()
            .filter_map(|node| Difference::on(context, &simulation, node))
            .collect();
        if let Some(first) = differing.first() {
            verdict.report(draft(ako, first, &differing));
        }
    }
    Ok(())
}

/// The first prefix of a node that AKO routes to another address.
struct Difference<'a> {
    node: &'a Node,
    prefix: Prefix,
    by_ako: IpAddr,
    right: IpAddr,
}

impl<'a> Difference<'a> {
    fn on(context: &Context<'a>, ako: &Simulation<'a>, node: &'a Node) -> Option<Self> {
        let routes = ako.node_routes(node).ok()?;
        let by_ako: BTreeMap<Prefix, IpAddr> = routes
            .into_iter()
            .filter_map(|route| Some((Prefix::parse(route.prefix).ok()?.prefix, route.next_hop)))
            .collect();
        context
            .mapping()
            .claims_of(node.name())
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
