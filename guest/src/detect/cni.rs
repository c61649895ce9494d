//! Which CNI runs, and which objects prove it.

use crate::cluster::Cluster;
use crate::objects::Kind;
use crate::settings::{CniChoice, Settings};

/// A CNI that podroute can tell from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cni {
    Cilium,
    OvnKubernetes,
    Antrea,
    Flannel,
    Kindnet,
    KubeRouter,
    Calico,
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
}

/// The CNI, and why it is thought to be that one.
#[derive(Clone, Debug)]
pub struct Detection {
    pub cni: Cni,
    /// The objects that prove it, in words.
    pub evidence: Vec<String>,
    /// Whether enough was looked at to say so. An unknown CNI is only then
    /// unknown when the objects by which the known ones show were given.
    pub conclusive: bool,
}

/// DaemonSets by which CNIs show themselves.
const DAEMON_SETS: [(&str, Cni); 15] = [
    ("antrea-agent", Cni::Antrea),
    ("aws-node", Cni::AwsVpc),
    ("azure-cns", Cni::Azure),
    ("calico-node", Cni::Calico),
    ("canal", Cni::Canal),
    ("cilium", Cni::Cilium),
    ("kindnet", Cni::Kindnet),
    ("kube-flannel-ds", Cni::Flannel),
    ("kube-flannel", Cni::Flannel),
    ("kube-router", Cni::KubeRouter),
    ("nsx-ncp-bootstrap", Cni::Ncp),
    ("nsx-node-agent", Cni::Ncp),
    ("ovnkube-node", Cni::OvnKubernetes),
    ("sdn", Cni::OpenShiftSdn),
    ("weave-net", Cni::Weave),
];

/// Reasons of the node condition NetworkUnavailable by which CNIs sign.
const NETWORK_REASONS: [(&str, Cni); 5] = [
    ("AntreaIsUp", Cni::Antrea),
    ("CalicoIsUp", Cni::Calico),
    ("CiliumIsUp", Cni::Cilium),
    ("FlannelIsUp", Cni::Flannel),
    ("WeaveIsUp", Cni::Weave),
];

/// Finds the CNI, or takes the one that the settings choose.
pub fn detect(cluster: &Cluster, settings: &Settings) -> Detection {
    if let Some(choice) = settings.cni {
        return Detection {
            cni: match choice {
                CniChoice::Cilium => Cni::Cilium,
                CniChoice::Kubernetes => Cni::Kubernetes,
                CniChoice::OvnKubernetes => Cni::OvnKubernetes,
            },
            evidence: vec!["the setting `cni`".to_owned()],
            conclusive: true,
        };
    }
    // Cilium first: where it runs it owns the pods' addresses unless it is
    // chained, which its own configuration says.
    let cilium = cilium_evidence(cluster);
    if !cilium.is_empty() {
        return found(Cni::Cilium, cilium);
    }
    for (name, daemon_set) in DAEMON_SETS {
        if let Some((namespace, _)) = cluster.daemon_sets.keys().find(|(_, found)| found == name) {
            return found(daemon_set, vec![format!("DaemonSet {namespace}/{name}")]);
        }
    }
    let ovn_nodes = cluster
        .nodes
        .values()
        .filter(|node| node.annotations.ovn_node_subnets.is_some())
        .count();
    if ovn_nodes > 0 {
        let evidence = format!("annotation k8s.ovn.org/node-subnets on {ovn_nodes} Nodes");
        return found(Cni::OvnKubernetes, vec![evidence]);
    }
    for (reason, cni) in NETWORK_REASONS {
        if let Some(evidence) = network_reason(cluster, reason) {
            return found(cni, vec![evidence]);
        }
    }
    Detection {
        cni: Cni::Unknown,
        evidence: Vec::new(),
        conclusive: cluster.has_seen(Kind::DaemonSet)
            || settings.has_listed(Kind::DaemonSet)
            || cluster.has_seen_kube_system(),
    }
}

fn found(cni: Cni, evidence: Vec<String>) -> Detection {
    Detection {
        cni,
        evidence,
        conclusive: true,
    }
}

fn cilium_evidence(cluster: &Cluster) -> Vec<String> {
    let config = cluster
        .config_maps
        .keys()
        .find(|(_, name)| name == "cilium-config")
        .map(|(namespace, name)| format!("ConfigMap {namespace}/{name}"));
    let agent = cluster
        .daemon_sets
        .keys()
        .find(|name| super::cilium::is_agent(name))
        .map(|(namespace, name)| format!("DaemonSet {namespace}/{name}"));
    let nodes = match cluster.cilium_nodes.len() {
        0 => None,
        count => Some(format!("{count} CiliumNodes")),
    };
    let signed = network_reason(cluster, "CiliumIsUp");
    [config, agent, nodes, signed]
        .into_iter()
        .flatten()
        .collect()
}

fn network_reason(cluster: &Cluster, reason: &str) -> Option<String> {
    let signed = cluster
        .nodes
        .values()
        .filter(|node| node.network_reason.as_deref() == Some(reason))
        .count();
    (signed > 0)
        .then(|| format!("condition NetworkUnavailable with reason {reason} on {signed} Nodes"))
}
