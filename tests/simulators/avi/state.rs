//! What the controller holds and what it has seen.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard};

use indexmap::IndexMap;
use serde_json::value::RawValue;

use super::auth::Auth;
use super::faults::Faults;

/// Objects as text: members keep order and spelling.
pub(super) type Fields = IndexMap<String, Box<RawValue>>;

pub(super) struct State {
    pub(super) version: String,
    pub(super) says_version_at_login: bool,
    pub(super) upgrading: bool,
    pub(super) tenants: BTreeSet<String>,
    pub(super) auth: Auth,
    pub(super) faults: Faults,
    pub(super) journal: Vec<Recorded>,
    pub(super) objects: HashMap<String, Vec<Object>>,
    writes: u64,
}

pub(super) struct Object {
    pub(super) cloud: String,
    pub(super) tenant: String,
    pub(super) fields: Fields,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    pub(crate) tenant: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) body: String,
    /// None as long as there is no answer.
    pub(crate) status: Option<u16>,
}

impl Recorded {
    /// `GET /api/vrfcontext?name=global`.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

pub(super) fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("no handler panicked holding it")
}

impl State {
    pub(super) fn new() -> Self {
        let mut auth = Auth::default();
        auth.set_password("admin", "hunter2-admin");
        Self {
            version: "30.2.1".to_owned(),
            says_version_at_login: true,
            upgrading: false,
            tenants: BTreeSet::from(["admin".to_owned()]),
            auth,
            faults: Faults::default(),
            journal: Vec::new(),
            objects: HashMap::new(),
            writes: 0,
        }
    }

    pub(super) fn set(&mut self, kind: &str, cloud: &str, tenant: &str, json: &str) {
        let mut fields: Fields = serde_json::from_str(json).expect("an object");
        self.stamp(&mut fields);
        let objects = self.objects.entry(kind.to_owned()).or_default();
        let uuid = text(&fields, "uuid");
        objects.retain(|object| text(&object.fields, "uuid") != uuid);
        objects.push(Object {
            cloud: cloud.to_owned(),
            tenant: tenant.to_owned(),
            fields,
        });
    }

    pub(super) fn remove(&mut self, kind: &str, name: &str) {
        let objects = self.objects.entry(kind.to_owned()).or_default();
        objects.retain(|object| text(&object.fields, "name") != name);
    }

    /// The object's text without `_last_modified`, which changes with every
    /// write.
    pub(super) fn text(&self, kind: &str, name: &str) -> String {
        let object = self
            .objects
            .get(kind)
            .into_iter()
            .flatten()
            .find(|object| text(&object.fields, "name") == name)
            .unwrap_or_else(|| panic!("no {kind} {name}"));
        let mut fields = object.fields.clone();
        fields.shift_remove("_last_modified");
        serde_json::to_string(&fields).expect("JSON")
    }

    /// Every write leaves another `_last_modified`.
    pub(super) fn stamp(&mut self, fields: &mut Fields) {
        self.writes += 1;
        let stamp = format!("\"17000000{:08}\"", self.writes);
        let stamp = RawValue::from_string(stamp).expect("JSON");
        fields.insert("_last_modified".to_owned(), stamp);
    }
}

/// A member's string, empty without one.
pub(super) fn text(fields: &Fields, key: &str) -> String {
    fields
        .get(key)
        .and_then(|value| serde_json::from_str(value.get()).ok())
        .unwrap_or_default()
}
