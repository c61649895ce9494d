//! Service (v1).

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;

use super::metadata::{Metadata, WireMetadata};
use super::text::Text;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service {
    pub metadata: Metadata,
    /// `ClusterIP` when not set, as the API server defaults it.
    pub kind: String,
    pub ports: Vec<ServicePort>,
    /// spec.selector, which picks the Pods; empty when there is none.
    pub selector: BTreeMap<String, String>,
    /// spec.loadBalancerClass.
    pub load_balancer_class: Option<String>,
    /// spec.clusterIP is `None`: clients talk to the Pods themselves.
    pub headless: bool,
    /// spec.clusterIPs, else spec.clusterIP; none when headless. What is no IP
    /// address is left out.
    pub cluster_ips: Vec<IpAddr>,
    /// spec.allocateLoadBalancerNodePorts is false.
    pub without_node_ports: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServicePort {
    /// Empty when the port has no name.
    pub name: String,
    pub port: u16,
    /// `TCP` when not set.
    pub protocol: String,
    /// None when not set: then it equals `port`.
    pub target_port: Option<TargetPort>,
    pub node_port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(untagged)]
pub enum TargetPort {
    Number(u16),
    /// The name of a container port.
    Name(String),
}

impl ServicePort {
    pub fn is_sctp(&self) -> bool {
        self.protocol == "SCTP"
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireService<'a> {
    #[serde(borrow)]
    metadata: WireMetadata<'a>,
    #[serde(borrow)]
    spec: WireSpec<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireSpec<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    ports: Option<Vec<WirePort<'a>>>,
    #[serde(borrow)]
    selector: Option<BTreeMap<Text<'a>, Text<'a>>>,
    #[serde(borrow)]
    load_balancer_class: Option<Text<'a>>,
    #[serde(borrow, rename = "clusterIP")]
    cluster_ip: Option<Text<'a>>,
    #[serde(borrow, rename = "clusterIPs")]
    cluster_ips: Option<Vec<Text<'a>>>,
    allocate_load_balancer_node_ports: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePort<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    port: u16,
    #[serde(borrow)]
    protocol: Option<Text<'a>>,
    target_port: Option<TargetPort>,
    node_port: Option<u16>,
}

impl From<WireService<'_>> for Service {
    fn from(wire: WireService<'_>) -> Self {
        Self {
            metadata: wire.metadata.into(),
            kind: wire
                .spec
                .kind
                .map_or_else(|| "ClusterIP".to_owned(), Text::into_owned),
            ports: wire
                .spec
                .ports
                .unwrap_or_default()
                .into_iter()
                .map(ServicePort::from)
                .collect(),
            selector: wire
                .spec
                .selector
                .unwrap_or_default()
                .into_iter()
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect(),
            load_balancer_class: wire.spec.load_balancer_class.map(Text::into_owned),
            headless: wire.spec.cluster_ip.as_deref() == Some("None"),
            cluster_ips: wire
                .spec
                .cluster_ips
                .filter(|ips| !ips.is_empty())
                .unwrap_or_else(|| wire.spec.cluster_ip.into_iter().collect())
                .into_iter()
                .filter_map(|ip| ip.parse().ok())
                .collect(),
            without_node_ports: wire.spec.allocate_load_balancer_node_ports == Some(false),
        }
    }
}

impl From<WirePort<'_>> for ServicePort {
    fn from(wire: WirePort<'_>) -> Self {
        Self {
            name: wire.name.map(Text::into_owned).unwrap_or_default(),
            port: wire.port,
            protocol: wire
                .protocol
                .map_or_else(|| "TCP".to_owned(), Text::into_owned),
            target_port: wire.target_port,
            node_port: wire.node_port,
        }
    }
}
