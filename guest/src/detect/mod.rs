//! What the cluster is: CNI, IPAM mode, versions, and where its pod CIDRs
//! stand. Found from the objects; only podroute's own settings override it.

pub mod ako;
pub mod calico;
pub mod cilium;
pub mod cni;
pub mod coverage;
pub mod ipam;
pub mod needs;

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
    /// BlockAffinity.spec.cidr: Calico's blocks, several per node.
    BlockAffinity,
    /// HostSubnet.subnet: OpenShift SDN.
    HostSubnet,
    /// Nowhere: no static route per node can exist, or none can be told.
    Nowhere,
}

impl Place {
    /// The kind of the objects that hold the pod CIDRs; None when nowhere.
    pub fn holder(self) -> Option<Kind> {
        match self {
            Self::CiliumNode(_) => Some(Kind::CiliumNode),
            Self::BlockAffinity => Some(Kind::BlockAffinity),
            Self::HostSubnet => Some(Kind::HostSubnet),
            Self::NodeSpec | Self::AnnotationOrNodeSpec | Self::OvnAnnotation => Some(Kind::Node),
            Self::Nowhere => None,
        }
    }

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
            Self::BlockAffinity => Some("BlockAffinity.spec.cidr"),
            Self::HostSubnet => Some("HostSubnet.subnet"),
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
    /// Why no verdict on the routes is possible.
    pub undecided: Vec<String>,
}

/// What was concluded from the cluster as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusions {
    pub cni: Detection,
    pub place: Place,
    pub undecided: Vec<String>,
}

impl<'a> Detected<'a> {
    pub fn find(cluster: &'a Cluster, settings: &Settings) -> Self {
        let cni = cni::detect(cluster, settings);
        let cilium = (cni.cni == Cni::Cilium).then(|| Cilium::find(cluster, settings));
        let mut undecided = Vec::new();
        let place = match place(cluster, &cni, cilium.as_ref()) {
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
            undecided,
        }
    }

    /// The same of a part of a cluster, in which the CNI does not show anew.
    pub fn within(part: &'a Cluster, settings: &Settings, whole: &Conclusions) -> Self {
        let cni = whole.cni.clone();
        Self {
            cilium: (cni.cni == Cni::Cilium).then(|| Cilium::find(part, settings)),
            cni,
            place: whole.place,
            akos: Ako::find_all(part),
            undecided: whole.undecided.clone(),
        }
    }

    /// What outlasts the cluster that it was found in.
    pub fn conclusions(&self) -> Conclusions {
        Conclusions {
            cni: self.cni.clone(),
            place: self.place,
            undecided: self.undecided.clone(),
        }
    }

    /// Why no static route per node is needed, or can exist; None where it
    /// can, or where that is not known.
    pub fn why_no_routes(&self) -> Option<&'static str> {
        match (&self.cilium, self.cni.owner()) {
            (Some(cilium), Cni::Cilium) if !cilium.is_chained() => cilium.ipam?.why_no_routes(),
            (_, owner) => owner.why_no_routes(),
        }
    }

    /// Whether pods of a node may have addresses of a family. With Cilium a
    /// family can be switched off while Nodes still carry CIDRs of it.
    pub fn may_have(&self, node: &str, family: Family) -> bool {
        self.family_switch(node, family) != FamilySwitch::Off
    }

    /// Whether a family is on for a node, as far as anything says so.
    pub fn family_switch(&self, node: &str, family: Family) -> FamilySwitch {
        match self
            .cilium
            .as_ref()
            .and_then(|cilium| cilium.config.as_ref())
        {
            Some(config) => config.family_on(node, family),
            None => FamilySwitch::Defaulted,
        }
    }
}

/// Where pod CIDRs stand; the error says why that cannot be told.
fn place(cluster: &Cluster, cni: &Detection, cilium: Option<&Cilium<'_>>) -> Result<Place, String> {
    match (cilium, cni.behind) {
        (Some(cilium), None) => cilium_place(cilium, cni),
        _ if cni.cni == Cni::Unknown && !cni.rivals.is_empty() => Err(format!(
            "{} show, and nothing tells which of them hands out the pods' addresses; set `cni` (--cni) to the one that does",
            names(cni)
        )),
        _ => Ok(place_of(cni.owner(), calico::Ipam::find(cluster))),
    }
}

/// Where a CNI keeps its pod CIDRs. Cilium's place depends on its IPAM mode:
/// [`place_in`].
fn place_of(cni: Cni, calico: Option<calico::Ipam>) -> Place {
    match cni {
        Cni::OvnKubernetes => Place::OvnAnnotation,
        Cni::OpenShiftSdn => Place::HostSubnet,
        // Calico's own IPAM is what it comes with; flannel's network, on
        // which Canal is built, wants the Nodes' CIDRs.
        Cni::Calico if calico != Some(calico::Ipam::HostLocal) => Place::BlockAffinity,
        Cni::Canal if calico == Some(calico::Ipam::Calico) => Place::BlockAffinity,
        // Weave Net allocates from a range of its own. That it does not keep
        // to the Nodes' CIDRs is for the rule cni/assumed to say.
        Cni::Calico
        | Cni::Canal
        | Cni::Antrea
        | Cni::Flannel
        | Cni::Kindnet
        | Cni::KubeRouter
        | Cni::Weave
        | Cni::Kubernetes => Place::NodeSpec,
        // The network itself knows where each pod is.
        Cni::Ncp | Cni::AwsVpc | Cni::Azure | Cni::Cilium => Place::Nowhere,
        Cni::Unknown => Place::AnnotationOrNodeSpec,
    }
}

/// Where Cilium keeps pod CIDRs in an IPAM mode.
fn place_in(mode: IpamMode) -> Place {
    match mode {
        IpamMode::Kubernetes => Place::NodeSpec,
        mode if mode.allocates_on_cilium_nodes() => Place::CiliumNode(mode),
        _ => Place::Nowhere,
    }
}

fn cilium_place(cilium: &Cilium<'_>, cni: &Detection) -> Result<Place, String> {
    if let Some(config) = &cilium.config
        && let Some(mode) = config.chained_behind()
    {
        let which = match cni.rivals.as_slice() {
            [] => "and nothing in the snapshot shows which one".to_owned(),
            _ => format!("and {} show", names(cni)),
        };
        return Err(format!(
            "Cilium is chained behind another CNI (cni-chaining-mode: {mode}), which hands out the pods' addresses, {which}; set `cni` (--cni) to that one, or to `kubernetes` if it keeps pod CIDRs on the Nodes"
        ));
    }
    cilium.ipam.map(place_in).ok_or_else(|| match &cilium.config {
        None => "Cilium runs, but ConfigMap kube-system/cilium-config is not in the snapshot, so its IPAM mode is not known; add the ConfigMap, or set `ipamMode` (--ipam)".to_owned(),
        Some(config) => format!(
            "`ipam: {}` in cilium-config is no IPAM mode that podroute knows, so where pod CIDRs stand is not known",
            config.ipam().unwrap_or("(missing)")
        ),
    })
}

/// The names of the CNIs of which none can be told to be the right one.
fn names(cni: &Detection) -> String {
    let names: Vec<&str> = cni.rivals.iter().map(|rival| rival.cni.name()).collect();
    names.join(" and ")
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
    if place == Place::BlockAffinity && cluster.block_affinities.is_empty() {
        missing.push(match calico::Ipam::find(cluster) {
            Some(_) => "pod CIDRs stand on Calico's BlockAffinities, and none is in the snapshot; add them: kubectl get blockaffinities.crd.projectcalico.org -o yaml".to_owned(),
            None => "nothing in the snapshot tells which IPAM plugin Calico uses; add the BlockAffinities (kubectl get blockaffinities.crd.projectcalico.org -o yaml), and the Installation or ConfigMap calico-config; or, if it is host-local, set `cni` (--cni) to `kubernetes`".to_owned(),
        });
    }
    if place == Place::HostSubnet && cluster.host_subnets.is_empty() {
        missing.push("pod CIDRs stand on OpenShift's HostSubnets, and none is in the snapshot; add them: kubectl get hostsubnets -o yaml".to_owned());
    }
    if !cni.conclusive {
        missing.push(
            "nothing in the snapshot tells which CNI runs; the routes assume that pod CIDRs stand on the Nodes. Add the DaemonSets and the ConfigMaps of kube-system, or set `cni` (--cni)"
                .to_owned(),
        );
    }
    let needed = needed_kinds(cni.owner(), place);
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
            "ConfigMap" => decides(&object.name, cni.owner()),
            kind => needed.contains(kind),
        };
        if matters {
            missing.push(format!("{} {} could not be read", object.kind, object.name));
        }
    }
    missing
}

/// Whether a ConfigMap has a say in where pod CIDRs stand.
fn decides(config_map: &str, cni: Cni) -> bool {
    match config_map {
        ConfigMap::CILIUM => true,
        ConfigMap::CALICO | ConfigMap::CANAL => matches!(cni, Cni::Calico | Cni::Canal),
        _ => false,
    }
}

/// The kinds that routes, and the choice of where to read them, come from.
fn needed_kinds(cni: Cni, place: Place) -> BTreeSet<&'static str> {
    let mut kinds = BTreeSet::from([Kind::Node, Kind::ConfigMap, Kind::DaemonSet]);
    kinds.insert(place.holder().unwrap_or(Kind::CiliumNode));
    if matches!(cni, Cni::Calico | Cni::Canal) {
        kinds.insert(Kind::Installation);
    }
    kinds.into_iter().map(Kind::name).collect()
}

/// The oldest kubelet among the nodes.
pub fn kubernetes_version(cluster: &Cluster) -> Option<Version> {
    cluster
        .nodes
        .values()
        .filter_map(|node| Version::parse(node.kubelet_version.as_deref()?))
        .min()
}
