//! An object as the API server sent it, made ready to be handed on.
//!
//! Decoded no further than its name: a field of the wrong type is the policy's
//! to report, and must stop neither a list nor a watch.

use std::fmt;

use serde_json::{Map, Value};

use super::trim::trim;
use crate::daemon::kinds::{Source, Version};

/// What makes an object the same object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey {
    pub kind: &'static str,
    /// None for kinds outside namespaces.
    pub namespace: Option<String>,
    pub name: String,
}

/// `Node worker-1`, `ConfigMap kube-system/cilium-config`.
impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}

/// An object, cut down to what is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub key: ObjectKey,
    pub json: String,
}

impl ObjectKey {
    /// The key of an object of the source; what is wrong when it has none.
    pub(super) fn of(source: &Source, object: &Value) -> Result<Self, String> {
        let text = |field| {
            let text = object.get("metadata")?.get(field)?.as_str()?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        let namespace = text("namespace");
        let Some(name) = text("name") else {
            let place = namespace.map_or_else(String::new, |name| format!(" in namespace {name}"));
            return Err(format!(
                "the API server sent a {}{place} without metadata.name, which is left out: find it \
                 with `kubectl get {source} --all-namespaces -o json` and delete or mend it",
                source.kind
            ));
        };
        Ok(Self {
            kind: source.kind,
            namespace,
            name,
        })
    }
}

impl Object {
    pub(crate) fn read(
        source: &Source,
        version: &Version,
        mut object: Value,
    ) -> Result<Self, String> {
        let key = ObjectKey::of(source, &object)?;
        if let Value::Object(fields) = &mut object {
            identify(fields, source, version);
            trim(source.kind, fields);
        }
        let json = object.to_string();
        Ok(Self { key, json })
    }
}

/// The items of a list of a built-in kind do not say what they are.
fn identify(fields: &mut Map<String, Value>, source: &Source, version: &Version) {
    fields.insert("apiVersion".to_owned(), version.api_version().into());
    fields.insert("kind".to_owned(), source.kind.into());
}

/// The version of an object, to take up a watch after it.
pub(super) fn resource_version(object: &Value) -> Option<&str> {
    let version = object.get("metadata")?.get("resourceVersion")?.as_str()?;
    (!version.is_empty()).then_some(version)
}
