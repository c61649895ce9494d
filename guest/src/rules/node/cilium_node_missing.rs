//! node/cilium-node-missing: a Node without the CiliumNode that would hold
//! its pod CIDRs.

use std::collections::BTreeMap;

use super::source;
use crate::detect::Place;
use crate::objects::Kind;
use crate::objects::node::Node;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording;

pub const RULE: Rule = Rule {
    id: "node/cilium-node-missing",
    reach: Reach::Node,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[],
    page: include_str!("cilium_node_missing.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Place::CiliumNode(_) = source::place(context)? else {
        return Ok(());
    };
    let nodes = context.nodes()?;
    let cilium_nodes = context.cilium_nodes()?;
    context.note_unseen(&[Kind::Node], verdict);
    let mut alone: BTreeMap<Severity, Vec<&Node>> = BTreeMap::new();
    for node in nodes.values() {
        let is_missing = !cilium_nodes.contains_key(node.name());
        if is_missing && !context.is_excluded(node) && !runs_windows(node) {
            alone.entry(severity(node)).or_default().push(node);
        }
    }
    for (severity, nodes) in alone {
        verdict.report(draft(severity, &nodes));
    }
    Ok(())
}

/// Cilium's agent does not run there; another CNI serves such nodes.
fn runs_windows(node: &Node) -> bool {
    let labels = node.labels.read();
    labels
        .get("kubernetes.io/os")
        .is_some_and(|os| os == "windows")
}

/// A node that is not ready may be about to start its agent.
fn severity(node: &Node) -> Severity {
    if node.ready == Some(false) {
        Severity::Warning
    } else {
        Severity::Error
    }
}

fn draft(severity: Severity, nodes: &[&Node]) -> Draft {
    let names: Vec<&str> = nodes.iter().map(|node| node.name()).collect();
    let draft = Draft::new(format!(
        "{} no CiliumNode",
        wording::subject("node", &names, ["has", "have"])
    ))
    .severity(severity)
    .fix("see whether Cilium's agent runs there, and what it says: kubectl -n kube-system get pods -l k8s-app=cilium --field-selector spec.nodeName=NAME; check that the DaemonSet's nodeSelector and tolerations admit the node")
    .objects(nodes.iter().map(|node| node.to_ref()));
    match severity {
        Severity::Error => draft.effect("the node has no pod CIDR: its pods get no address from Cilium, and the load balancer has no route to them"),
        _ => draft.effect("the node has no pod CIDR and no route until Cilium's agent has started there"),
    }
}
