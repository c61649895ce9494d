//! route/protected-overlap: pod CIDRs that overlap a protected network.

use std::collections::BTreeMap;

use crate::prefix::Prefix;
use crate::report::Severity;
use crate::routes::MappedClaim;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "route/protected-overlap",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("protected_overlap.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for (network, (why, claims)) in overlaps(context) {
        let Some(first) = claims.first() else {
            continue;
        };
        let (node, prefix) = (first.claim.node, first.claim.prefix);
        let what = match claims.len() {
            1 => format!("the pod CIDR {prefix} of node {node} overlaps"),
            count => format!("{count} pod CIDRs, the first is {prefix} of node {node}, overlap"),
        };
        verdict.report(
            Draft::new(format!("{what} {network}, {why}"))
                .effect("such a route would draw traffic of that network to a node and could cut the load balancer off from nodes, clients or its own gateway; it is withheld")
                .fix(format!("give the pods a range outside {network}; if {network} is no such network, correct what names it: protectedNetworks or connectedNetworks of podroute's settings, or NetworkSettings.nodeNetworkList or vipNetworkList of AKO's Helm values"))
                .objects(claims.iter().map(|mapped| mapped.claim.origin.to_ref())),
        );
    }
    Ok(())
}

/// By network: why it is protected, and the claims.
type Overlaps<'a> = BTreeMap<Prefix, (&'static str, Vec<&'a MappedClaim<'a>>)>;

/// The claims withheld, by the first network that each overlaps.
fn overlaps<'a>(context: &Context<'a>) -> Overlaps<'a> {
    let mut overlaps = Overlaps::new();
    for mapped in &context.mapping().claims {
        if mapped.withheld_by != Some(RULE.id) {
            continue;
        }
        let hit = context
            .mapping()
            .protected
            .iter()
            .find(|one| one.network.overlaps(mapped.claim.prefix));
        if let Some(hit) = hit {
            let (_, claims) = overlaps.entry(hit.network).or_insert((hit.why, Vec::new()));
            claims.push(mapped);
        }
    }
    overlaps
}
