//! CiliumPodIPPool (cilium.io/v2alpha1, v2): a pool of the multi-pool mode.

use serde::Deserialize;

use super::metadata::{Metadata, WireMetadata};
use super::text::{Text, owned};

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CiliumPodIpPool {
    pub metadata: Metadata,
    /// spec.ipv4.
    pub v4: PoolFamily,
    /// spec.ipv6.
    pub v6: PoolFamily,
}

/// One family of a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PoolFamily {
    pub cidrs: Vec<String>,
    /// The length of the prefixes that nodes get, in bits.
    pub mask_size: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireCiliumPodIpPool<'a> {
    #[serde(borrow)]
    metadata: WireMetadata<'a>,
    #[serde(borrow)]
    spec: WireSpec<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireSpec<'a> {
    #[serde(borrow)]
    ipv4: Option<WireFamily<'a>>,
    #[serde(borrow)]
    ipv6: Option<WireFamily<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireFamily<'a> {
    #[serde(borrow)]
    cidrs: Option<Vec<Text<'a>>>,
    mask_size: Option<i64>,
}

impl From<Option<WireFamily<'_>>> for PoolFamily {
    fn from(wire: Option<WireFamily<'_>>) -> Self {
        let wire = wire.unwrap_or_default();
        Self {
            cidrs: owned(wire.cidrs),
            mask_size: wire.mask_size,
        }
    }
}

impl From<WireCiliumPodIpPool<'_>> for CiliumPodIpPool {
    fn from(wire: WireCiliumPodIpPool<'_>) -> Self {
        Self {
            metadata: wire.metadata.into(),
            v4: wire.spec.ipv4.into(),
            v6: wire.spec.ipv6.into(),
        }
    }
}
