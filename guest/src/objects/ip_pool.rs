//! IPPool (crd.projectcalico.org/v1, projectcalico.org/v3): a range that
//! Calico's IPAM cuts blocks from.

use serde::Deserialize;

use super::metadata::{Metadata, WireMetadata};
use super::text::Text;
use crate::prefix::Family;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct IpPool {
    pub metadata: Metadata,
    /// spec.cidr.
    pub cidr: String,
    /// spec.disabled: nothing new is allocated from it.
    pub disabled: bool,
    /// spec.blockSize: the prefix length of a block.
    pub block_size: Option<u8>,
}

impl IpPool {
    /// The prefix length of a block; Calico's default where none is set.
    pub fn block_length(&self, family: Family) -> u8 {
        self.block_size.unwrap_or(match family {
            Family::V4 => 26,
            Family::V6 => 122,
        })
    }
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
#[serde(default, rename_all = "camelCase")]
struct WireSpec<'a> {
    #[serde(borrow)]
    cidr: Text<'a>,
    disabled: Option<bool>,
    block_size: Option<i64>,
}

impl From<WireIpPool<'_>> for IpPool {
    fn from(wire: WireIpPool<'_>) -> Self {
        Self {
            metadata: wire.metadata.into(),
            cidr: wire.spec.cidr.into_owned(),
            disabled: wire.spec.disabled == Some(true),
            block_size: wire
                .spec
                .block_size
                .and_then(|length| u8::try_from(length).ok()),
        }
    }
}
