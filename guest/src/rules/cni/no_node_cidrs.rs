//! cni/no-node-cidrs: with this CNI no node has a pod CIDR of its own.

use crate::detect::cni::Cni;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "cni/no-node-cidrs",
    reach: Reach::Cluster,
    severities: &[Severity::Warning, Severity::Info],
    parameters: &[],
    page: include_str!("no_node_cidrs.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let owner = context.detected.cni.owner();
    let Some(why) = context.detected.why_no_routes() else {
        return Ok(());
    };
    let name = match &context.detected.cilium {
        Some(cilium) if owner == Cni::Cilium => match cilium.ipam {
            Some(mode) => format!("cilium in IPAM mode {}", mode.name()),
            None => return Ok(()),
        },
        _ => owner.name().to_owned(),
    };
    // Of AKO under Cilium's own modes ipam/no-node-cidrs speaks.
    let syncing = context
        .detected
        .akos
        .iter()
        .filter(|ako| owner != Cni::Cilium && ako.sync_off().is_none())
        .collect::<Vec<_>>();
    let message = format!("{name}: no static route per node is needed or possible: {why}");
    let draft = if syncing.is_empty() {
        Draft::new(message)
            .severity(Severity::Info)
            .effect("podroute makes no routes; a load balancer that is in the same network reaches the pods without any")
            .fix("nothing to do where the load balancer reaches the network that the pods are in; else send its traffic to the nodes (NodePort)")
    } else {
        Draft::new(format!("{message}; but AKO is set to sync static routes"))
            .effect("AKO takes Node.spec.podCIDRs, where they are filled, for the addresses of pods: its routes lead nowhere")
            .fix("in ConfigMap avi-k8s-config set disableStaticRouteSync: \"true\", and restart AKO")
    };
    verdict.report(
        draft.objects(
            syncing
                .iter()
                .map(|ako| ako.key_ref("disableStaticRouteSync")),
        ),
    );
    Ok(())
}
