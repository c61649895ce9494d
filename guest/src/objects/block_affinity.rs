//! BlockAffinity (crd.projectcalico.org/v1, projectcalico.org/v3): a block of
//! pod addresses that Calico's IPAM has given to a node.

use serde::{Deserialize, Deserializer};

use super::cidr::Cidr;
use super::metadata::{Metadata, WireMetadata};
use super::text::Text;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockAffinity {
    pub metadata: Metadata,
    /// spec.cidr.
    pub cidr: Cidr,
    /// spec.node.
    pub node: String,
    /// spec.state: `pending`, `confirmed`, `pendingDeletion`; empty when not
    /// set.
    pub state: String,
    /// spec.deleted.
    pub deleted: bool,
    /// spec.type is `virtual`: a block of load balancer addresses, which is
    /// no node's. `node` then names no Node.
    pub is_virtual: bool,
}

impl BlockAffinity {
    /// Whether the block is its node's: pods there have addresses of it.
    ///
    /// Calico confirms an affinity before it hands out the first address of
    /// the block, and takes it back only once the block is empty. The
    /// affinities of old versions have no state, and count.
    pub fn holds(&self) -> bool {
        !self.is_virtual && !self.deleted && matches!(self.state.as_str(), "" | "confirmed")
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireBlockAffinity<'a> {
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
    #[serde(borrow)]
    node: Text<'a>,
    #[serde(borrow)]
    state: Option<Text<'a>>,
    #[serde(deserialize_with = "bool_or_text")]
    deleted: bool,
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
}

/// `deleted` is a string in crd.projectcalico.org/v1 and a boolean in
/// projectcalico.org/v3.
fn bool_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Bool(bool),
        Text(String),
    }
    Ok(match Option::<Either>::deserialize(deserializer)? {
        Some(Either::Bool(deleted)) => deleted,
        Some(Either::Text(text)) => text.eq_ignore_ascii_case("true"),
        None => false,
    })
}

impl From<WireBlockAffinity<'_>> for BlockAffinity {
    fn from(wire: WireBlockAffinity<'_>) -> Self {
        Self {
            metadata: wire.metadata.into(),
            cidr: wire.spec.cidr.into_owned().into(),
            node: wire.spec.node.into_owned(),
            state: wire.spec.state.map(Text::into_owned).unwrap_or_default(),
            deleted: wire.spec.deleted,
            is_virtual: wire.spec.kind.is_some_and(|kind| &*kind == "virtual"),
        }
    }
}
