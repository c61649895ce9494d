//! What every Kubernetes object carries: its name, age and labels.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::text::Text;

/// metadata, as far as any kind needs it. `A` is what the kind reads of its
/// annotations.
#[derive(Debug, Deserialize)]
#[serde(
    rename_all = "camelCase",
    bound(deserialize = "'de: 'a, A: Deserialize<'de>")
)]
pub struct WireMetadata<'a, A = WireIgnore<'a>> {
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow)]
    namespace: Option<Text<'a>>,
    #[serde(borrow)]
    creation_timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    deletion_timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    resource_version: Option<Text<'a>>,
    #[serde(borrow)]
    pub labels: Option<&'a RawValue>,
    pub annotations: Option<A>,
}

impl<A> WireMetadata<'_, A> {
    /// Whether the object is being deleted.
    pub fn is_deleting(&self) -> bool {
        self.deletion_timestamp.is_some()
    }
}

/// The one annotation that is read of every object.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireIgnore<'a> {
    #[serde(borrow, rename = "podroute.dev/ignore")]
    ignore: Option<Text<'a>>,
}

/// Annotations of which `podroute.dev/ignore` is one.
pub trait Ignore {
    /// Takes its value out.
    fn ignore(&mut self) -> Option<String>;
}

impl Ignore for WireIgnore<'_> {
    fn ignore(&mut self) -> Option<String> {
        self.ignore.take().map(Text::into_owned)
    }
}

impl<A> Default for WireMetadata<'_, A> {
    fn default() -> Self {
        Self {
            name: Text::default(),
            namespace: None,
            creation_timestamp: None,
            deletion_timestamp: None,
            resource_version: None,
            labels: None,
            annotations: None,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Metadata {
    pub name: String,
    /// Empty for kinds outside namespaces.
    pub namespace: String,
    /// As written by the API server: UTC, so that text order is time order.
    pub created: Option<String>,
    /// metadata.resourceVersion, where it is the number that etcd makes it.
    pub resource_version: Option<u64>,
    /// The annotation `podroute.dev/ignore`.
    pub ignore: Option<String>,
}

impl<A: Ignore> From<WireMetadata<'_, A>> for Metadata {
    fn from(wire: WireMetadata<'_, A>) -> Self {
        Self {
            name: wire.name.into_owned(),
            namespace: wire.namespace.map(Text::into_owned).unwrap_or_default(),
            created: wire.creation_timestamp.map(Text::into_owned),
            resource_version: wire.resource_version.and_then(|text| text.parse().ok()),
            ignore: wire
                .annotations
                .and_then(|mut annotations| annotations.ignore()),
        }
    }
}

/// Labels as JSON text: thousands of nodes carry dozens each, and only a
/// selector ever asks for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Labels(Option<Box<str>>);

impl Labels {
    pub fn keep(raw: Option<&RawValue>) -> Self {
        Self(raw.map(|raw| raw.get().into()))
    }

    /// The labels; those that are not strings are left out, as the API
    /// server would not have stored them.
    pub fn read(&self) -> BTreeMap<String, String> {
        let Some(text) = self.0.as_deref() else {
            return BTreeMap::new();
        };
        serde_json::from_str::<BTreeMap<String, serde_json::Value>>(text)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(key, value)| Some((key, value.as_str()?.to_owned())))
            .collect()
    }
}

/// An object with a resourceVersion.
pub trait Versioned {
    fn version(&self) -> Option<u64>;
}

/// Implements [`Versioned`] for structs with a field `metadata`.
macro_rules! versioned {
    ($($kind:ty),* $(,)?) => {
        $(impl $crate::objects::metadata::Versioned for $kind {
            fn version(&self) -> Option<u64> {
                self.metadata.resource_version
            }
        })*
    };
}
pub(super) use versioned;
