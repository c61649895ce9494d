//! CiliumNodeConfig (cilium.io/v2, v2alpha1): keys of cilium-config overridden
//! for the nodes that a selector matches.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::metadata::{Metadata, WireMetadata};
use super::selector::LabelSelector;
use super::text::Text;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CiliumNodeConfig {
    pub metadata: Metadata,
    pub selector: LabelSelector,
    pub defaults: BTreeMap<String, String>,
}

impl CiliumNodeConfig {
    /// The value of a key, trimmed as the agent does.
    pub fn trimmed(&self, key: &str) -> Option<&str> {
        self.defaults.get(key).map(|value| value.trim())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireCiliumNodeConfig<'a> {
    #[serde(borrow)]
    metadata: WireMetadata<'a>,
    #[serde(borrow)]
    spec: WireSpec<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireSpec<'a> {
    node_selector: LabelSelector,
    #[serde(borrow)]
    defaults: Option<BTreeMap<Text<'a>, Text<'a>>>,
}

impl From<WireCiliumNodeConfig<'_>> for CiliumNodeConfig {
    fn from(wire: WireCiliumNodeConfig<'_>) -> Self {
        Self {
            metadata: wire.metadata.into(),
            selector: wire.spec.node_selector,
            defaults: wire
                .spec
                .defaults
                .unwrap_or_default()
                .into_iter()
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect(),
        }
    }
}
