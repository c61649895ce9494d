//! ipam/mode-changed: CiliumNodes carry CIDRs where another mode keeps them.

use crate::detect::Place;
use crate::detect::ipam::IpamMode;
use crate::objects::Kind;
use crate::objects::cilium_node::CiliumNode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::sources::cilium::looks_made_up;
use crate::sources::{Field, Origin};

pub const RULE: Rule = Rule {
    id: "ipam/mode-changed",
    reach: Reach::Cluster,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[],
    page: include_str!("mode_changed.md"),
    check,
};

/// The operator's switch for the one move that is supported.
const MIGRATION: &str = "enable-cluster-pool-to-multi-pool-migration";

/// A CIDR where this mode keeps none.
struct Stray<'a> {
    text: &'a str,
    origin: Origin<'a>,
}

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Some(mode) = context.ipam_mode()? else {
        return Ok(());
    };
    context.note_unseen(&[Kind::CiliumNode], verdict);
    let version = context.cilium_version();
    let since_1_20 = version.as_ref().ok().map(|version| version.at_least(1, 20));
    let mut strays = Vec::new();
    for node in context.cluster.cilium_nodes.values() {
        strays.extend(stray(node, mode, since_1_20));
    }
    if let Err(missing) = version
        && version_matters(context, mode)
    {
        verdict.lacks(missing);
    }
    if strays.is_empty() || (mode == IpamMode::ClusterPool && may_be_moving(context)?) {
        return Ok(());
    }
    verdict.report(
        Draft::new(format!(
            "the mode is {}, but {} carries CIDRs where another mode keeps them: {}",
            mode.name(),
            match strays.len() {
                1 => "1 CiliumNode".to_owned(),
                count => format!("each of {count} CiliumNodes"),
            },
            first(&strays)
        ))
        .severity(Severity::Warning)
        .effect(format!(
            "a change of mode on a running cluster leaves this behind: pods from before it keep addresses that nothing manages any more, and another node may be given the same CIDR; {}",
            routes_used(context)
        ))
        .fix(format!(
            "put the former mode back into cilium-config, or rebuild the nodes one by one: kubectl drain NODE, kubectl delete ciliumnode NODE, restart the agent there, kubectl uncordon NODE; the only move between running modes is from cluster-pool to multi-pool with Cilium 1.20 or newer and {MIGRATION}: \"true\""
        ))
        .objects(strays.iter().map(|stray| stray.origin.to_ref())),
    );
    Ok(())
}

/// What is to be said of a change of the mode itself. The cluster that comes
/// of it does not always show it, so that only a review can say so.
/// `context` is the cluster after the change.
pub fn of_change(context: &Context<'_>, before: IpamMode) -> Option<Draft> {
    let config = context.cilium_config().ok().flatten()?;
    let after = context.ipam_mode().ok().flatten()?;
    let is_running = !context.cluster.nodes.is_empty();
    let moves = (before, after) == (IpamMode::ClusterPool, IpamMode::MultiPool)
        && may_be_moving(context).unwrap_or_default();
    if before == after || !is_running || moves {
        return None;
    }
    let (from, to) = (before.name(), after.name());
    let draft = Draft::new(format!(
        "ipam is changed from {from} to {to} in a cluster with nodes"
    ))
    .effect(format!(
        "with their next start the agents take CIDRs from elsewhere: pods keep addresses that nothing manages any more, which other nodes may be given again; {}",
        routes_used(context)
    ))
    .fix(format!(
        "leave ipam: {from}. To change the mode, build a new cluster; the only move between running modes is from cluster-pool to multi-pool with Cilium 1.20 or newer and {MIGRATION}: \"true\""
    ))
    .object(config.key_ref("ipam"));
    Some(draft)
}

/// The first CIDR of a CiliumNode that stands where the mode keeps none.
/// `since_1_20` is whether the agents are of 1.20 or newer, if that is known.
fn stray(node: &CiliumNode, mode: IpamMode, since_1_20: Option<bool>) -> Option<Stray<'_>> {
    match mode {
        // In kubernetes mode the agents mirror Node.spec.podCIDRs to
        // spec.ipam.podCIDRs.
        IpamMode::ClusterPool | IpamMode::ClusterPoolV2Beta | IpamMode::Kubernetes => {
            first_of_pools(node)
        }
        // The move from cluster-pool takes a CIDR out of the one list as it
        // puts it into the other.
        IpamMode::MultiPool if since_1_20 == Some(false) || node.has_pool_cidrs() => {
            first_of_pod_cidrs(node)
        }
        IpamMode::MultiPool => None,
        // Since 1.20 the agents write the prefixes of network interfaces to
        // the pools.
        IpamMode::Eni if since_1_20 != Some(false) => first_of_pod_cidrs(node),
        IpamMode::Eni
        | IpamMode::Crd
        | IpamMode::Azure
        | IpamMode::AlibabaCloud
        | IpamMode::DelegatedPlugin => first_of_pod_cidrs(node).or_else(|| first_of_pools(node)),
    }
}

/// Whether a CiliumNode is in order or not depending on a version that is
/// not known.
fn version_matters(context: &Context<'_>, mode: IpamMode) -> bool {
    context
        .cluster
        .cilium_nodes
        .values()
        .any(|node| stray(node, mode, None).is_none() && stray(node, mode, Some(false)).is_some())
}

fn first_of_pod_cidrs(node: &CiliumNode) -> Option<Stray<'_>> {
    node.pod_cidrs
        .iter()
        .enumerate()
        .find(|(_, text)| !looks_made_up(text))
        .map(|(at, text)| Stray::new(node, text, Field::CiliumPodCidrs(at)))
}

fn first_of_pools(node: &CiliumNode) -> Option<Stray<'_>> {
    node.pools.iter().enumerate().find_map(|(pool, allocated)| {
        let text = allocated.cidrs.first()?;
        Some(Stray::new(node, text, Field::CiliumPool(pool, 0)))
    })
}

impl<'a> Stray<'a> {
    fn new(node: &'a CiliumNode, text: &'a str, field: Field) -> Self {
        Self {
            text,
            origin: Origin {
                kind: Kind::CiliumNode,
                name: node.name(),
                field,
            },
        }
    }
}

/// Whether the operator has been told to move the CIDRs to the pools. A value
/// that it refuses counts: what it does then cannot be told.
fn may_be_moving(context: &Context<'_>) -> Result<bool, Missing> {
    let config = context.cilium_config()?;
    Ok(config.is_some_and(|config| config.bool(MIGRATION, false) != Ok(false)))
}

/// The first few, in words.
fn first(strays: &[Stray<'_>]) -> String {
    let mut words: Vec<String> = strays
        .iter()
        .take(3)
        .map(|stray| {
            let Origin { name, field, .. } = stray.origin;
            format!("{name} has {} in {}", stray.text, field.path())
        })
        .collect();
    if strays.len() > words.len() {
        words.push("...".to_owned());
    }
    words.join(", ")
}

/// What podroute makes of such a cluster.
fn routes_used(context: &Context<'_>) -> &'static str {
    let cilium = context.detected.cilium.as_ref();
    let before_1_20 = cilium.and_then(|cilium| cilium.at_least(1, 20)) == Some(false);
    match context.detected.place {
        Place::CiliumNode(IpamMode::MultiPool) if before_1_20 => {
            "podroute's routes are those of spec.ipam.pools.allocated and leave spec.ipam.podCIDRs out"
        }
        Place::CiliumNode(_) => {
            "podroute's routes are those of spec.ipam.podCIDRs and of spec.ipam.pools.allocated together"
        }
        Place::NodeSpec => "podroute's routes are those of Node.spec.podCIDRs and none of these",
        _ => "podroute makes no route of them",
    }
}
