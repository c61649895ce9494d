//! ako/cni-plugin-mismatch: AKO reads pod CIDRs where this cluster does not
//! keep them.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use crate::ako::Simulation;
use crate::detect::Place;
use crate::detect::ako::{Ako, CniBranch};
use crate::detect::calico::Ipam;
use crate::detect::ipam::IpamMode;
use crate::objects::Kind;
use crate::objects::node::Node;
use crate::prefix::{Family, Prefix};
use crate::report::Severity;
use crate::routes::MappedClaim;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "ako/cni-plugin-mismatch",
    reach: Reach::Cluster,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[],
    page: include_str!("cni_plugin_mismatch.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for ako in context.akos()? {
        if ako.sync_off().is_some() {
            continue;
        }
        let place = place(context)?;
        if place != Place::Nowhere && !reads(ako.cni_branch(), place) {
            verdict.report(compare(context, ako, place)?);
        }
    }
    Ok(())
}

/// Works out the routes of every Node both ways. `place` is not what AKO
/// reads, so there is something to report even if all agree.
fn compare(context: &Context<'_>, ako: &Ako<'_>, place: Place) -> Result<Draft, Missing> {
    let branch = ako.cni_branch();
    let nodes = nodes_to_compare(context, branch, place)?;
    let simulation = Simulation::new(context.cluster, branch, &Family::ALL);
    let differences: Vec<Difference<'_>> = context
        .mapping()
        .of_nodes()
        .filter_map(|(node, _, claims)| Difference::on(context, node, claims, &simulation))
        .collect();
    let wrong_place = format!(
        "AKO reads {} (cniPlugin: {:?}) but pod CIDRs stand on {}",
        source(branch, nodes),
        ako.cni_plugin(),
        place.describe().unwrap_or_default()
    );
    let draft = match differences.first() {
        Some(first) => Draft::new(format!(
            "{wrong_place}; first difference: {first}; {} of {} nodes differ",
            differences.len(),
            nodes.len()
        ))
        .effect("AKO programs wrong routes for these nodes, or none: the load balancer sends packets for their pods to the wrong node or nowhere"),
        None => Draft::new(format!("{wrong_place}; the two agree now on all nodes ({})", nodes.len()))
            .effect("the routes are right only as long as the two agree, and AKO would not notice when they no longer do")
            .severity(Severity::Warning),
    };
    let cilium = context.detected.cilium.as_ref();
    let cilium_config = cilium.and_then(|cilium| cilium.config.as_ref());
    Ok(draft
        .fix(fix(ako, place))
        .object(ako.key_ref("cniPlugin"))
        .objects(cilium_config.map(|config| config.key_ref("ipam")))
        .objects(differences.iter().map(|one| one.node.to_ref())))
}

/// Where the pod CIDRs stand; `Nowhere` only where it is certain that no node
/// has any.
fn place(context: &Context<'_>) -> Result<Place, Missing> {
    context.cilium()?;
    let place = context.detected.place;
    let unproven = match place {
        Place::Nowhere => context.detected.why_no_routes().is_none(),
        // Calico without a word about its IPAM, and no block of it either.
        Place::BlockAffinity => {
            context.cluster.block_affinities.is_empty() && Ipam::find(context.cluster).is_none()
        }
        _ => false,
    };
    if unproven {
        context.cilium_config()?;
        return Err(Missing::other("where the pod CIDRs stand"));
    }
    Ok(place)
}

/// Whether a branch of AKO reads this place. That its branch for Cilium reads
/// only a part of what multi-pool mode writes is ako/multi-pool-unsupported's.
fn reads(branch: CniBranch, place: Place) -> bool {
    match branch {
        CniBranch::Cilium => matches!(place, Place::CiliumNode(_)),
        CniBranch::Default | CniBranch::Antrea => {
            matches!(place, Place::NodeSpec | Place::AnnotationOrNodeSpec)
        }
        CniBranch::OvnKubernetes => place == Place::OvnAnnotation,
        CniBranch::Calico => place == Place::BlockAffinity,
        CniBranch::OpenShift => place == Place::HostSubnet,
    }
}

/// The Nodes, once everything that either side reads was looked at. Where
/// another CNI was found to run, there are no `CiliumNodes` to ask for.
fn nodes_to_compare<'a>(
    context: &Context<'a>,
    branch: CniBranch,
    place: Place,
) -> Result<&'a BTreeMap<String, Node>, Missing> {
    let right_on_cilium_nodes = matches!(place, Place::CiliumNode(_));
    let may_have_some = context.detected.cilium.is_some() || context.settings.cni.is_some();
    if right_on_cilium_nodes || (branch == CniBranch::Cilium && may_have_some) {
        let cilium_nodes = context.cilium_nodes()?;
        if right_on_cilium_nodes && cilium_nodes.is_empty() {
            return Err(Missing::Kind(Kind::CiliumNode.name()));
        }
    }
    let kept_in = match place {
        Place::BlockAffinity => Some((Kind::BlockAffinity, context.cluster.block_affinities.len())),
        Place::HostSubnet => Some((Kind::HostSubnet, context.cluster.host_subnets.len())),
        _ => None,
    };
    if let Some((kind, count)) = kept_in {
        context.saw(kind)?;
        if count == 0 {
            return Err(Missing::Kind(kind.name()));
        }
    }
    context.nodes()
}

/// A node for which AKO would program something else than what is right.
struct Difference<'a> {
    node: &'a Node,
    /// The first route that AKO would program and that is not right.
    wrong: Option<Hop>,
    /// The first route that AKO would not program.
    absent: Option<Hop>,
    /// Why AKO gives the node no route at all.
    reason: Option<String>,
}

type Hop = (Prefix, IpAddr);

impl<'a> Difference<'a> {
    fn on(
        context: &Context<'a>,
        node: &'a Node,
        claims: &[MappedClaim<'_>],
        ako: &Simulation<'a>,
    ) -> Option<Self> {
        let mut right: Vec<Hop> = claims
            .iter()
            .filter_map(|mapped| Some((mapped.claim.prefix, mapped.next_hop?)))
            .collect();
        let (by_ako, reason) = match ako.node_routes(node) {
            Ok(routes) => (routes, None),
            Err(reason) => (Vec::new(), Some(reason)),
        };
        // Cilium may have a family switched off of which Nodes carry CIDRs.
        // Its pods do not use them, so a route there harms nobody.
        let mut by_ako: Vec<Hop> = by_ako
            .into_iter()
            .filter_map(|route| Some((Prefix::parse(route.prefix).ok()?.prefix, route.next_hop)))
            .filter(|(prefix, _)| context.detected.may_have(node.name(), prefix.family()))
            .collect();
        for hops in [&mut right, &mut by_ako] {
            hops.sort_unstable();
            hops.dedup();
        }
        (by_ako != right).then(|| Self {
            node,
            wrong: by_ako.iter().find(|hop| !right.contains(hop)).copied(),
            absent: right.iter().find(|hop| !by_ako.contains(hop)).copied(),
            reason,
        })
    }
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let describe = |hop: Option<Hop>| match hop {
            Some((prefix, next_hop)) => format!("{prefix} via {next_hop}"),
            None => "no such route".to_owned(),
        };
        let reason = match &self.reason {
            Some(reason) => format!(" ({reason})"),
            None => String::new(),
        };
        write!(
            f,
            "node {}: AKO would program {}{reason}, right is {}",
            self.node.name(),
            describe(self.wrong),
            describe(self.absent)
        )
    }
}

/// What a branch of AKO reads, in words.
fn source(branch: CniBranch, nodes: &BTreeMap<String, Node>) -> &'static str {
    match branch {
        CniBranch::Cilium => "CiliumNode.spec.ipam.podCIDRs",
        CniBranch::Default | CniBranch::Antrea
            if nodes
                .values()
                .any(|node| node.annotations.ako_pod_cidrs.is_some()) =>
        {
            "Node annotation ako.vmware.com/pod-cidrs, else Node.spec.podCIDRs,"
        }
        CniBranch::Default | CniBranch::Antrea => "Node.spec.podCIDRs",
        CniBranch::OvnKubernetes => "Node annotation k8s.ovn.org/node-subnets",
        CniBranch::Calico => "Calico's BlockAffinities",
        CniBranch::OpenShift => "OpenShift's HostSubnets",
    }
}

fn fix(ako: &Ako<'_>, place: Place) -> String {
    let value = match place {
        Place::CiliumNode(IpamMode::MultiPool) => {
            return "no value of cniPlugin reads multi-pool's CIDRs: set AKOSettings.disableStaticRouteSync: true in AKO's Helm values, and program the routes of this report by other means".to_owned();
        }
        Place::CiliumNode(_) => "cilium",
        Place::OvnAnnotation => "ovn-kubernetes",
        Place::BlockAffinity => "calico",
        Place::HostSubnet => "openshift",
        Place::NodeSpec | Place::AnnotationOrNodeSpec | Place::Nowhere => "\"\"",
    };
    format!(
        "set AKOSettings.cniPlugin: {value} in AKO's Helm values and restart AKO, which reads it only at its start: kubectl -n {} rollout restart statefulset ako",
        ako.namespace()
    )
}
