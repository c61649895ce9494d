//! node/cidr-mismatch: Node and CiliumNode have different pod CIDRs.

use std::collections::BTreeSet;

use super::source;
use crate::detect::Place;
use crate::detect::cilium::{Cilium, FamilySwitch};
use crate::detect::ipam::IpamMode;
use crate::objects::Kind;
use crate::objects::cidr::Cidr;
use crate::objects::cilium_node::CiliumNode;
use crate::objects::node::Node;
use crate::prefix::{Family, Prefix};
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording;

pub const RULE: Rule = Rule {
    id: "node/cidr-mismatch",
    reach: Reach::Node,
    severities: &[Severity::Warning, Severity::Info],
    parameters: &[],
    page: include_str!("cidr_mismatch.md"),
    check,
};

/// A node and its CiliumNode, with the CIDRs of both as written.
struct Pair<'a> {
    node: &'a Node,
    cilium_node: &'a CiliumNode,
}

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    // A chained Cilium does not use what stands on its CiliumNodes.
    if context.cilium()?.is_none_or(Cilium::is_chained) {
        return Ok(());
    }
    let place = source::place(context)?;
    let report = match place {
        Place::NodeSpec => not_mirrored,
        Place::CiliumNode(IpamMode::ClusterPool) => allocated_twice,
        _ => return Ok(()),
    };
    // In mode cluster-pool a Node without CIDRs is as it should be.
    let compared = |node: &Node| place == Place::NodeSpec || has_enabled(context, node);
    let nodes = context.nodes()?;
    if !nodes.values().any(compared) {
        return Ok(());
    }
    context.note_unseen(&[Kind::Node, Kind::CiliumNode], verdict);
    let pairs: Vec<Pair<'_>> = nodes
        .values()
        .filter_map(|node| {
            let cilium_node = context.cluster.cilium_nodes.get(node.name())?;
            Some(Pair { node, cilium_node })
        })
        // What is written alike needs no closer look.
        .filter(|pair| node_cidrs(pair.node) != pair.cilium_node.pod_cidrs)
        .filter(|pair| compared(pair.node) && differ(context, pair))
        .collect();
    if let Some(first) = pairs.first() {
        verdict.report(report(&pairs, first));
    }
    Ok(())
}

/// Whether they differ in a family that is on. One that is on only by default
/// is compared where both have it.
fn differ(context: &Context<'_>, pair: &Pair<'_>) -> bool {
    let compared: Vec<_> = Family::ALL
        .into_iter()
        .filter_map(|family| {
            let node = prefixes(node_cidrs(pair.node), family);
            let cilium_node = prefixes(&pair.cilium_node.pod_cidrs, family);
            let counts = match context.detected.family_switch(pair.node.name(), family) {
                FamilySwitch::On => true,
                FamilySwitch::Off => false,
                FamilySwitch::Defaulted => !node.is_empty() && !cilium_node.is_empty(),
            };
            counts.then_some((node, cilium_node))
        })
        .collect();
    let has_any = compared
        .iter()
        .any(|(_, cilium_node)| !cilium_node.is_empty());
    has_any
        && compared
            .iter()
            .any(|(node, cilium_node)| node != cilium_node)
}

/// Whether the Node has a CIDR of a family that is not switched off.
fn has_enabled(context: &Context<'_>, node: &Node) -> bool {
    Family::ALL.into_iter().any(|family| {
        context.detected.may_have(node.name(), family)
            && !prefixes(node_cidrs(node), family).is_empty()
    })
}

fn node_cidrs(node: &Node) -> &[Cidr] {
    match &node.pod_cidr {
        Some(one) if node.pod_cidrs.is_empty() => std::slice::from_ref(one),
        _ => &node.pod_cidrs,
    }
}

fn prefixes(cidrs: &[Cidr], family: Family) -> BTreeSet<Prefix> {
    cidrs
        .iter()
        .filter_map(|cidr| cidr.parsed().ok())
        .map(|parsed| parsed.prefix)
        .filter(|prefix| prefix.family() == family)
        .collect()
}

/// In mode kubernetes the agent copies the Node's CIDRs to the CiliumNode.
fn not_mirrored(pairs: &[Pair<'_>], first: &Pair<'_>) -> Draft {
    Draft::new(message(pairs, first))
        .effect("Cilium's agent has not taken over the Node's CIDRs, or the IPAM mode was changed in a running cluster: pods may have addresses to which the routes do not lead")
        .fix("restart the agent on the node: kubectl -n kube-system delete pod -l k8s-app=cilium --field-selector spec.nodeName=NAME; then recreate pods whose address is outside the node's CIDR")
        .objects(
            pairs
                .iter()
                .map(|pair| pair.cilium_node.to_ref().at("spec.ipam.podCIDRs")),
        )
}

/// In mode cluster-pool Kubernetes may allocate CIDRs that nobody uses.
fn allocated_twice(pairs: &[Pair<'_>], first: &Pair<'_>) -> Draft {
    Draft::new(message(pairs, first))
        .severity(Severity::Info)
        .effect("none for Cilium, which uses the CiliumNode's (`ipam: cluster-pool`); a controller that reads Node.spec.podCIDRs, such as AKO with an empty cniPlugin, programs routes to no pod")
        .fix("read CiliumNode.spec.ipam.podCIDRs, never Node.spec.podCIDRs (AKO: cniPlugin: cilium); to be rid of the others run kube-controller-manager with --allocate-node-cidrs=false (kubeadm: no --pod-network-cidr)")
        .objects(pairs.iter().map(|pair| pair.node.to_ref().at("spec.podCIDRs")))
}

fn message(pairs: &[Pair<'_>], first: &Pair<'_>) -> String {
    let names: Vec<&str> = pairs.iter().map(|pair| pair.node.name()).collect();
    let on_node = match node_cidrs(first.node) {
        [] => "none".to_owned(),
        cidrs => cidrs.join(", "),
    };
    format!(
        "{} other pod CIDRs on the Node than on the CiliumNode; {}: {on_node} on the Node, {} on the CiliumNode",
        wording::subject("node", &names, ["has", "have"]),
        first.node.name(),
        first.cilium_node.pod_cidrs.join(", ")
    )
}
