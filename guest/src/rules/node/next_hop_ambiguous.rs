//! node/next-hop-ambiguous: several addresses could be the next hop.

use super::{required, source};
use crate::next_hop::{HopOrigin, NextHop};
use crate::objects::Kind;
use crate::objects::node::Node;
use crate::prefix::Family;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording;

pub const RULE: Rule = Rule {
    id: "node/next-hop-ambiguous",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("next_hop_ambiguous.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let mut doubtful: Vec<(&Node, Family, &NextHop)> = Vec::new();
    for (node, hops) in &context.mapping().next_hops {
        if context.is_excluded(node) {
            continue;
        }
        for family in Family::ALL {
            let hop = hops.get(family);
            if !hop.alternatives.is_empty() && required::has_claim(context, node.name(), family) {
                doubtful.push((node, family, hop));
            }
        }
    }
    if let Some((first, family, hop)) = doubtful.first() {
        // A node may be there once for each family.
        let mut nodes: Vec<&Node> = doubtful.iter().map(|(node, _, _)| *node).collect();
        nodes.dedup_by_key(|node| node.name());
        let names: Vec<&str> = nodes.iter().map(|node| node.name()).collect();
        verdict.report(
            Draft::new(format!(
                "{} several addresses of one type and family; {}",
                wording::subject("node", &names, ["has", "have"]),
                choice(first, *family, hop)
            ))
            .effect("if the load balancer reaches the node by another one only, packets to its pods are lost")
            .fix("make the kubelet report only the address that the load balancer reaches, or report it first: --node-ip=ADDRESS; or say which counts: the setting `nodeNetworks`, or the annotation podroute.dev/next-hop on the Node")
            .objects(nodes.iter().map(|node| node.to_ref().at("status.addresses"))),
        );
    }
    context.note_unseen(&[Kind::Node], verdict);
    source::seen(context)
}

/// What was taken, and why.
fn choice(node: &Node, family: Family, hop: &NextHop) -> String {
    let first = match hop.origin {
        HopOrigin::Annotation(name) => format!("address of annotation {name}"),
        HopOrigin::Status(at) => {
            let address = node.addresses.get(at);
            address.map_or_else(String::new, |address| address.kind.to_string())
        }
    };
    let taken = hop.address.map(|address| address.to_string());
    let others: Vec<String> = hop.alternatives.iter().map(ToString::to_string).collect();
    format!(
        "{} is the {family} next hop of {} because it is the first {first}, before {}",
        taken.unwrap_or_default(),
        node.name(),
        others.join(", ")
    )
}
