//! Running Pods whose address is in none of their node's pod CIDRs.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::cluster::Name;
use crate::detect::Place;
use crate::detect::cni::Cni;
use crate::detect::ipam::IpamMode;
use crate::objects::Kind;
use crate::objects::pod::Pod;
use crate::prefix::Family;
use crate::prefix_map::PrefixMap;
use crate::report::ObjectRef;
use crate::rules::context::{Context, namespaced_object};
use crate::rules::rule::{Missing, Verdict};
use crate::sources::Claim;

/// An address that the routes to its Pod's node do not cover.
pub(super) struct Stray<'a> {
    pub name: &'a Name,
    pub pod: &'a Pod,
    pub address: IpAddr,
    /// The CIDR of another node that the address is in.
    pub other: Option<&'a Claim<'a>>,
}

impl Stray<'_> {
    pub(super) fn to_ref(&self) -> ObjectRef {
        namespaced_object(Kind::Pod, self.name).at("status.podIPs")
    }

    /// Namespace and name.
    pub(super) fn title(&self) -> String {
        let (namespace, name) = self.name;
        format!("{namespace}/{name}")
    }
}

/// Every stray address, by Pod.
pub(super) fn find<'a>(
    context: &Context<'a>,
    verdict: &mut Verdict,
) -> Result<Vec<Stray<'a>>, Missing> {
    context.ipam_mode()?;
    let place = context.detected.place;
    let holder = match place.holder() {
        // Calico lends addresses of a node's blocks to other nodes, and routes
        // them one by one.
        None | Some(Kind::BlockAffinity) => return Ok(Vec::new()),
        Some(kind) => kind,
    };
    context.note_unseen(&[holder, Kind::Pod], verdict);
    let valid = context.claims().valid.iter();
    let claims: PrefixMap<&Claim<'_>> = valid.map(|claim| (claim.prefix, claim)).collect();
    // A CIDR that cannot be read may be the one that the Pod is in.
    let unclear: BTreeSet<&str> = context
        .claims()
        .invalid
        .iter()
        .map(|invalid| invalid.node)
        .collect();
    let mut strays = Vec::new();
    for (name, pod) in context.cluster.pods.iter() {
        if !has_pod_address(pod) || unclear.contains(&*pod.node) {
            continue;
        }
        for address in pod.ips.iter().filter_map(|ip| ip.parse().ok()) {
            if is_at_home(context, pod, address) || is_migrated_machine(context, pod) {
                continue;
            }
            if may_be_moving(context, pod, address) {
                verdict.lacks(Missing::other("the Cilium version"));
                continue;
            }
            let other = claims.of_address(address).map(|(_, claim)| *claim);
            strays.push(Stray {
                name,
                pod,
                address,
                other,
            });
        }
    }
    Ok(strays)
}

/// Whether the Pod has an address that the CNI gave it, and still uses it.
fn has_pod_address(pod: &Pod) -> bool {
    pod.phase == "Running" && !pod.deleting && !pod.host_network
}

/// Whether the address is in a CIDR of its node, or its node has none of the
/// family: then it is the node that lacks something.
fn is_at_home(context: &Context<'_>, pod: &Pod, address: IpAddr) -> bool {
    let mut of_family = context
        .mapping()
        .claims_of(&pod.node)
        .map(|mapped| mapped.claim.prefix)
        .filter(|prefix| prefix.family() == Family::of(address))
        .peekable();
    of_family.peek().is_none() || of_family.any(|prefix| prefix.contains_address(address))
}

/// OVN-Kubernetes lets a virtual machine keep its address when it moves to
/// another node, and routes it there.
fn is_migrated_machine(context: &Context<'_>, pod: &Pod) -> bool {
    context.detected.cni.cni == Cni::OvnKubernetes && pod.labels.read().contains_key("kubevirt.io")
}

/// Whether the address is in a CIDR that only counts from 1.20 on, when the
/// version is not known.
fn may_be_moving(context: &Context<'_>, pod: &Pod, address: IpAddr) -> bool {
    let is_multi_pool = context.detected.place == Place::CiliumNode(IpamMode::MultiPool);
    is_multi_pool
        && context.cilium_version().is_err()
        && context
            .cluster
            .cilium_nodes
            .get(&pod.node)
            .is_some_and(|node| {
                node.pod_cidrs
                    .iter()
                    .filter_map(|cidr| cidr.parsed().ok())
                    .any(|parsed| parsed.prefix.contains_address(address))
            })
}
