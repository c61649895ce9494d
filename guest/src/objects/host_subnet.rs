//! HostSubnet (network.openshift.io/v1): the pod subnet of a node under
//! OpenShift SDN. Its fields stand at the top level, without a spec.

use serde::Deserialize;

use super::cidr::Cidr;
use super::metadata::{Metadata, WireMetadata};
use super::text::Text;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostSubnet {
    pub metadata: Metadata,
    /// The node's name; the object has the same one.
    pub host: String,
    /// The node's address.
    pub host_ip: String,
    pub subnet: Cidr,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireHostSubnet<'a> {
    #[serde(borrow)]
    metadata: WireMetadata<'a>,
    #[serde(borrow)]
    host: Text<'a>,
    #[serde(borrow, rename = "hostIP")]
    host_ip: Text<'a>,
    #[serde(borrow)]
    subnet: Text<'a>,
}

impl From<WireHostSubnet<'_>> for HostSubnet {
    fn from(wire: WireHostSubnet<'_>) -> Self {
        Self {
            metadata: wire.metadata.into(),
            host: wire.host.into_owned(),
            host_ip: wire.host_ip.into_owned(),
            subnet: wire.subnet.into_owned().into(),
        }
    }
}
