//! What Kubewarden hands in: an admission request, and the change it asks for.

use podroute_policy::objects::config_map::ConfigMap;
use podroute_policy::objects::{Key, Kind};
use podroute_policy::review::Change;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The payload of `validate`.
#[derive(Debug, Deserialize)]
pub struct Asked<'a> {
    #[serde(borrow)]
    request: AdmissionRequest<'a>,
    #[serde(borrow, default)]
    settings: Option<&'a RawValue>,
}

/// The fields of `admission.k8s.io/v1` AdmissionRequest that are read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AdmissionRequest<'a> {
    kind: GroupVersionKind,
    operation: String,
    name: Option<String>,
    namespace: Option<String>,
    #[serde(borrow)]
    object: Option<&'a RawValue>,
    #[serde(borrow)]
    old_object: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct GroupVersionKind {
    #[serde(default)]
    group: String,
    version: String,
    kind: String,
}

impl<'a> Asked<'a> {
    pub fn read(payload: &'a [u8]) -> Result<Self, String> {
        serde_json::from_slice(payload)
            .map_err(|error| format!("the payload is not an admission request: {error}"))
    }

    /// The JSON text of the policy's settings.
    pub fn settings(&self) -> &'a [u8] {
        self.settings.map_or(b"{}", |text| text.get().as_bytes())
    }

    pub fn namespace(&self) -> Option<&str> {
        self.request.namespace.as_deref()
    }

    /// The change that is asked for; None where nothing would read it.
    pub fn change(&self) -> Option<Change> {
        let request = &self.request;
        let kind = request.kind.read()?;
        let key = Key {
            kind,
            namespace: request.namespace.clone().unwrap_or_default(),
            name: self.name()?,
        };
        if kind == Kind::ConfigMap && !ConfigMap::READ.contains(&key.name.as_str()) {
            return None;
        }
        match request.operation.as_str() {
            "CREATE" | "UPDATE" => Some(Change::Put(request.object?.get().to_owned())),
            "DELETE" => Some(Change::Delete(key)),
            _ => None,
        }
    }

    /// The object's name. The request itself carries none where the API server
    /// made it up from generateName.
    fn name(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Named {
            metadata: Metadata,
        }
        #[derive(Deserialize)]
        struct Metadata {
            name: String,
        }
        let request = &self.request;
        let named = |object: &RawValue| serde_json::from_str::<Named>(object.get()).ok();
        request
            .name
            .clone()
            .filter(|name| !name.is_empty())
            .or_else(|| Some(named(request.object.or(request.old_object)?)?.metadata.name))
    }
}

impl GroupVersionKind {
    /// The kind, if it is one that is read.
    fn read(&self) -> Option<Kind> {
        Kind::of(&format!("{}/{}", self.group, self.version), &self.kind)
    }
}
