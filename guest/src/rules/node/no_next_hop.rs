//! node/no-next-hop: no address of a pod CIDR's family.

use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "node/no-next-hop",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("no_next_hop.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for mapped in &context.mapping().claims {
        if mapped.withheld_by != Some(RULE.id) {
            continue;
        }
        let (node, prefix) = (mapped.claim.node, mapped.claim.prefix);
        let family = prefix.family();
        let Some(object) = context.cluster.nodes.get(node) else {
            continue;
        };
        let types = context.settings.next_hop_types.join(" or ");
        let hops = context.mapping().next_hops_of(node);
        let outside = hops.map_or(0, |hops| hops.get(family).outside.len());
        let (what, fix) = if outside == 0 {
            (
                format!("no {family} address of type {types}"),
                format!(
                    "give the node an {family} address: set kubelet's --node-ip to addresses of both families, or let the cloud provider report one"
                ),
            )
        } else {
            (format!("none of its {outside} {family} addresses is inside the node networks of the settings"), "add the node's network to the setting nodeNetworks, or name the address in the annotation podroute.dev/next-hop on the Node".to_owned())
        };
        let what_is_missing = format!("{family} {}", outside == 0);
        verdict.report_alike(
            what_is_missing,
            node,
            Draft::new(format!("node {node} has the pod CIDR {prefix}, but {what}"))
            .effect("there is no route to such a pod CIDR: its pods cannot be reached from the load balancer")
            .fix(fix)
            .object(object.to_ref().at("status.addresses"))
            .object(mapped.claim.origin.to_ref()),
        );
    }
    Ok(())
}
