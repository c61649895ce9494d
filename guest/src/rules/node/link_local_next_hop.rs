//! node/link-local-next-hop: the only addresses of a family are link-local or
//! otherwise no destination for another machine.

use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "node/link-local-next-hop",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("link_local_next_hop.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for mapped in &context.mapping().claims {
        if mapped.withheld_by != Some(RULE.id) {
            continue;
        }
        let (node, prefix) = (mapped.claim.node, mapped.claim.prefix);
        let (Some(object), Some(hops)) = (
            context.cluster.nodes.get(node),
            context.mapping().next_hops_of(node),
        ) else {
            continue;
        };
        let refused = &hops.get(prefix.family()).refused;
        let refused: Vec<String> = refused.iter().map(ToString::to_string).collect();
        verdict.report_alike(
            prefix.family().name(),
            node,
            Draft::new(format!(
                "the only {} address of node {node} is {}, which is link-local, loopback, multicast or unspecified",
                prefix.family(),
                refused.join(", ")
            ))
            .effect("a load balancer cannot use it as a next hop, so there is no route to the node's pod CIDRs of this family")
            .fix("make the kubelet report a routable address: --node-ip=ADDRESS")
            .object(object.to_ref().at("status.addresses"))
            .object(mapped.claim.origin.to_ref()),
        );
    }
    Ok(())
}
