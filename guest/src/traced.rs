//! What was looked at: a rule that did not look at what has changed has
//! nothing new to say.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};

/// A value that remembers whether it was looked at.
#[derive(Debug, Default)]
pub struct Traced<T> {
    value: T,
    seen: Cell<bool>,
}

impl<T> Traced<T> {
    /// Whether it was looked at since the last time that this was asked.
    pub fn take_seen(&self) -> bool {
        self.seen.take()
    }
}

impl<T> Deref for Traced<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.seen.set(true);
        &self.value
    }
}

impl<T> DerefMut for Traced<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// Keys and values that remember which keys were looked at, missing ones
/// included.
#[derive(Clone, Debug, Default)]
pub struct TracedKeys {
    entries: BTreeMap<String, String>,
    seen: RefCell<BTreeSet<String>>,
}

impl TracedKeys {
    pub fn get(&self, key: &str) -> Option<&str> {
        let mut seen = self.seen.borrow_mut();
        if !seen.contains(key) {
            seen.insert(key.to_owned());
        }
        self.entries.get(key).map(String::as_str)
    }

    /// The keys that were looked at since the last time that this was asked.
    pub fn take_seen(&self) -> BTreeSet<String> {
        self.seen.take()
    }

    /// The keys of which the value is another.
    pub fn differences(&self, other: &Self) -> BTreeSet<String> {
        let keys = self.entries.keys().chain(other.entries.keys());
        keys.filter(|key| self.entries.get(*key) != other.entries.get(*key))
            .cloned()
            .collect()
    }
}

impl FromIterator<(String, String)> for TracedKeys {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(entries: I) -> Self {
        Self {
            entries: entries.into_iter().collect(),
            seen: RefCell::default(),
        }
    }
}

// What was looked at is no part of the value.

impl PartialEq for TracedKeys {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Eq for TracedKeys {}

impl PartialOrd for TracedKeys {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TracedKeys {
    fn cmp(&self, other: &Self) -> Ordering {
        self.entries.cmp(&other.entries)
    }
}
