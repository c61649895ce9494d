//! IPPool (crd.projectcalico.org/v1, projectcalico.org/v3): a range that
//! Calico's IPAM cuts blocks from.

use serde::Deserialize;

use super::metadata::{Metadata, WireMetadata};
use super::text::Text;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct IpPool {
    pub metadata: Metadata,
    /// spec.cidr.
    pub cidr: String,
    /// spec.disabled: nothing new is allocated from it.
    pub disabled: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireIpPool<'a> {
    #[serde(borrow)]
    metadata: WireMetadata<'a>,
    #[serde(borrow)]
    spec: WireSpec<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireSpec<'a> {
    #[serde(borrow)]
    cidr: Text<'a>,
    disabled: Option<bool>,
}

impl From<WireIpPool<'_>> for IpPool {
    fn from(wire: WireIpPool<'_>) -> Self {
        Self {
            metadata: wire.metadata.into(),
            cidr: wire.spec.cidr.into_owned(),
            disabled: wire.spec.disabled == Some(true),
        }
    }
}
