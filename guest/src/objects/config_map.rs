//! ConfigMap (v1): only those of Cilium, AKO and Calico are kept.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::metadata::{Metadata, WireMetadata};
use super::text::Text;
use crate::traced::TracedKeys;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigMap {
    pub metadata: Metadata,
    pub data: TracedKeys,
}

impl ConfigMap {
    pub const CILIUM: &'static str = "cilium-config";
    pub const AKO: &'static str = "avi-k8s-config";
    /// Calico's, when it is installed by manifest.
    pub const CALICO: &'static str = "calico-config";
    pub const CANAL: &'static str = "canal-config";
    /// Canal's as RKE2 names it.
    pub const RKE2_CANAL: &'static str = "rke2-canal-config";
    /// The names of those that are read.
    pub const READ: [&'static str; 5] = [
        Self::CILIUM,
        Self::AKO,
        Self::CALICO,
        Self::CANAL,
        Self::RKE2_CANAL,
    ];

    /// The value of a key with the white space around it removed, as the
    /// Cilium agent reads its files (pkg/option, ReadDirConfig).
    pub fn trimmed(&self, key: &str) -> Option<&str> {
        self.data.get(key).map(str::trim)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WireConfigMap<'a> {
    #[serde(borrow)]
    metadata: WireMetadata<'a>,
    #[serde(borrow)]
    data: Option<BTreeMap<Text<'a>, Text<'a>>>,
}

impl From<WireConfigMap<'_>> for ConfigMap {
    fn from(wire: WireConfigMap<'_>) -> Self {
        Self {
            metadata: wire.metadata.into(),
            data: wire
                .data
                .unwrap_or_default()
                .into_iter()
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect(),
        }
    }
}
