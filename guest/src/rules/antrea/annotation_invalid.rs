//! antrea/annotation-invalid: transport addresses that are none.

use crate::detect::cni::Cni;
use crate::objects::annotations::names;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::sources::annotation_path;
use crate::sources::antrea::entries;

pub const RULE: Rule = Rule {
    id: "antrea/annotation-invalid",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("annotation_invalid.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    if context.detected.cni.owner() != Cni::Antrea {
        return Ok(());
    }
    for node in context.nodes()?.values() {
        let Some(text) = node.annotations.antrea_transport.as_deref() else {
            continue;
        };
        let Some(entry) = entries(text).find_map(Result::err) else {
            continue;
        };
        let name = node.name();
        verdict.report_alike(
            "",
            name,
            Draft::new(format!(
                "`{entry}` in annotation {} of node {name} is not an address",
                names::ANTREA_TRANSPORT
            ))
            .effect("the address of the node's transport interface is not known: the next hop is taken from status.addresses, which may be on another network; AKO copies what is written")
            .fix("restart the node's Antrea agent, which writes the annotation from transportInterface or transportInterfaceCIDRs of its configuration: kubectl -n kube-system delete pod -l component=antrea-agent --field-selector spec.nodeName=NAME")
            .object(node.to_ref().at(annotation_path(names::ANTREA_TRANSPORT))),
        );
    }
    Ok(())
}
