//! Names by others, the same one always by the same.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use ring::hmac;

use super::Key;
use super::vocabulary::Vocabulary;
use crate::capture::schema::Class;

/// DaemonSets show the CNI by how their names begin.
const BEGINNINGS: [&str; 7] = [
    "antrea-agent",
    "aws-node",
    "azure-cns",
    "calico-node",
    "kube-flannel",
    "ovnkube-node",
    "weave-net",
];

pub(super) struct Names {
    key: hmac::Key,
    classes: HashMap<String, Class>,
}

impl Names {
    pub(super) fn new(key: &Key) -> Self {
        Self {
            key: key.derive("names"),
            classes: HashMap::new(),
        }
    }

    /// Notes that something bears this name.
    pub(super) fn note(&mut self, name: &str, class: Class, vocabulary: &Vocabulary) {
        if name.is_empty() || !class.is_always_own() && vocabulary.has(name) {
            return;
        }
        let noted = self.classes.entry(name.to_owned()).or_insert(class);
        *noted = class.min(*noted);
    }

    /// Whether something bears this name, other than a name that is known.
    pub(super) fn has(&self, name: &str) -> bool {
        self.classes.contains_key(name)
    }

    /// The name as it is shown.
    pub(super) fn name(&self, name: &str, class: Class, vocabulary: &Vocabulary) -> String {
        if name.is_empty() || !self.has(name) && vocabulary.has(name) {
            return name.to_owned();
        }
        let beginning = BEGINNINGS
            .into_iter()
            .find(|beginning| class == Class::Workload && name.starts_with(beginning));
        match beginning {
            Some(beginning) => format!("{beginning}-{}", self.replacement(name)),
            None => self.replacement(name),
        }
    }

    /// What stands for a text, whatever it is.
    pub(super) fn replacement(&self, text: &str) -> String {
        let word = self.classes.get(text).map_or("name", |class| class.word());
        let digest = hmac::sign(&self.key, text.as_bytes());
        let mut replacement = format!("{word}-");
        // Enough that a hundred thousand are different.
        for byte in digest.as_ref().iter().take(6) {
            let _ = write!(replacement, "{byte:02x}");
        }
        replacement
    }

    /// Every name that was noted.
    pub(super) fn all(&self) -> BTreeSet<&str> {
        self.classes.keys().map(String::as_str).collect()
    }
}
