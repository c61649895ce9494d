//! route/next-hop-in-prefix: a next hop that lies inside its own prefix.

use super::next_hop_ref;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "route/next-hop-in-prefix",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("next_hop_in_prefix.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for mapped in &context.mapping().claims {
        let Some(next_hop) = mapped
            .next_hop
            .filter(|_| mapped.withheld_by == Some(RULE.id))
        else {
            continue;
        };
        let (node, prefix) = (mapped.claim.node, mapped.claim.prefix);
        verdict.report_alike(
            prefix.family().name(),
            node,
            Draft::new(format!(
                "the address {next_hop} of node {node} lies inside the node's own pod CIDR {prefix}"
            ))
            .effect("a load balancer with such a route would look for the next hop behind itself and reach neither the node nor its pods; the route is withheld")
            .fix("let pods and nodes use disjoint ranges: choose a pool for the pods that contains no node address, or make the kubelet report another address with --node-ip")
            .object(mapped.claim.origin.to_ref())
            .objects(next_hop_ref(context, node, prefix.family())),
        );
    }
    Ok(())
}
