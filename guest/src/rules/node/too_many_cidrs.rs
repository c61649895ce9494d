//! node/too-many-cidrs: more pod CIDRs on a Node than there are families.

use super::source;
use crate::detect::Place;
use crate::objects::Kind;
use crate::objects::node::Node;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording;

pub const RULE: Rule = Rule {
    id: "node/too-many-cidrs",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("too_many_cidrs.md"),
    check,
};

/// One of each family.
const LIMIT: usize = 2;

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let nodes = context.nodes()?;
    context.note_unseen(&[Kind::Node], verdict);
    let crowded: Vec<&Node> = nodes
        .values()
        .filter(|node| node.pod_cidrs.len() > LIMIT)
        .collect();
    if crowded.is_empty() {
        return Ok(());
    }
    let nodes: Vec<&Node> = match source::place(context)? {
        Place::NodeSpec => crowded,
        // AKO's annotation replaces the list.
        Place::AnnotationOrNodeSpec => crowded
            .into_iter()
            .filter(|node| node.annotations.ako_pod_cidrs.is_none())
            .collect(),
        _ => return Ok(()),
    };
    if let Some(first) = nodes.first() {
        verdict.report(draft(context, &nodes, first));
    }
    Ok(())
}

fn draft(context: &Context<'_>, nodes: &[&Node], first: &Node) -> Draft {
    let names: Vec<&str> = nodes.iter().map(|node| node.name()).collect();
    let effect = if context.detected.cilium.is_some() {
        "Cilium takes one or two CIDRs and ignores a longer list as a whole: its agent waits for a pod CIDR, and the routes lead to addresses that no pod has"
    } else {
        "Kubernetes allows one CIDR of each family; to which of them the CNI gives addresses is not defined, and routes to the others lead nowhere"
    };
    Draft::new(format!(
        "{} more than {LIMIT} CIDRs in spec.podCIDRs; {}: {}",
        wording::subject("node", &names, ["has", "have"]),
        first.name(),
        first.pod_cidrs.join(", ")
    ))
    .effect(effect)
    .fix("spec.podCIDRs cannot be changed: delete the Node object (kubectl delete node NAME) and let the kubelet register it again, so that it is given one CIDR of each family")
    .objects(nodes.iter().map(|node| node.to_ref().at("spec.podCIDRs")))
}
