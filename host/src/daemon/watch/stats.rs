//! What is counted, for metrics.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::daemon::kinds;

/// Counts for each kind. They only grow.
#[derive(Debug)]
pub struct Stats(BTreeMap<&'static str, Counts>);

#[derive(Debug, Default)]
pub struct Counts {
    events: AtomicU64,
    lists: AtomicU64,
    watches: AtomicU64,
    failures: AtomicU64,
}

impl Counts {
    /// Objects that came and went, those of lists included.
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// Lists that were completed, the first one included.
    pub fn lists(&self) -> u64 {
        self.lists.load(Ordering::Relaxed)
    }

    /// Watches that were opened, the first one included.
    pub fn watches(&self) -> u64 {
        self.watches.load(Ordering::Relaxed)
    }

    /// Tries that failed.
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    pub(super) fn count_event(&self) {
        self.events.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_list(&self) {
        self.lists.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_watch(&self) {
        self.watches.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_failure(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }
}

impl Stats {
    pub(super) fn new() -> Self {
        let kinds = kinds::kinds().into_iter();
        Self(kinds.map(|kind| (kind, Counts::default())).collect())
    }

    /// The counts of every kind that can be watched, by name.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, &Counts)> {
        self.0.iter().map(|(kind, counts)| (*kind, counts))
    }

    /// The counts of one kind.
    pub fn of(&self, kind: &str) -> Option<&Counts> {
        self.0.get(kind)
    }
}
