//! CiliumNode (cilium.io/v2): the agent's and operator's record of a node.

use serde::Deserialize;
use std::collections::BTreeMap;

use super::cidr::Cidr;
use super::metadata::{Metadata, WireMetadata};
use super::node::NodeAddress;
use super::text::{Text, non_empty};

/// The parts of a CiliumNode that routes and rules read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CiliumNode {
    pub metadata: Metadata,
    /// spec.addresses, in their order.
    pub addresses: Vec<NodeAddress>,
    /// spec.ipam.podCIDRs.
    pub pod_cidrs: Vec<Cidr>,
    /// spec.ipam.pools.allocated.
    pub pools: Vec<AllocatedPool>,
    /// CIDRs that status.ipam.pod-cidrs marks as released: the node has given
    /// them back (cluster-pool-v2beta only).
    pub released: Vec<String>,
    /// status.ipam.operator-status.error; None when empty.
    pub operator_error: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct AllocatedPool {
    pub pool: String,
    pub cidrs: Vec<Cidr>,
}

impl CiliumNode {
    pub fn name(&self) -> &str {
        &self.metadata.name
    }

    /// Whether any pool has CIDRs allocated to this node.
    pub fn has_pool_cidrs(&self) -> bool {
        self.pools.iter().any(|pool| !pool.cidrs.is_empty())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireCiliumNode<'a> {
    #[serde(borrow)]
    metadata: WireMetadata<'a>,
    #[serde(borrow)]
    spec: WireSpec<'a>,
    #[serde(borrow)]
    status: WireStatus<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireSpec<'a> {
    #[serde(borrow)]
    addresses: Option<Vec<WireAddress<'a>>>,
    #[serde(borrow)]
    ipam: Option<WireIpam<'a>>,
}

#[derive(Deserialize)]
struct WireAddress<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, default)]
    ip: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireIpam<'a> {
    #[serde(borrow, rename = "podCIDRs")]
    pod_cidrs: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    pools: Option<WirePools<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WirePools<'a> {
    #[serde(borrow)]
    allocated: Option<Vec<WirePool<'a>>>,
}

#[derive(Deserialize)]
struct WirePool<'a> {
    #[serde(borrow, default)]
    pool: Text<'a>,
    #[serde(borrow)]
    cidrs: Option<Vec<Text<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireStatus<'a> {
    #[serde(borrow)]
    ipam: Option<WireIpamStatus<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct WireIpamStatus<'a> {
    #[serde(borrow)]
    operator_status: Option<WireOperatorStatus<'a>>,
    #[serde(borrow)]
    pod_cidrs: Option<BTreeMap<Text<'a>, WireCidrStatus<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireOperatorStatus<'a> {
    #[serde(borrow)]
    error: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireCidrStatus<'a> {
    #[serde(borrow)]
    status: Option<Text<'a>>,
}

impl From<WireCiliumNode<'_>> for CiliumNode {
    fn from(wire: WireCiliumNode<'_>) -> Self {
        let ipam = wire.spec.ipam.unwrap_or_default();
        let status = wire.status.ipam.unwrap_or_default();
        Self {
            metadata: wire.metadata.into(),
            addresses: wire
                .spec
                .addresses
                .unwrap_or_default()
                .into_iter()
                .map(|address| NodeAddress::read(&address.kind, address.ip))
                .collect(),
            pod_cidrs: Cidr::list(ipam.pod_cidrs),
            pools: ipam
                .pools
                .and_then(|pools| pools.allocated)
                .unwrap_or_default()
                .into_iter()
                .map(|pool| AllocatedPool {
                    pool: pool.pool.into_owned(),
                    cidrs: Cidr::list(pool.cidrs),
                })
                .collect(),
            released: status
                .pod_cidrs
                .unwrap_or_default()
                .into_iter()
                .filter(|(_, cidr)| {
                    cidr.status
                        .as_deref()
                        .is_some_and(|status| status == "released")
                })
                .map(|(cidr, _)| cidr.into_owned())
                .collect(),
            operator_error: non_empty(status.operator_status.and_then(|status| status.error)),
        }
    }
}
