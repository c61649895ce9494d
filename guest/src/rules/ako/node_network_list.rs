//! ako/node-network-list: a nodeNetworkList that AKO refuses, or that does
//! not contain the nodes.

use crate::detect::ako::{Ako, NodeNetwork};
use crate::objects::node::Node;
use crate::prefix::{Family, Prefix};
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "ako/node-network-list",
    reach: Reach::Cluster,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[],
    page: include_str!("node_network_list.md"),
    check,
};

/// AKO's limit.
const MOST_ENTRIES: usize = 5;

const REFUSED: &str = "on vCenter and NSX-T VLAN clouds AKO refuses to start with this and restarts in a loop: no routes and no virtual services are synced";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for ako in context.akos()? {
        // AKO does not look at the list on NSX-T overlay clouds.
        if ako.is_nsxt() {
            continue;
        }
        match ako.node_networks() {
            Err(reason) => verdict.report(
                Draft::new(format!("nodeNetworkList is not the JSON that AKO reads: {reason}"))
                    .effect(REFUSED)
                    .fix("set NetworkSettings.nodeNetworkList in AKO's Helm values to a list such as [{networkName: NAME, cidrs: [192.0.2.0/24]}], or to []")
                    .object(ako.key_ref("nodeNetworkList")),
            ),
            Ok(networks) => judge(context, ako, &networks, verdict)?,
        }
    }
    Ok(())
}

fn judge(
    context: &Context<'_>,
    ako: &Ako<'_>,
    networks: &[NodeNetwork],
    verdict: &mut Verdict,
) -> Result<(), Missing> {
    if networks.len() > MOST_ENTRIES {
        verdict.report(
            Draft::new(format!(
                "nodeNetworkList has {} entries, AKO takes at most {MOST_ENTRIES}",
                networks.len()
            ))
            .effect(REFUSED)
            .fix(format!(
                "name at most {MOST_ENTRIES} networks in NetworkSettings.nodeNetworkList"
            ))
            .object(ako.key_ref("nodeNetworkList")),
        );
    }
    let mut cidrs = Vec::new();
    let mut refused = Vec::new();
    for text in networks.iter().flat_map(|network| &network.cidrs) {
        match Prefix::parse(text) {
            Ok(parsed) => cidrs.push(parsed.prefix),
            Err(reason) => refused.push(format!("`{text}` {reason}")),
        }
    }
    if !refused.is_empty() {
        verdict.report(
            Draft::new(format!("nodeNetworkList: {}", refused.join("; ")))
                .effect(REFUSED)
                .fix("correct cidrs of NetworkSettings.nodeNetworkList to CIDRs such as 192.0.2.0/24")
                .object(ako.key_ref("nodeNetworkList")),
        );
    }
    // Which nodes are in a network that is only named, or not readable, cannot
    // be told. Without routes AKO needs no node networks.
    let complete = refused.is_empty() && networks.iter().all(|network| !network.cidrs.is_empty());
    if complete && !cidrs.is_empty() && ako.sync_off().is_none() {
        report_outside(context, ako, &cidrs, verdict)?;
    }
    Ok(())
}

/// Nodes none of whose next hops is in a listed network.
fn report_outside(
    context: &Context<'_>,
    ako: &Ako<'_>,
    cidrs: &[Prefix],
    verdict: &mut Verdict,
) -> Result<(), Missing> {
    let with_hops: Vec<(&Node, Vec<_>)> = context
        .nodes()?
        .values()
        .map(|node| (node, next_hops(context, node)))
        .filter(|(_, hops)| !hops.is_empty())
        .collect();
    let outside: Vec<&Node> = with_hops
        .iter()
        .filter(|(_, hops)| {
            !hops
                .iter()
                .any(|hop| cidrs.iter().any(|cidr| cidr.contains_address(*hop)))
        })
        .map(|(node, _)| *node)
        .collect();
    let Some(first) = outside.first() else {
        return Ok(());
    };
    let list: Vec<String> = cidrs.iter().map(ToString::to_string).collect();
    let list = list.join(", ");
    let draft = if outside.len() == with_hops.len() {
        Draft::new(format!(
            "no node has an address inside nodeNetworkList ({list})"
        ))
    } else {
        let what = match outside.len() {
            1 => format!("node {} has", first.name()),
            count => format!("{count} nodes, the first is {}, have", first.name()),
        };
        Draft::new(format!("{what} no address inside nodeNetworkList ({list})"))
            .severity(Severity::Warning)
    };
    verdict.report(
        draft
            .effect("service engines are placed in the listed networks, where the next hops of these nodes are not on link: routes through them do not work")
            .fix("list the networks and CIDRs of all nodes in NetworkSettings.nodeNetworkList of AKO's Helm values")
            .object(ako.key_ref("nodeNetworkList"))
            .objects(outside.iter().map(|node| node.to_ref().at("status.addresses"))),
    );
    Ok(())
}

fn next_hops(context: &Context<'_>, node: &Node) -> Vec<std::net::IpAddr> {
    let hops = context.mapping().next_hops_of(node.name());
    Family::ALL
        .iter()
        .filter_map(|family| hops?.get(*family).address)
        .collect()
}
