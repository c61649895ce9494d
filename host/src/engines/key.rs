//! What Gatekeeper asks about: a key, which is the JSON text of a change.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::policy::{Change, ObjectKey};

/// `input.review` of a constraint, or as much of it as is read; or an object,
/// which is told by its `apiVersion`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Key<'a> {
    #[serde(default)]
    operation: Option<String>,
    #[serde(borrow, default)]
    object: Option<&'a RawValue>,
    #[serde(borrow, default)]
    old_object: Option<&'a RawValue>,
    #[serde(borrow, default)]
    api_version: Option<&'a RawValue>,
}

/// Which object it is.
#[derive(Deserialize)]
struct Named {
    kind: String,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    namespace: Option<String>,
}

/// The change that a key stands for.
pub(super) fn change(key: &str) -> Result<Change, String> {
    let read: Key<'_> = serde_json::from_str(key)
        .map_err(|error| format!("the key is not a JSON object: {error}"))?;
    if read.api_version.is_some() {
        return Ok(Change::Put(key.to_owned()));
    }
    // Gatekeeper's audit has no operation: it looks at what is there.
    match read.operation.as_deref().unwrap_or_default() {
        "" | "CREATE" | "UPDATE" => {
            let object = read.object.ok_or("the key has no `object`")?;
            Ok(Change::Put(object.get().to_owned()))
        }
        "DELETE" => {
            let object = read.old_object.or(read.object);
            let object = object.ok_or("the key has no `oldObject`, which a DELETE needs")?;
            let named: Named = serde_json::from_str(object.get())
                .map_err(|error| format!("the object does not say which it is: {error}"))?;
            Ok(Change::Delete(ObjectKey {
                kind: named.kind,
                namespace: named.metadata.namespace,
                name: named.metadata.name,
            }))
        }
        other => Err(format!(
            "the operation {other:?} is none of CREATE, UPDATE and DELETE"
        )),
    }
}
