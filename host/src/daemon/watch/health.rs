//! How a source is doing: when it counts as unreadable, and how long to wait
//! before the next try. The rules stand in [`super`].

use std::time::Duration;

use backon::ExponentialBackoff;
use tokio::time::Instant;

use super::timing::Timing;
use super::trouble::Trouble;

#[derive(Debug)]
pub(super) struct Health {
    timing: Timing,
    backoff: ExponentialBackoff,
    /// There has been a complete list, if only an empty one.
    complete: bool,
    /// The last word is that the server does not know the kind.
    absent: bool,
    /// Since when it has been tried without a success.
    tried: Instant,
    /// The last try failed.
    failing: bool,
    /// Since when a server that knew the kind has said it does not.
    missing: Option<Instant>,
    /// The reason that was told for being unreadable.
    told: Option<String>,
}

/// What follows from trouble.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) pause: Duration,
    pub(super) news: Option<News>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    Unreadable(String),
    /// There are no objects.
    Empty,
}

impl Health {
    pub(super) fn new(timing: Timing) -> Self {
        Self {
            timing,
            backoff: timing.backoff(),
            complete: false,
            absent: false,
            tried: Instant::now(),
            failing: false,
            missing: None,
            told: None,
        }
    }

    /// A try begins.
    pub(super) fn begin(&mut self) {
        if !self.failing {
            self.tried = Instant::now();
        }
    }

    /// A list is complete.
    pub(super) fn listed(&mut self) {
        self.complete = true;
        self.absent = false;
        self.told = None;
        self.succeeded();
    }

    /// A watch is alive. True when the source was unreadable until now.
    pub(super) fn heard(&mut self) -> bool {
        self.succeeded();
        self.told.take().is_some()
    }

    fn succeeded(&mut self) {
        self.tried = Instant::now();
        self.failing = false;
        self.missing = None;
    }

    /// The pause before a watch that has ended is taken up. None at all when
    /// it was open for long enough.
    pub(super) fn resume(&mut self, was_open: Option<Duration>) -> Duration {
        if was_open.is_some_and(|time| time >= self.timing.settled) {
            self.backoff = self.timing.backoff();
            return Duration::ZERO;
        }
        self.pause()
    }

    pub(super) fn cope(&mut self, trouble: Trouble) -> Next {
        match trouble {
            Trouble::Expired(reason) => self.failed(reason, Duration::ZERO),
            Trouble::Absent => self.absent(),
            Trouble::Forbidden(reason) => {
                self.missing = None;
                self.failing = true;
                Next {
                    pause: self.timing.forbidden,
                    news: self.unreadable(format!(
                        "{reason}; allow list and watch of it to this account"
                    )),
                }
            }
            Trouble::Failed {
                reason,
                retry_after,
            } => self.failed(reason, retry_after.unwrap_or_default()),
        }
    }

    fn failed(&mut self, reason: String, retry_after: Duration) -> Next {
        self.missing = None;
        self.failing = true;
        let patience = if self.complete {
            self.timing.patience
        } else {
            self.timing.first
        };
        let news = if self.tried.elapsed() >= patience {
            self.unreadable(reason)
        } else {
            None
        };
        // A server may ask for more than is good for anybody.
        let asked = retry_after.min(self.timing.longest_pause.saturating_mul(2));
        Next {
            pause: self.pause().max(asked),
            news,
        }
    }

    fn absent(&mut self) -> Next {
        let missing = *self.missing.get_or_insert_with(Instant::now);
        let was_there = self.complete && !self.absent;
        if was_there && missing.elapsed() < self.timing.patience {
            return Next {
                pause: self.pause(),
                news: None,
            };
        }
        let known = self.absent && self.told.is_none();
        self.listed();
        self.absent = true;
        Next {
            pause: self.timing.absent,
            news: (!known).then_some(News::Empty),
        }
    }

    fn unreadable(&mut self, reason: String) -> Option<News> {
        if self.told.as_ref() == Some(&reason) {
            return None;
        }
        self.told = Some(reason.clone());
        Some(News::Unreadable(reason))
    }

    fn pause(&mut self) -> Duration {
        self.backoff.next().unwrap_or(self.timing.longest_pause)
    }
}
