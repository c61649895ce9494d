//! Which CNI runs, and which objects prove it.

mod evidence;
mod owner;

use crate::cluster::Cluster;
use crate::detect::calico::Ipam;
use crate::objects::Kind;
use crate::settings::Settings;
use evidence::Shown;

/// A CNI that podroute can tell from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cni {
    Cilium,
    OvnKubernetes,
    Antrea,
    Flannel,
    Kindnet,
    KubeRouter,
    Calico,
    /// Calico's policies on flannel's network.
    Canal,
    OpenShiftSdn,
    Weave,
    Ncp,
    /// Amazon's VPC CNI: pods have addresses of the VPC.
    AwsVpc,
    /// Azure's CNI: pods have addresses of the virtual network.
    Azure,
    /// Chosen by hand: some CNI whose pod CIDRs stand on the Nodes.
    Kubernetes,
    Unknown,
}

impl Cni {
    pub const ALL: [Self; 15] = [
        Self::Cilium,
        Self::OvnKubernetes,
        Self::Antrea,
        Self::Flannel,
        Self::Kindnet,
        Self::KubeRouter,
        Self::Calico,
        Self::Canal,
        Self::OpenShiftSdn,
        Self::Weave,
        Self::Ncp,
        Self::AwsVpc,
        Self::Azure,
        Self::Kubernetes,
        Self::Unknown,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Cilium => "cilium",
            Self::OvnKubernetes => "ovn-kubernetes",
            Self::Antrea => "antrea",
            Self::Flannel => "flannel",
            Self::Kindnet => "kindnet",
            Self::KubeRouter => "kube-router",
            Self::Calico => "calico",
            Self::Canal => "canal",
            Self::OpenShiftSdn => "openshift-sdn",
            Self::Weave => "weave",
            Self::Ncp => "ncp",
            Self::AwsVpc => "aws-vpc",
            Self::Azure => "azure",
            Self::Kubernetes => "kubernetes",
            Self::Unknown => "unknown",
        }
    }

    /// Why no static route per node is needed, or can exist; None where it
    /// can. Of Cilium its IPAM mode tells.
    pub fn why_no_routes(self) -> Option<&'static str> {
        match self {
            Self::Ncp => Some(
                "NSX gives each namespace a segment of its own, which spans all nodes; NSX routes the pods and no node owns a pod CIDR",
            ),
            Self::AwsVpc => Some(
                "pods get addresses of the VPC's own subnets; the VPC routes them and no node owns a pod CIDR",
            ),
            Self::Azure => Some(
                "pods get addresses from Azure, which routes them itself; no node owns a pod CIDR that the Kubernetes API shows",
            ),
            _ => None,
        }
    }
}

/// The CNI, and why it is thought to be that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    pub cni: Cni,
    /// The objects that prove it, in words.
    pub evidence: Vec<String>,
    /// Whether enough was looked at to say so. An unknown CNI is only then
    /// unknown when the objects by which the known ones show were given.
    pub conclusive: bool,
    /// The CNI that Cilium is chained behind, where it was found.
    pub behind: Option<Cni>,
    /// Other CNIs that show as well, and that would hand out the pods'
    /// addresses too. Where no one of them can be told to be the right one,
    /// the CNI is unknown and all of them are here.
    pub rivals: Vec<Rival>,
}

/// A CNI that shows beside another, and the objects by which it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rival {
    pub cni: Cni,
    pub evidence: Vec<String>,
}

impl Detection {
    /// The CNI that hands out the pods' addresses.
    pub fn owner(&self) -> Cni {
        self.behind.unwrap_or(self.cni)
    }

    fn of(cni: Cni, evidence: Vec<String>) -> Self {
        Self {
            cni,
            evidence,
            conclusive: true,
            behind: None,
            rivals: Vec::new(),
        }
    }
}

/// Finds the CNI, or takes the one that the settings choose.
///
/// What runs counts before what is only left: objects and annotations outlast
/// a CNI that was replaced, and node conditions that it signed even more so.
pub fn detect(cluster: &Cluster, settings: &Settings) -> Detection {
    if let Some(choice) = settings.cni {
        return Detection::of(choice, vec!["the setting `cni`".to_owned()]);
    }
    let has_all_daemon_sets = settings.has_listed(Kind::DaemonSet);
    let tiers: [&dyn Fn() -> Shown; 3] = [
        &|| evidence::running(cluster),
        &|| evidence::traces(cluster, has_all_daemon_sets),
        &|| evidence::signatures(cluster),
    ];
    let mut shown = tiers.iter().map(|tier| tier());
    if let Some(shown) = shown.find(|shown| !shown.is_empty()) {
        let mut detection = owner::settle(cluster, settings, shown);
        if matches!(detection.owner(), Cni::Calico | Cni::Canal)
            && let Some((_, words)) = Ipam::with_evidence(cluster)
        {
            detection.evidence.push(words);
        }
        return detection;
    }
    Detection {
        cni: Cni::Unknown,
        evidence: Vec::new(),
        conclusive: cluster.has_seen(Kind::DaemonSet)
            || has_all_daemon_sets
            || cluster.has_seen_kube_system(),
        behind: None,
        rivals: Vec::new(),
    }
}
