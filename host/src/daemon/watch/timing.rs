//! How long things may take, and how long to wait before the next try.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// The times that a [`Watcher`](super::Watcher) keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// The pause after a failure: this, then longer and longer, each with up
    /// to this much more by chance.
    pub shortest_pause: Duration,
    /// The longest it gets, apart from what chance adds.
    pub longest_pause: Duration,
    /// The pause after the server has forbidden it.
    pub forbidden: Duration,
    /// The pause after the server did not know the kind.
    pub absent: Duration,
    /// How long the first list may fail before the source is unreadable.
    pub first: Duration,
    /// How long a source that was in sync may fail before it is unreadable.
    pub patience: Duration,
    /// How long the server may take to answer, and in the middle of a list to
    /// go on.
    pub answer: Duration,
    /// How long an open watch may be silent. Servers send bookmarks about
    /// once a minute.
    pub idle: Duration,
    /// How long a watch has to stay open to count as a success.
    pub settled: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            shortest_pause: Duration::from_millis(800),
            longest_pause: Duration::from_secs(30),
            forbidden: Duration::from_secs(30),
            absent: Duration::from_mins(1),
            first: Duration::from_secs(10),
            patience: Duration::from_mins(2),
            answer: Duration::from_secs(30),
            idle: Duration::from_mins(2),
            settled: Duration::from_secs(5),
        }
    }
}

impl Timing {
    pub(super) fn backoff(&self) -> ExponentialBackoff {
        ExponentialBuilder::default()
            .with_min_delay(self.shortest_pause)
            .with_max_delay(self.longest_pause)
            .with_factor(2.0)
            .with_jitter()
            .without_max_times()
            .build()
    }
}
