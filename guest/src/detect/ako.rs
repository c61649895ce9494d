//! AKO (Avi Kubernetes Operator): its settings as it would read them, and its
//! version. The settings are checked, not obeyed.

use serde::{Deserialize, Deserializer};

use crate::cluster::Cluster;
use crate::go;
use crate::objects::config_map::ConfigMap;
use crate::prefix::{Family, Parsed, Prefix};
use crate::version::{Version, image_name};

/// One AKO instance: a ConfigMap avi-k8s-config and what belongs to it.
#[derive(Debug)]
pub struct Ako<'a> {
    pub config: &'a ConfigMap,
    /// From the image tag of the StatefulSet in the same namespace.
    pub version: Option<Version>,
}

/// Which branch of AKO's code a value of `cniPlugin` selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CniBranch {
    Calico,
    OpenShift,
    OvnKubernetes,
    Cilium,
    /// As everything else, but for the next hop, which Antrea announces.
    Antrea,
    /// Everything else: the annotation `ako.vmware.com/pod-cidrs`, else
    /// Node.spec.podCIDRs.
    Default,
}

/// Why AKO programs no static routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncOff {
    /// `disableStaticRouteSync` is true.
    Disabled,
    NodePort,
    NodePortLocal,
    /// `cniPlugin: ncp` on an NSX-T cloud, where NSX routes the pods.
    NcpOnNsxt,
    /// `primaryInstance` is false: another AKO does it.
    NotPrimary,
}

impl CniBranch {
    /// Whether it takes pod CIDRs from the Node's annotation or spec.
    pub fn reads_node_spec(self) -> bool {
        matches!(self, Self::Default | Self::Antrea)
    }
}

impl<'a> Ako<'a> {
    /// Every instance, by namespace.
    pub fn find_all(cluster: &'a Cluster) -> Vec<Self> {
        cluster
            .config_maps
            .iter()
            .filter(|((_, name), _)| name == ConfigMap::AKO)
            .map(|((namespace, _), config)| Self {
                config,
                version: version_in(cluster, namespace),
            })
            .collect()
    }

    pub fn namespace(&self) -> &'a str {
        &self.config.metadata.namespace
    }

    /// A key as written; None when it is missing.
    pub fn value(&self, key: &str) -> Option<&'a str> {
        self.config.data.get(key)
    }

    /// `cniPlugin` as written; empty when it is missing.
    pub fn cni_plugin(&self) -> &'a str {
        self.value("cniPlugin").unwrap_or_default()
    }

    /// AKO lower-cases the value and does not trim it.
    pub fn cni_branch(&self) -> CniBranch {
        match self.cni_plugin().to_lowercase().as_str() {
            "calico" => CniBranch::Calico,
            "openshift" => CniBranch::OpenShift,
            "ovn-kubernetes" => CniBranch::OvnKubernetes,
            "cilium" => CniBranch::Cilium,
            "antrea" => CniBranch::Antrea,
            _ => CniBranch::Default,
        }
    }

    /// `serviceType`; AKO's default is ClusterIP.
    pub fn service_type(&self) -> &'a str {
        self.value("serviceType").unwrap_or("ClusterIP")
    }

    /// Why no routes are programmed; None when they are.
    pub fn sync_off(&self) -> Option<SyncOff> {
        let bool = |key| self.value(key).and_then(go::parse_bool);
        match self.service_type() {
            "NodePort" => return Some(SyncOff::NodePort),
            "NodePortLocal" => return Some(SyncOff::NodePortLocal),
            _ => {}
        }
        if bool("disableStaticRouteSync") == Some(true) {
            Some(SyncOff::Disabled)
        } else if bool("primaryInstance") == Some(false) {
            Some(SyncOff::NotPrimary)
        } else if self.cni_plugin().eq_ignore_ascii_case("ncp") && self.is_nsxt() {
            Some(SyncOff::NcpOnNsxt)
        } else {
            None
        }
    }

    /// Only an NSX-T cloud with an overlay may set `nsxtT1LR`; the ConfigMap
    /// shows no more of the cloud than that.
    pub fn is_nsxt(&self) -> bool {
        self.value("nsxtT1LR").is_some_and(|path| !path.is_empty())
    }

    /// The families that AKO programs routes of: both unless `ipFamily` says
    /// otherwise (clouds vCenter, none and NSX-T; others are forced to IPv4).
    pub fn families(&self) -> &'static [Family] {
        match self.value("ipFamily") {
            Some("V4") => &[Family::V4],
            Some("V6") => &[Family::V6],
            _ => &Family::ALL,
        }
    }

    /// The CIDRs of `nodeNetworkList`; the error says what is wrong with it.
    pub fn node_networks(&self) -> Result<Vec<NodeNetwork>, String> {
        match self.value("nodeNetworkList") {
            None | Some("") => Ok(Vec::new()),
            // Helm writes `null` for a list that was taken out of its values.
            Some(text) => serde_json::from_str::<Option<_>>(text)
                .map(Option::unwrap_or_default)
                .map_err(|error| error.to_string()),
        }
    }

    /// The networks that AKO is told of: those of the nodes and of the VIPs.
    pub fn networks(&self) -> Vec<Prefix> {
        let of_nodes = self.node_network_cidrs().into_iter();
        of_nodes.chain(self.vip_network_cidrs()).collect()
    }

    /// The networks of `vipNetworkList`. What cannot be parsed is left to the
    /// rule that reports it.
    pub fn vip_network_cidrs(&self) -> Vec<Prefix> {
        let vip_networks: Vec<VipNetwork> = self
            .value("vipNetworkList")
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let of_vips = vip_networks
            .into_iter()
            .flat_map(|network| [network.cidr, network.v6cidr])
            .flatten();
        of_vips
            .filter_map(|text| Prefix::parse(&text).ok())
            .map(|Parsed { prefix, .. }| prefix)
            .collect()
    }

    /// The networks of `nodeNetworkList`. What cannot be parsed is left to the
    /// rule that reports it.
    pub fn node_network_cidrs(&self) -> Vec<Prefix> {
        self.node_networks()
            .unwrap_or_default()
            .into_iter()
            .flat_map(|network| network.cidrs)
            .filter_map(|text| Prefix::parse(&text).ok())
            .map(|Parsed { prefix, .. }| prefix)
            .collect()
    }
}

/// An entry of `nodeNetworkList`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NodeNetwork {
    #[serde(deserialize_with = "null_is_empty")]
    pub cidrs: Vec<String>,
}

/// An entry of `vipNetworkList`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct VipNetwork {
    cidr: Option<String>,
    v6cidr: Option<String>,
}

/// Go reads `null` as an empty list.
fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn version_in(cluster: &Cluster, namespace: &str) -> Option<Version> {
    cluster
        .stateful_sets
        .iter()
        .filter(|((found, _), _)| found == namespace)
        .flat_map(|(_, stateful_set)| &stateful_set.containers)
        .find(|container| image_name(&container.image) == "ako" || container.name == "ako")
        .and_then(|container| Version::of_image(&container.image))
}
