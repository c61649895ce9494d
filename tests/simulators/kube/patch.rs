//! How a patch changes an object.

use serde_json::{Map, Value};

/// A JSON merge patch, RFC 7386: null removes, lists are replaced.
pub(super) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    for (field, value) in patch {
        let fields = object(target);
        if value.is_null() {
            fields.remove(field);
        } else {
            merge(fields.entry(field.clone()).or_insert(Value::Null), value);
        }
    }
    object(target);
}

/// What server-side apply makes of the fields that a manager sets; lists are
/// taken for atomic.
pub(super) fn apply(target: &mut Value, wanted: &Value) {
    let Value::Object(wanted) = wanted else {
        *target = wanted.clone();
        return;
    };
    for (field, value) in wanted {
        let fields = object(target);
        apply(fields.entry(field.clone()).or_insert(Value::Null), value);
    }
    object(target);
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().unwrap()
}
