//! What the cluster is: CNI, IPAM mode, versions, and where its pod CIDRs
//! stand. Found from the objects; only podroute's own settings override it.

pub mod ako;
pub mod cilium;
pub mod cni;
pub mod ipam;

use std::collections::BTreeSet;

use crate::cluster::Cluster;
use crate::objects::Kind;
use crate::objects::config_map::ConfigMap;
use crate::prefix::Family;
use crate::settings::{Gap, Settings};
use crate::version::Version;
use ako::Ako;
use cilium::{Cilium, FamilySwitch};
use cni::{Cni, Detection};
use ipam::IpamMode;

/// Where this cluster keeps its pod CIDRs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// CiliumNode.spec.ipam, in a mode whose operator allocates there.
    CiliumNode(IpamMode),
    /// Node.spec.podCIDRs.
    NodeSpec,
    /// AKO's annotation on the Node, else Node.spec.podCIDRs: what is tried
    /// where no CNI is known.
    AnnotationOrNodeSpec,
    /// The annotation `k8s.ovn.org/node-subnets` of the Nodes.
    OvnAnnotation,
    /// Nowhere: no static route per node can exist, or none can be told.
    Nowhere,
}

impl Place {
    /// The field, for people.
    pub fn describe(self) -> Option<&'static str> {
        match self {
            Self::CiliumNode(IpamMode::MultiPool) => {
                Some("CiliumNode.spec.ipam.pools.allocated[].cidrs")
            }
            Self::CiliumNode(_) => Some("CiliumNode.spec.ipam.podCIDRs"),
            Self::NodeSpec => Some("Node.spec.podCIDRs"),
            Self::AnnotationOrNodeSpec => {
                Some("Node annotation ako.vmware.com/pod-cidrs, else Node.spec.podCIDRs")
            }
            Self::OvnAnnotation => Some("Node annotation k8s.ovn.org/node-subnets"),
            Self::Nowhere => None,
        }
    }
}

/// Everything that was found out.
#[derive(Debug)]
pub struct Detected<'a> {
    pub cni: Detection,
    /// Some where the CNI is Cilium.
    pub cilium: Option<Cilium<'a>>,
    pub place: Place,
    pub akos: Vec<Ako<'a>>,
    /// The oldest kubelet among the nodes.
    pub kubernetes_version: Option<Version>,
    /// Why no verdict on the routes is possible.
    pub undecided: Vec<String>,
}

impl<'a> Detected<'a> {
    pub fn find(cluster: &'a Cluster, settings: &Settings) -> Self {
        let cni = cni::detect(cluster, settings);
        let cilium = (cni.cni == Cni::Cilium).then(|| Cilium::find(cluster, settings));
        let mut undecided = Vec::new();
        let place = match place(&cni, cilium.as_ref()) {
            Ok(place) => place,
            Err(reason) => {
                undecided.push(reason);
                Place::Nowhere
            }
        };
        undecided.extend(missing_evidence(cluster, settings, &cni, place));
        Self {
            cni,
            cilium,
            place,
            akos: Ako::find_all(cluster),
            kubernetes_version: kubernetes_version(cluster),
            undecided,
        }
    }

    /// Whether pods may have addresses of a family. With Cilium a family can
    /// be switched off while Nodes still carry CIDRs of it.
    pub fn may_have(&self, family: Family) -> bool {
        self.family_switch(family) != FamilySwitch::Off
    }

    /// Whether a family is on, as far as anything says so.
    pub fn family_switch(&self, family: Family) -> FamilySwitch {
        match self
            .cilium
            .as_ref()
            .and_then(|cilium| cilium.config.as_ref())
        {
            Some(config) => config.family(family),
            None => FamilySwitch::Defaulted,
        }
    }
}

/// Where pod CIDRs stand; the error says why that cannot be told.
fn place(cni: &Detection, cilium: Option<&Cilium<'_>>) -> Result<Place, String> {
    if let Some(cilium) = cilium {
        return cilium_place(cilium);
    }
    match cni.cni {
        Cni::OvnKubernetes => Ok(Place::OvnAnnotation),
        Cni::Antrea | Cni::Flannel | Cni::Kindnet | Cni::KubeRouter | Cni::Kubernetes => {
            Ok(Place::NodeSpec)
        }
        // The network itself knows where each pod is.
        Cni::Ncp | Cni::AwsVpc | Cni::Azure => Ok(Place::Nowhere),
        Cni::Unknown => Ok(Place::AnnotationOrNodeSpec),
        other => Err(format!(
            "{} keeps pod CIDRs in objects that this version of podroute does not map; if they stand on the Nodes here, set `cni` (--cni) to `kubernetes`",
            other.name()
        )),
    }
}

fn cilium_place(cilium: &Cilium<'_>) -> Result<Place, String> {
    if let Some(config) = &cilium.config
        && let Some(mode) = config.chained_behind()
    {
        return Err(format!(
            "Cilium is chained behind another CNI (cni-chaining-mode: {mode}), which hands out the pods' addresses; if that one keeps pod CIDRs on the Nodes, set `cni` (--cni) to `kubernetes`"
        ));
    }
    match cilium.ipam {
        Some(IpamMode::Kubernetes) => Ok(Place::NodeSpec),
        Some(mode) if mode.allocates_on_cilium_nodes() => Ok(Place::CiliumNode(mode)),
        Some(_) => Ok(Place::Nowhere),
        None => Err(match &cilium.config {
            None => "Cilium runs, but ConfigMap kube-system/cilium-config is not in the snapshot, so its IPAM mode is not known; add the ConfigMap, or set `ipamMode` (--ipam)".to_owned(),
            Some(config) => format!(
                "`ipam: {}` in cilium-config is no IPAM mode that podroute knows, so where pod CIDRs stand is not known",
                config.ipam().unwrap_or("(missing)")
            ),
        }),
    }
}

/// What would have to be there for the routes to be a verdict.
fn missing_evidence(
    cluster: &Cluster,
    settings: &Settings,
    cni: &Detection,
    place: Place,
) -> Vec<String> {
    let mut missing = Vec::new();
    if cluster.nodes.is_empty() {
        missing.push("no Node is in the snapshot".to_owned());
    }
    if matches!(place, Place::CiliumNode(_)) && cluster.cilium_nodes.is_empty() {
        missing.push(
            "pod CIDRs stand on the CiliumNodes in this IPAM mode, and none is in the snapshot"
                .to_owned(),
        );
    }
    if !cni.conclusive {
        missing.push(
            "nothing in the snapshot tells which CNI runs; the routes assume that pod CIDRs stand on the Nodes. Add the DaemonSets and the ConfigMaps of kube-system, or set `cni` (--cni)"
                .to_owned(),
        );
    }
    let needed = needed_kinds(place);
    for gap in &settings.gaps {
        if gap.kind == Gap::ANY {
            missing.push(format!(
                "part of the snapshot could not be read: {}",
                gap.reason
            ));
        } else if needed.contains(gap.kind.as_str()) {
            missing.push(format!("{} could not be read: {}", gap.kind, gap.reason));
        }
    }
    for object in cluster.unreadable() {
        let matters = match &*object.kind {
            "ConfigMap" => object.name == ConfigMap::CILIUM,
            kind => needed.contains(kind),
        };
        if matters {
            missing.push(format!("{} {} could not be read", object.kind, object.name));
        }
    }
    missing
}

/// The kinds that routes, and the choice of where to read them, come from.
fn needed_kinds(place: Place) -> BTreeSet<&'static str> {
    let mut kinds = BTreeSet::from([
        Kind::Node.name(),
        Kind::ConfigMap.name(),
        Kind::DaemonSet.name(),
    ]);
    if matches!(place, Place::CiliumNode(_) | Place::Nowhere) {
        kinds.insert(Kind::CiliumNode.name());
    }
    kinds
}

fn kubernetes_version(cluster: &Cluster) -> Option<Version> {
    cluster
        .nodes
        .values()
        .filter_map(|node| Version::parse(node.kubelet_version.as_deref()?))
        .min()
}
