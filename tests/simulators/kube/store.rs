//! The objects, and every change since the history was last compacted.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::access::Access;
use super::faults::Faults;
use super::journal::Journal;
use super::resources::{self, Resource};
use super::watch::Streaming;

/// Resource id, namespace, name.
pub(super) type Key = (String, String, String);

pub(super) struct State {
    resources: Vec<Resource>,
    /// Every version of an object that the history has, oldest first.
    objects: BTreeMap<Key, Vec<Stored>>,
    changes: Vec<Change>,
    revision: u64,
    compacted: u64,
    pub(super) access: Access,
    pub(super) faults: Faults,
    pub(super) journal: Journal,
    pub(super) streaming: Streaming,
    pub(super) gone_as_status: bool,
}

#[derive(Clone)]
struct Stored {
    revision: u64,
    /// None when the object was deleted.
    object: Option<Arc<Value>>,
}

/// What a watch tells.
#[derive(Clone)]
pub(super) struct Change {
    pub(super) revision: u64,
    /// `ADDED`, `MODIFIED`, `DELETED`.
    pub(super) kind: &'static str,
    pub(super) key: Key,
    pub(super) object: Arc<Value>,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            resources: resources::built_in(),
            objects: BTreeMap::new(),
            changes: Vec::new(),
            // A cluster that is not quite new.
            revision: 1000,
            compacted: 1000,
            access: Access::default(),
            faults: Faults::default(),
            journal: Journal::default(),
            streaming: Streaming::default(),
            gone_as_status: false,
        }
    }

    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// The oldest revision that changes are still known after.
    pub(super) fn compacted(&self) -> u64 {
        self.compacted
    }

    pub(super) fn resources(&self) -> &[Resource] {
        &self.resources
    }

    pub(super) fn resource(&self, group: &str, version: &str, plural: &str) -> Option<Resource> {
        let found = self.resources.iter().find(|resource| {
            resource.group == group
                && resource.plural == plural
                && resource.versions.iter().any(|one| one == version)
        });
        found.cloned()
    }

    pub(super) fn install(&mut self, resource: Resource) {
        self.resources.retain(|one| one.id() != resource.id());
        self.resources.push(resource);
    }

    pub(super) fn uninstall(&mut self, kind: &str) {
        let gone: Vec<_> = self
            .objects
            .iter()
            .filter(|((id, ..), _)| self.ids(kind).contains(id))
            .map(|(key, _)| key.clone())
            .collect();
        for key in gone {
            self.delete(&key);
        }
        self.resources.retain(|one| one.kind != kind);
    }

    fn ids(&self, kind: &str) -> Vec<String> {
        let of_kind = self.resources.iter().filter(|one| one.kind == kind);
        of_kind.map(Resource::id).collect()
    }

    pub(super) fn apply(&mut self, object: Value) {
        let api_version = object["apiVersion"].as_str().expect("an apiVersion");
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let kind = object["kind"].as_str().expect("a kind");
        let installed = self
            .resources
            .iter()
            .find(|one| one.group == group && one.kind == kind)
            .cloned();
        let resource = installed.unwrap_or_else(|| {
            let resource = resources::known_as(group, kind)
                .unwrap_or_else(|| panic!("install the CRD of {kind} in {group} first"));
            self.install(resource.clone());
            resource
        });
        let name = object["metadata"]["name"].as_str().expect("a name");
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or("");
        assert_eq!(resource.namespaced, !namespace.is_empty(), "{kind} {name}");
        let key = (resource.id(), namespace.to_owned(), name.to_owned());
        self.put(key, object);
    }

    pub(super) fn apply_broken(&mut self, plural: &str, name: &str, object: Value) {
        let resource = self.resources.iter().find(|one| one.plural == plural);
        let id = resource.expect("an installed resource").id();
        self.put((id, String::new(), name.to_owned()), object);
    }

    pub(super) fn delete_kind(&mut self, kind: &str, namespace: &str, name: &str) {
        let ids = self.ids(kind);
        let key = ids
            .into_iter()
            .map(|id| (id, namespace.to_owned(), name.to_owned()))
            .find(|key| self.get(key).is_some())
            .unwrap_or_else(|| panic!("there is no {kind} {namespace}/{name}"));
        self.delete(&key);
    }

    pub(super) fn get_kind(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        self.ids(kind)
            .into_iter()
            .find_map(|id| self.get(&(id, namespace.to_owned(), name.to_owned())))
            .map(|object| (*object).clone())
    }

    pub(super) fn all_of_kind(&self, kind: &str) -> Vec<Value> {
        let ids = self.ids(kind).into_iter();
        ids.flat_map(|id| self.list(&id, self.revision))
            .map(|(_, object)| (*object).clone())
            .collect()
    }

    pub(super) fn get(&self, key: &Key) -> Option<Arc<Value>> {
        self.objects.get(key)?.last()?.object.clone()
    }

    /// What there was at a revision, by namespace and name.
    pub(super) fn list(&self, id: &str, revision: u64) -> Vec<(Key, Arc<Value>)> {
        let start = (id.to_owned(), String::new(), String::new());
        self.objects
            .range(start..)
            .take_while(|((one, ..), _)| one == id)
            .filter_map(|(key, versions)| {
                let then = versions.iter().rev().find(|one| one.revision <= revision)?;
                Some((key.clone(), then.object.clone()?))
            })
            .collect()
    }

    pub(super) fn changes_after(&self, revision: u64) -> &[Change] {
        let start = self.changes.partition_point(|one| one.revision <= revision);
        &self.changes[start..]
    }

    /// Stores an object. What the server adds to one is added.
    pub(super) fn put(&mut self, key: Key, mut object: Value) -> Arc<Value> {
        let before = self.get(&key);
        self.revision += 1;
        let number = self.revision.to_string();
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            let old = before.as_deref().map(|before| &before["metadata"]);
            let uid = format!("00000000-0000-4000-8000-{:012}", self.revision);
            for (field, new) in [
                ("uid", json!(uid)),
                ("creationTimestamp", json!("2026-01-31T12:00:00Z")),
            ] {
                let kept = old.and_then(|old| old.get(field)).cloned();
                let given = metadata.get(field).cloned();
                metadata.insert(field.to_owned(), kept.or(given).unwrap_or(new));
            }
            metadata.insert("resourceVersion".to_owned(), json!(number));
        }
        let kind = if before.is_some() {
            "MODIFIED"
        } else {
            "ADDED"
        };
        self.record(kind, key, Arc::new(object))
    }

    pub(super) fn delete(&mut self, key: &Key) -> Option<Arc<Value>> {
        let mut object = (*self.get(key)?).clone();
        self.revision += 1;
        let number = self.revision.to_string();
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("resourceVersion".to_owned(), json!(number));
        }
        Some(self.record("DELETED", key.clone(), Arc::new(object)))
    }

    fn record(&mut self, kind: &'static str, key: Key, object: Arc<Value>) -> Arc<Value> {
        let revision = self.revision;
        self.objects.entry(key.clone()).or_default().push(Stored {
            revision,
            object: (kind != "DELETED").then(|| Arc::clone(&object)),
        });
        self.changes.push(Change {
            revision,
            kind,
            key,
            object: Arc::clone(&object),
        });
        object
    }

    pub(super) fn compact(&mut self) {
        // Whoever is at the newest revision misses something as well.
        self.revision += 1;
        self.compacted = self.revision;
        self.changes.clear();
        self.objects.retain(|_, versions| {
            let last = versions.pop();
            versions.clear();
            versions.extend(last.filter(|last| last.object.is_some()));
            !versions.is_empty()
        });
    }
}
