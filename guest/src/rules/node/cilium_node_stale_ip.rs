//! node/cilium-node-stale-ip: a CiliumNode has an address that its Node does
//! not have.

use std::net::IpAddr;

use crate::objects::Kind;
use crate::objects::cilium_node::CiliumNode;
use crate::objects::node::{Node, NodeAddress};
use crate::prefix::Family;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording;

pub const RULE: Rule = Rule {
    id: "node/cilium-node-stale-ip",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("cilium_node_stale_ip.md"),
    check,
};

/// A CiliumNode's address, and those that the Node has instead.
struct Stale<'a> {
    cilium_node: &'a CiliumNode,
    /// The position in spec.addresses.
    index: usize,
    address: IpAddr,
    instead: Vec<IpAddr>,
}

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    if context.cilium()?.is_none() {
        return Ok(());
    }
    let nodes = context.nodes()?;
    context.note_unseen(&[Kind::CiliumNode, Kind::Node], verdict);
    let stale: Vec<Stale<'_>> = context
        .cluster
        .cilium_nodes
        .values()
        .filter_map(|cilium_node| {
            let node = nodes.get(cilium_node.name())?;
            if written_alike(node, cilium_node) {
                return None;
            }
            Family::ALL
                .into_iter()
                .find_map(|family| stale(node, cilium_node, family))
        })
        .collect();
    if let Some(first) = stale.first() {
        let names: Vec<&str> = stale.iter().map(|one| one.cilium_node.name()).collect();
        let instead: Vec<String> = first.instead.iter().map(ToString::to_string).collect();
        verdict.report(
            Draft::new(format!(
                "{} an InternalIP that is none of the Node's; {}: {}, while the Node has {}",
                wording::subject("CiliumNode", &names, ["has", "have"]),
                first.cilium_node.name(),
                first.address,
                instead.join(", ")
            ))
            .effect("the other nodes' agents send tunnel, encryption and health traffic for this node to an address that it no longer has; podroute's next hop is the Node's address and is right")
            .fix("restart Cilium's agent on the node: kubectl -n kube-system delete pod -l k8s-app=cilium --field-selector spec.nodeName=NAME")
            .objects(stale.iter().map(|one| {
                one.cilium_node
                    .to_ref()
                    .at(format!("spec.addresses[{}]", one.index))
            })),
        );
    }
    Ok(())
}

/// Whether each InternalIP of the CiliumNode is written so on the Node, too:
/// then none needs a closer look.
fn written_alike(node: &Node, cilium_node: &CiliumNode) -> bool {
    cilium_node
        .addresses
        .iter()
        .filter(|address| address.kind == "InternalIP")
        .all(|address| node.addresses.contains(address))
}

/// The CiliumNode's address of a family, if both have one and the Node does
/// not have this one. Cilium copies the Node's first.
fn stale<'a>(node: &Node, cilium_node: &'a CiliumNode, family: Family) -> Option<Stale<'a>> {
    let (index, address) = internal_ips(&cilium_node.addresses, family).next()?;
    let instead: Vec<IpAddr> = internal_ips(&node.addresses, family)
        .map(|(_, address)| address)
        .collect();
    let is_stale = !instead.is_empty() && !instead.contains(&address);
    is_stale.then_some(Stale {
        cilium_node,
        index,
        address,
        instead,
    })
}

/// The addresses of type `InternalIP` and of a family, with their positions.
fn internal_ips(
    addresses: &[NodeAddress],
    family: Family,
) -> impl Iterator<Item = (usize, IpAddr)> {
    addresses
        .iter()
        .enumerate()
        .filter(|(_, address)| address.kind == "InternalIP")
        .filter_map(|(index, address)| Some((index, address.ip?)))
        .filter(move |(_, address)| Family::of(*address) == family)
}
