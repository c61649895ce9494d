//! Several copies of an object: which is kept, and what is said of it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::objects::Key;
use crate::objects::metadata::Versioned;
use crate::report::{ObjectRef, Problem, Severity};

/// Which of two copies of an object is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// The one that came last: changes come in the order in which they happen.
    Latest,
    /// The newer one: files come in any order. Where resourceVersions do not
    /// tell, the contents decide, and not the order.
    Newest,
}

impl Keep {
    /// Puts an object into its map. When a copy is there, returns the versions
    /// of the one kept and the one dropped.
    pub(super) fn put<K: Ord, T: Versioned + Ord>(
        self,
        map: &mut BTreeMap<K, T>,
        key: K,
        mut object: T,
    ) -> Option<(Option<u64>, Option<u64>)> {
        match map.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(object);
                None
            }
            Entry::Occupied(mut entry) => {
                let kept = entry.get_mut();
                let is_newer = (object.version(), &object) > (kept.version(), &*kept);
                if self == Self::Latest || is_newer {
                    std::mem::swap(kept, &mut object);
                }
                Some((kept.version(), object.version()))
            }
        }
    }
}

/// The copies that a snapshot had of one object: the version of the one that
/// was kept, and those of the others.
#[derive(Debug, Default)]
pub(super) struct Copies {
    kept: Option<u64>,
    dropped: Vec<Option<u64>>,
}

impl Copies {
    pub(super) fn add(&mut self, kept: Option<u64>, dropped: Option<u64>) {
        self.kept = kept;
        self.dropped.push(dropped);
    }

    pub(super) fn problem(&self, key: &Key) -> Problem {
        let version = |version: &Option<u64>| match version {
            Some(version) => format!("resourceVersion {version}"),
            None => "no resourceVersion".to_owned(),
        };
        let mut dropped = self.dropped.clone();
        dropped.sort_unstable();
        let versions: Vec<String> = dropped.iter().map(version).collect();
        let (times, others) = match versions.as_slice() {
            [one] => ("twice".to_owned(), format!("the one with {one} is")),
            more => (
                format!("{} times", more.len() + 1),
                format!("those with {} are", more.join(", ")),
            ),
        };
        Problem {
            object: Some(ObjectRef {
                kind: key.kind.name().into(),
                namespace: Some(key.namespace.clone()).filter(|namespace| !namespace.is_empty()),
                name: key.name.clone(),
                field: None,
            }),
            severity: Severity::Warning,
            message: format!(
                "is there {times}; the copy with {} is used, {others} not",
                version(&self.kept)
            ),
        }
    }
}
