//! ovn/annotation-invalid: an annotation that OVN-Kubernetes cannot have
//! written.

use crate::detect::Place;
use crate::objects::annotations::names;
use crate::objects::node::Node;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::sources::annotation_path;
use crate::sources::ovn_kubernetes::{Reader, host_addresses, primary, subnets};

pub const RULE: Rule = Rule {
    id: "ovn/annotation-invalid",
    reach: Reach::Node,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[],
    page: include_str!("annotation_invalid.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    if context.detected.place != Place::OvnAnnotation {
        return Ok(());
    }
    for node in context.nodes()?.values() {
        let all = &node.annotations;
        if let Some(text) = &all.ovn_node_subnets
            && let Err(reason) = subnets(text)
        {
            let effect = "which pod CIDRs the node has is not known: it has no route at all, and neither has it with AKO or F5 CIS";
            let draft = draft(node, names::OVN_NODE_SUBNETS, reason, effect);
            verdict.report_alike(names::OVN_NODE_SUBNETS, node.name(), draft);
        }
        let others: [(&str, &Option<String>, Reader, Severity, &str); 3] = [
            (
                names::OVN_PRIMARY_IFADDR,
                &all.ovn_primary_ifaddr,
                primary,
                Severity::Error,
                "the address that OVN-Kubernetes uses is not known: the node's next hop is taken from status.addresses, which may be on another interface",
            ),
            (
                names::OVN_HOST_CIDRS,
                &all.ovn_host_cidrs,
                host_addresses,
                Severity::Warning,
                "the node's addresses on other interfaces are not known: a node network that is set to choose the next hop may find none",
            ),
            (
                names::OVN_HOST_ADDRESSES,
                &all.ovn_host_addresses,
                host_addresses,
                Severity::Warning,
                "the node's addresses on other interfaces are not known: a node network that is set to choose the next hop may find none",
            ),
        ];
        for (name, text, read, severity, effect) in others {
            if let Some(Err(reason)) = text.as_deref().map(read) {
                let draft = draft(node, name, &reason, effect).severity(severity);
                verdict.report_alike(name, node.name(), draft);
            }
        }
    }
    Ok(())
}

fn draft(node: &Node, annotation: &str, reason: &str, effect: &str) -> Draft {
    Draft::new(format!(
        "annotation {annotation} of node {} {reason}",
        node.name()
    ))
    .effect(effect)
    .fix(format!(
        "remove what was written by hand: kubectl annotate node NAME {annotation}-; then restart the node's ovnkube-node Pod and ovnkube-control-plane, which write it anew"
    ))
    .object(node.to_ref().at(annotation_path(annotation)))
}
