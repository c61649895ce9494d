//! JSON objects of the controller, with everything in them that we know
//! nothing of kept as it was written: unknown fields, their order, numbers
//! beyond any type's precision.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::targets::Error;

/// An object's members. Their values are text.
pub(super) type Fields = IndexMap<String, Box<RawValue>>;

/// A member that is as expected; None if it is missing or something else.
pub(super) fn get<'a, T: Deserialize<'a>>(fields: &'a Fields, key: &str) -> Option<T> {
    fields
        .get(key)
        .and_then(|value| serde_json::from_str(value.get()).ok())
}

/// A member that is a list, each entry as text. A list that is not there is
/// an empty one.
pub(super) fn list(fields: &Fields, key: &str) -> Result<Vec<Box<RawValue>>, String> {
    let Some(value) = fields.get(key) else {
        return Ok(Vec::new());
    };
    serde_json::from_str::<Option<_>>(value.get())
        .map(Option::unwrap_or_default)
        .map_err(|error| format!("`{key}` is no list: {error}"))
}

/// A label of a route or of a service engine group.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Label {
    pub(super) key: String,
    pub(super) value: Option<String>,
}

/// The value of the owner label. Two that differ are no mark of anybody.
pub(super) fn owner(labels: &[Box<RawValue>]) -> Option<String> {
    let mut owners = labels
        .iter()
        .filter_map(|label| serde_json::from_str::<Label>(label.get()).ok())
        .filter(|label| label.key == super::OWNER_LABEL)
        .map(|label| label.value);
    let first = owners.next()??;
    owners
        .all(|other| other.as_ref() == Some(&first))
        .then_some(first)
}

/// The JSON text of a value.
pub(super) fn raw(value: &impl Serialize) -> Result<Box<RawValue>, Error> {
    serde_json::value::to_raw_value(value)
        .map_err(|error| Error::Refused(format!("cannot be written as JSON: {error}")))
}
