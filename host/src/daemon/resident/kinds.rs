//! What is known of each kind: a kind counts as listed when all its sources
//! are in sync and every object of it could be taken in.

use std::collections::BTreeMap;

use crate::daemon::kinds::Source;
use crate::daemon::watch::ObjectKey;
use crate::policy::KindState;

/// What is known of each kind that is wanted.
#[derive(Default)]
pub struct Kinds {
    kinds: BTreeMap<&'static str, Kind>,
    /// As it was last passed on.
    told: BTreeMap<&'static str, KindState>,
}

#[derive(Default)]
struct Kind {
    sources: BTreeMap<&'static Source, Sync>,
    /// Objects that could not be taken in, and why.
    left_out: BTreeMap<ObjectKey, String>,
}

/// How a source stands.
#[derive(Clone, Debug, Default)]
struct Sync {
    listed_once: bool,
    /// Why what is known may be out of date.
    unreadable: Option<String>,
    /// Objects of the list that nothing can be done with.
    unusable: Option<String>,
}

/// How a kind stands, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Waiting,
    Synced,
    Unreadable { reason: String, listed_once: bool },
}

impl Kinds {
    /// False when the source was expected before.
    pub(super) fn expect(&mut self, source: &'static Source) -> bool {
        let kind = self.kinds.entry(source.kind).or_default();
        let is_new = !kind.sources.contains_key(source);
        kind.sources.entry(source).or_default();
        is_new
    }

    pub(super) fn listed(&mut self, source: &'static Source) {
        let sync = self.sync(source);
        sync.listed_once = true;
        sync.unreadable = None;
    }

    pub(super) fn readable(&mut self, source: &'static Source) {
        self.sync(source).unreadable = None;
    }

    pub(super) fn unreadable(&mut self, source: &'static Source, reason: String) {
        self.sync(source).unreadable = Some(reason);
    }

    /// Stays until the next complete list: nobody can tell which object a
    /// later one replaces.
    pub(super) fn unusable(&mut self, source: &'static Source, problem: String) {
        self.sync(source).unusable = Some(problem);
    }

    /// A fresh list: what could not be used before may be gone.
    pub(super) fn listing(&mut self, source: &'static Source) {
        self.sync(source).unusable = None;
    }

    pub(super) fn poisoned(&mut self, key: &ObjectKey, error: &str) {
        let kind = self.kinds.entry(key.kind).or_default();
        kind.left_out
            .insert(key.clone(), format!("{key} makes the policy fail: {error}"));
    }

    pub(super) fn forgive(&mut self, key: &ObjectKey) {
        if let Some(kind) = self.kinds.get_mut(key.kind) {
            kind.left_out.remove(key);
        }
    }

    /// How each kind stands.
    pub fn standings(&self) -> impl Iterator<Item = (&'static str, Standing)> {
        self.kinds
            .iter()
            .map(|(name, kind)| (*name, kind.standing()))
    }

    /// Every kind as the policy has to know it.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, KindState)> {
        self.standings()
            .map(|(name, standing)| (name, standing.into()))
    }

    /// The kinds that stand differently than when this was last asked.
    pub(super) fn take_changed(&mut self) -> Vec<(&'static str, KindState)> {
        let mut changed: Vec<_> = self.all().collect();
        changed.retain(|(kind, state)| self.told.get(kind) != Some(state));
        self.told.extend(changed.iter().cloned());
        changed
    }

    fn sync(&mut self, source: &'static Source) -> &mut Sync {
        let kind = self.kinds.entry(source.kind).or_default();
        kind.sources.entry(source).or_default()
    }
}

impl Kind {
    fn standing(&self) -> Standing {
        let syncs = || self.sources.values();
        let trouble = syncs()
            .find_map(|sync| sync.unreadable.as_ref().or(sync.unusable.as_ref()))
            .or_else(|| self.left_out.values().next());
        let listed_once = syncs().all(|sync| sync.listed_once);
        match trouble {
            Some(reason) => Standing::Unreadable {
                reason: reason.clone(),
                listed_once,
            },
            None if listed_once => Standing::Synced,
            None => Standing::Waiting,
        }
    }
}

impl From<Standing> for KindState {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Synced => Self::Listed,
            Standing::Waiting => Self::Awaited,
            Standing::Unreadable { reason, .. } => Self::Gap(reason),
        }
    }
}
