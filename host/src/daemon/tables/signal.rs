//! How a loop learns that the cluster's routes have changed, and since when.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::Notify;

/// Raised by whoever has news, lowered by the loop that acts on them.
#[derive(Default)]
pub struct Signal {
    news: Notify,
    /// When the first event came whose routes are not in the table yet.
    since: Mutex<Option<Instant>>,
}

impl Signal {
    /// The routes have changed because of an event at this time.
    pub fn changed(&self, at: Instant) {
        self.since().get_or_insert(at);
        self.news.notify_one();
    }

    /// Look again, though no route has changed.
    pub fn look(&self) {
        self.news.notify_one();
    }

    pub(super) async fn raised(&self) {
        self.news.notified().await;
    }

    /// Takes the time of the first event that is not applied yet.
    pub(super) fn take(&self) -> Option<Instant> {
        self.since().take()
    }

    /// Whether there is an event that is not applied yet.
    pub(super) fn is_raised(&self) -> bool {
        self.since().is_some()
    }

    /// Puts it back: what was planned for it did not work.
    pub(super) fn put_back(&self, at: Option<Instant>) {
        if let Some(at) = at {
            let mut since = self.since();
            *since = Some(since.map_or(at, |later| later.min(at)));
        }
    }

    fn since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
