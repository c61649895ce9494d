//! Installation (operator.tigera.io/v1): what Calico's operator installs.

use serde::Deserialize;

use super::metadata::{Metadata, WireMetadata};
use super::text::{Text, non_empty};

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Installation {
    pub metadata: Metadata,
    /// spec.cni.type: `Calico`, `AmazonVPC`, `AzureVNET`, `GKE`.
    pub cni: Option<String>,
    /// spec.cni.ipam.type: `Calico`, `HostLocal`, `AmazonVPC`, `AzureVNET`.
    pub ipam: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireInstallation<'a> {
    #[serde(borrow)]
    metadata: WireMetadata<'a>,
    #[serde(borrow)]
    spec: WireSpec<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireSpec<'a> {
    #[serde(borrow)]
    cni: Option<WireCni<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireCni<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    ipam: Option<WireIpam<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireIpam<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
}

impl From<WireInstallation<'_>> for Installation {
    fn from(wire: WireInstallation<'_>) -> Self {
        let cni = wire.spec.cni.unwrap_or_default();
        Self {
            metadata: wire.metadata.into(),
            cni: non_empty(cni.kind),
            ipam: non_empty(cni.ipam.and_then(|ipam| ipam.kind)),
        }
    }
}
