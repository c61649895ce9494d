//! Reviews that go out over the contract, and the changes that come in.

use super::wit;
use crate::objects::{Key, Kind};
use crate::review::{Change, Review, Verdict};

/// None for an object that nothing reads: that it goes changes nothing.
pub(super) fn change(change: wit::Change) -> Option<Change> {
    match change {
        wit::Change::Put(text) => Some(Change::Put(text)),
        wit::Change::Delete(object) => key(object).map(Change::Delete),
    }
}

/// None when nothing reads objects of this kind.
pub(super) fn key(object: wit::ObjectKey) -> Option<Key> {
    Some(Key {
        kind: Kind::named(&object.kind)?,
        namespace: object.namespace.unwrap_or_default(),
        name: object.name,
    })
}

impl From<&Review> for wit::Review {
    fn from(review: &Review) -> Self {
        Self {
            verdict: match review.verdict {
                Verdict::Allow => wit::Verdict::Allow,
                Verdict::Warn => wit::Verdict::Warn,
                Verdict::Deny => wit::Verdict::Deny,
            },
            added: review.added.iter().map(Into::into).collect(),
            fixed: review.fixed.iter().map(Into::into).collect(),
            undecided: review.undecided.clone(),
            problems: review.problems.iter().map(Into::into).collect(),
        }
    }
}
