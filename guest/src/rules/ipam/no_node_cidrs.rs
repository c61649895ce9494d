//! ipam/no-node-cidrs: AKO syncs static routes in a mode in which no node has
//! a pod CIDR of its own.

use crate::detect::ako::Ako;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "ipam/no-node-cidrs",
    reach: Reach::Cluster,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("no_node_cidrs.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Some(mode) = context.ipam_mode()? else {
        return Ok(());
    };
    let Some(why) = mode.why_no_routes() else {
        return Ok(());
    };
    let syncing: Vec<&Ako<'_>> = context
        .akos()?
        .iter()
        .filter(|ako| ako.sync_off().is_none())
        .collect();
    if syncing.is_empty() {
        return Ok(());
    }
    if is_chained(context) {
        return Err(Missing::other(
            "what hands out pod addresses (Cilium is chained behind another CNI)",
        ));
    }
    for ako in syncing {
        verdict.report(
            Draft::new(format!(
                "AKO in namespace {} is set to sync static routes, but `ipam` is {}: {why}",
                ako.namespace(),
                mode.name()
            ))
            .effect("AKO finds no pod CIDR of the nodes; what it takes for one, from Node.spec.podCIDRs or a prefix that an old agent made up, becomes a route to addresses that are no pods'")
            .fix(format!(
                "in ConfigMap {0}/avi-k8s-config set disableStaticRouteSync: \"true\" where the network itself routes pod addresses, else serviceType: \"NodePort\"; then restart AKO",
                ako.namespace()
            ))
            .object(ako.key_ref("disableStaticRouteSync")),
        );
    }
    Ok(())
}

/// Behind another CNI Cilium's mode says nothing about the pods' addresses.
fn is_chained(context: &Context<'_>) -> bool {
    let cilium = context.detected.cilium.as_ref();
    cilium
        .and_then(|cilium| cilium.config.as_ref())
        .is_some_and(|config| config.chained_behind().is_some())
}
