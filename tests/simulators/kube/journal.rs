//! The requests that were made.

use std::collections::BTreeMap;

use super::request::Asked;

/// A request for a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// As RBAC names it: `list`, `watch`, `update`, ...
    pub(crate) verb: String,
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) plural: String,
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) query: BTreeMap<String, String>,
    /// The status of the answer; None while there is none.
    pub(crate) code: Option<u16>,
}

impl Entry {
    pub(crate) fn is(&self, verb: &str, plural: &str) -> bool {
        self.verb == verb && self.plural == plural
    }

    /// A parameter of the query; empty when it is not there.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// Whether it is a list that is asked for as the start of a watch.
    pub(crate) fn is_streamed_list(&self) -> bool {
        self.parameter("sendInitialEvents") == "true"
    }
}

#[derive(Default)]
pub(super) struct Journal {
    entries: Vec<Entry>,
    /// How many were forgotten, so that the numbers stay.
    forgotten: usize,
}

impl Journal {
    /// Returns its number.
    pub(super) fn add(&mut self, asked: &Asked) -> usize {
        self.entries.push(Entry {
            verb: asked.verb.clone(),
            group: asked.group.clone(),
            version: asked.version.clone(),
            plural: asked.plural.clone(),
            namespace: asked.namespace.clone(),
            name: asked.name.clone(),
            query: asked.query.clone(),
            code: None,
        });
        self.forgotten + self.entries.len() - 1
    }

    pub(super) fn answered(&mut self, number: usize, code: u16) {
        let index = number.checked_sub(self.forgotten);
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            entry.code = Some(code);
        }
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.entries.clone()
    }

    pub(super) fn clear(&mut self) {
        self.forgotten += self.entries.len();
        self.entries.clear();
    }
}
