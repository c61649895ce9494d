//! Every object that the watches have told of, to fill a fresh policy with.

use std::collections::{BTreeMap, BTreeSet};

use crate::daemon::kinds::Source;
use crate::daemon::watch::{Object, ObjectKey};

/// Objects as JSON, by the source that they come from.
#[derive(Default)]
pub(super) struct Cache {
    sources: BTreeMap<&'static Source, OfSource>,
}

#[derive(Default)]
struct OfSource {
    objects: BTreeMap<ObjectKey, Box<str>>,
    /// Objects that are there and are not kept.
    left_out: BTreeSet<ObjectKey>,
    /// While a list is under way, the objects that it has not shown so far.
    missing: Option<BTreeSet<ObjectKey>>,
}

impl Cache {
    /// Whether the object is kept already, just as it is. Then it is not
    /// missing from a list.
    pub(super) fn confirm(&mut self, source: &'static Source, object: &Object) -> bool {
        let Some(of_source) = self.sources.get_mut(source) else {
            return false;
        };
        let kept = of_source.objects.get(&object.key);
        let is_same = kept.is_some_and(|json| **json == *object.json);
        if is_same && let Some(missing) = &mut of_source.missing {
            missing.remove(&object.key);
        }
        is_same
    }

    pub(super) fn put(&mut self, source: &'static Source, object: Object) {
        let of_source = self.sources.entry(source).or_default();
        if let Some(missing) = &mut of_source.missing {
            missing.remove(&object.key);
        }
        of_source.left_out.remove(&object.key);
        of_source
            .objects
            .insert(object.key, object.json.into_boxed_str());
    }

    /// Notes an object without keeping it.
    pub(super) fn leave_out(&mut self, source: &'static Source, key: &ObjectKey) {
        let of_source = self.sources.entry(source).or_default();
        if let Some(missing) = &mut of_source.missing {
            missing.remove(key);
        }
        of_source.objects.remove(key);
        of_source.left_out.insert(key.clone());
    }

    pub(super) fn remove(&mut self, source: &'static Source, key: &ObjectKey) {
        if let Some(of_source) = self.sources.get_mut(source) {
            of_source.objects.remove(key);
            of_source.left_out.remove(key);
        }
    }

    /// A list starts: what it does not show is gone when it ends.
    pub(super) fn listing(&mut self, source: &'static Source) {
        let of_source = self.sources.entry(source).or_default();
        let known = of_source.objects.keys().chain(&of_source.left_out);
        of_source.missing = Some(known.cloned().collect());
    }

    /// The list is complete. Returns what is gone.
    pub(super) fn listed(&mut self, source: &'static Source) -> BTreeSet<ObjectKey> {
        let Some(of_source) = self.sources.get_mut(source) else {
            return BTreeSet::new();
        };
        let gone = of_source.missing.take().unwrap_or_default();
        for key in &gone {
            of_source.objects.remove(key);
            of_source.left_out.remove(key);
        }
        gone
    }

    /// Every object, in no order that means anything.
    pub(super) fn objects(&self) -> impl Iterator<Item = &str> {
        self.sources
            .values()
            .flat_map(|of_source| of_source.objects.values())
            .map(AsRef::as_ref)
    }
}
