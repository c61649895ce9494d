//! Node (v1).

use std::borrow::Cow;
use std::net::IpAddr;

use serde::Deserialize;

use super::annotations::{Annotations, WireAnnotations};
use super::cidr::Cidr;
use super::metadata::{Ignore, Labels, Metadata, WireMetadata};
use super::text::{Text, non_empty};

/// The parts of a Node that routes and rules read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    pub metadata: Metadata,
    pub labels: Labels,
    /// spec.podCIDR; None when absent or empty.
    pub pod_cidr: Option<Cidr>,
    pub pod_cidrs: Vec<Cidr>,
    /// status.addresses, in their order.
    pub addresses: Vec<NodeAddress>,
    /// The condition Ready; None when the node does not report it.
    pub ready: Option<bool>,
    /// The reason of the condition NetworkUnavailable, by which some CNIs
    /// sign: `CiliumIsUp`, `FlannelIsUp`, ...
    pub network_reason: Option<String>,
    pub kernel_version: Option<String>,
    pub kubelet_version: Option<String>,
    /// Boxed: most nodes have few, and all kinds of objects share an enum.
    pub annotations: Box<Annotations>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeAddress {
    /// `InternalIP`, `ExternalIP`, `Hostname`, ...
    pub kind: Cow<'static, str>,
    pub address: String,
    /// The address, where it is an IP address.
    pub ip: Option<IpAddr>,
}

impl NodeAddress {
    pub fn new(kind: impl Into<Cow<'static, str>>, address: impl Into<String>) -> Self {
        let address = address.into();
        Self {
            kind: kind.into(),
            ip: address.parse().ok(),
            address,
        }
    }

    pub(super) fn read(kind: &Text<'_>, address: Text<'_>) -> Self {
        // Of the same few words there are tens of thousands.
        const KNOWN: [&str; 4] = ["InternalIP", "ExternalIP", "Hostname", "CiliumInternalIP"];
        match KNOWN.into_iter().find(|known| **known == **kind) {
            Some(known) => Self::new(known, address.into_owned()),
            None => Self::new(kind.to_string(), address.into_owned()),
        }
    }
}

impl Node {
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// The IP addresses among status.addresses.
    pub fn ips(&self) -> impl Iterator<Item = IpAddr> {
        self.addresses.iter().filter_map(|address| address.ip)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireNode<'a> {
    #[serde(borrow)]
    metadata: WireMetadata<'a, WireAnnotations<'a>>,
    #[serde(borrow)]
    spec: WireSpec<'a>,
    #[serde(borrow)]
    status: WireStatus<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireSpec<'a> {
    #[serde(borrow, rename = "podCIDR")]
    pod_cidr: Option<Text<'a>>,
    #[serde(borrow, rename = "podCIDRs")]
    pod_cidrs: Option<Vec<Text<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireStatus<'a> {
    #[serde(borrow)]
    addresses: Option<Vec<WireAddress<'a>>>,
    #[serde(borrow)]
    conditions: Option<Vec<WireCondition<'a>>>,
    #[serde(borrow)]
    node_info: WireNodeInfo<'a>,
}

#[derive(Deserialize)]
struct WireAddress<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    address: Text<'a>,
}

#[derive(Deserialize)]
struct WireCondition<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    reason: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireNodeInfo<'a> {
    #[serde(borrow)]
    kernel_version: Option<Text<'a>>,
    #[serde(borrow)]
    kubelet_version: Option<Text<'a>>,
}

impl From<WireNode<'_>> for Node {
    fn from(mut wire: WireNode<'_>) -> Self {
        let mut annotations = wire.metadata.annotations.take().unwrap_or_default();
        let ignore = annotations.ignore();
        let mut node = Self {
            labels: Labels::keep(wire.metadata.labels),
            metadata: Metadata {
                ignore,
                ..wire.metadata.into()
            },
            pod_cidr: non_empty(wire.spec.pod_cidr).map(Cidr::from),
            pod_cidrs: Cidr::list(wire.spec.pod_cidrs),
            addresses: wire
                .status
                .addresses
                .unwrap_or_default()
                .into_iter()
                .map(|address| NodeAddress::read(&address.kind, address.address))
                .collect(),
            ready: None,
            network_reason: None,
            kernel_version: non_empty(wire.status.node_info.kernel_version),
            kubelet_version: non_empty(wire.status.node_info.kubelet_version),
            annotations: Box::new(annotations.into()),
        };
        for condition in wire.status.conditions.unwrap_or_default() {
            match &*condition.kind {
                "Ready" => node.ready = Some(&*condition.status == "True"),
                "NetworkUnavailable" => {
                    node.network_reason = condition.reason.map(Text::into_owned);
                }
                _ => {}
            }
        }
        node
    }
}
