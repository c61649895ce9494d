//! node/ipam-error: Cilium's operator could not allocate pod CIDRs.

use super::{required, source};
use crate::detect::Place;
use crate::objects::Kind;
use crate::objects::cilium_node::CiliumNode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording;

pub const RULE: Rule = Rule {
    id: "node/ipam-error",
    reach: Reach::Node,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[],
    page: include_str!("ipam_error.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Place::CiliumNode(_) = source::place(context)? else {
        return Ok(());
    };
    context.note_unseen(&[Kind::CiliumNode], verdict);
    let in_use = required::InUse::find(context);
    for cilium_node in context.cluster.cilium_nodes.values() {
        if let Some(error) = &cilium_node.operator_error {
            let severity = severity(context, cilium_node, &in_use);
            // The texts differ in node names and CIDRs.
            let text = error.replace(cilium_node.name(), "");
            let what = text.replace(|c: char| c.is_ascii_digit(), "");
            verdict.report_alike(
                what,
                cilium_node.name(),
                draft(error, severity, cilium_node),
            );
        }
    }
    Ok(())
}

/// The operator does not always clear an error once it has succeeded.
fn severity(context: &Context<'_>, cilium_node: &CiliumNode, in_use: &required::InUse) -> Severity {
    let name = cilium_node.name();
    let has_any = context.mapping().claims_of(name).next().is_some();
    let has_all = in_use
        .required_on(context, name)
        .into_iter()
        .all(|family| required::has_claim(context, name, family));
    if has_any && has_all {
        Severity::Warning
    } else {
        Severity::Error
    }
}

fn draft(error: &str, severity: Severity, cilium_node: &CiliumNode) -> Draft {
    let effect = match severity {
        Severity::Error => {
            "the node lacks a pod CIDR: Cilium's agent does not become ready there, and the load balancer has no route to its pods"
        }
        _ => {
            "the node has pod CIDRs of every family, so the error may be an old one; if it is not, changes to its CIDRs do not take effect"
        }
    };
    Draft::new(format!(
        "CiliumNode {} has an allocation error of Cilium's operator: {}",
        cilium_node.name(),
        wording::quote(error)
    ))
    .severity(severity)
    .effect(effect)
    .fix("kubectl -n kube-system logs deployment/cilium-operator; `allocator full`: append a CIDR to cluster-pool-ipv4-cidr or cluster-pool-ipv6-cidr and leave the others as they are; `already allocated`: drain the node, kubectl delete ciliumnode NAME, and restart the agent there")
    .object(cilium_node.to_ref().at("status.ipam.operator-status.error"))
}
