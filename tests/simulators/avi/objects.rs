//! Lists, reads and writes of objects.

use std::collections::HashMap;

use serde_json::json;

use super::state::{Fields, Object, State, text};
use super::validation;

/// A status and a body.
pub(super) type Reply = (u16, String);

/// What a list is asked for.
pub(super) type Query = HashMap<String, String>;

impl State {
    /// `GET /api/KIND`: those of a name and a cloud that the tenant sees, in
    /// pages.
    pub(super) fn list(&self, kind: &str, tenant: &str, query: &Query) -> Reply {
        let wanted = |key: &str, value: &str| query.get(key).is_none_or(|wanted| wanted == value);
        let found: Vec<&Object> = self
            .objects
            .get(kind)
            .into_iter()
            .flatten()
            .filter(|object| object.is_visible_to(tenant))
            .filter(|object| wanted("name", &text(&object.fields, "name")))
            .filter(|object| wanted("cloud_ref.name", &object.cloud))
            .collect();
        let number = |key: &str, default: usize| {
            query
                .get(key)
                .map_or(Some(default), |text| text.parse().ok())
        };
        let (Some(size @ 1..=200), Some(page @ 1..)) = (number("page_size", 25), number("page", 1))
        else {
            return error(400, "Invalid page or page_size");
        };
        let start = (page - 1) * size;
        if start > 0 && start >= found.len() {
            return error(404, "Invalid page");
        }
        let results: Vec<&Fields> = found
            .iter()
            .skip(start)
            .take(size)
            .map(|object| &object.fields)
            .collect();
        let results = serde_json::to_string(&results).expect("JSON");
        let next = if start + size < found.len() {
            format!(
                r#", "next": "/api/{kind}?page={}&page_size={size}""#,
                page + 1
            )
        } else {
            String::new()
        };
        let count = found.len();
        let body = format!(r#"{{"count": {count}, "results": {results}{next}}}"#);
        (200, body)
    }

    /// `GET /api/KIND/UUID`.
    pub(super) fn read(&self, kind: &str, tenant: &str, uuid: &str) -> Reply {
        match self.position(kind, tenant, uuid) {
            Some(position) => (200, body(&self.objects[kind][position].fields)),
            None => missing(kind),
        }
    }

    /// `PUT /api/KIND/UUID`.
    pub(super) fn write(&mut self, kind: &str, tenant: &str, uuid: &str, new: &str) -> Reply {
        if self.upgrading {
            return error(403, "Configuration is disallowed during upgrade");
        }
        let Some(position) = self.position(kind, tenant, uuid) else {
            return missing(kind);
        };
        let held = &self.objects[kind][position];
        if held.tenant != tenant {
            let kind = display(kind);
            return error(
                400,
                &format!("Cannot modify {kind} object of another tenant"),
            );
        }
        let mut fields: Fields = match serde_json::from_str(new) {
            Ok(fields) => fields,
            Err(problem) => return error(400, &format!("JSON parse error - {problem}")),
        };
        let stamp = text(&fields, "_last_modified");
        if !stamp.is_empty() && stamp != text(&held.fields, "_last_modified") {
            return error(412, "Concurrent Update Error. Please retry the operation.");
        }
        if let Err(problem) = validation::check(kind, &fields) {
            return error(400, &problem);
        }
        self.stamp(&mut fields);
        let answer = body(&fields);
        self.objects.get_mut(kind).expect("there")[position].fields = fields;
        (200, answer)
    }

    fn position(&self, kind: &str, tenant: &str, uuid: &str) -> Option<usize> {
        self.objects
            .get(kind)?
            .iter()
            .position(|object| object.is_visible_to(tenant) && text(&object.fields, "uuid") == uuid)
    }
}

impl Object {
    /// A tenant sees its own and what belongs to admin, who sees all.
    fn is_visible_to(&self, tenant: &str) -> bool {
        tenant == "admin" || self.tenant == tenant || self.tenant == "admin"
    }
}

pub(super) fn error(status: u16, message: &str) -> Reply {
    (status, json!({ "error": message }).to_string())
}

fn missing(kind: &str) -> Reply {
    error(400, &format!("{} object not found!", display(kind)))
}

fn display(kind: &str) -> &str {
    match kind {
        "vrfcontext" => "VrfContext",
        "serviceenginegroup" => "ServiceEngineGroup",
        other => other,
    }
}

fn body(fields: &Fields) -> String {
    serde_json::to_string(fields).expect("JSON")
}
