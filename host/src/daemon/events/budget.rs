//! How many Events are written, and what became of the others.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use tokio::time::Instant;

use super::Reason;

/// Events in a minute. A cluster keeps them for an hour.
const A_MINUTE: u32 = 30;
const MINUTE: Duration = Duration::from_mins(1);

pub(super) struct Budget {
    since: Instant,
    used: u32,
    left_out: BTreeMap<Reason, u64>,
    /// Messages that did not even fit into the queue.
    dropped: u64,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self {
            since: Instant::now(),
            used: 0,
            left_out: BTreeMap::new(),
            dropped: 0,
        }
    }

    /// Whether one more may be written now.
    pub(super) fn take(&mut self) -> bool {
        let now = Instant::now();
        if now >= self.since + MINUTE {
            self.since = now;
            self.used = 0;
        }
        let free = self.used < A_MINUTE;
        self.used += u32::from(free);
        free
    }

    pub(super) fn leave_out(&mut self, reason: Reason) {
        *self.left_out.entry(reason).or_default() += 1;
    }

    pub(super) fn dropped(&mut self, messages: u64) {
        self.dropped += messages;
    }

    /// When to say what was left out; None when nothing was.
    pub(super) fn summary_due(&self) -> Option<Instant> {
        let any = self.dropped > 0 || !self.left_out.is_empty();
        any.then(|| self.since + MINUTE)
    }

    /// What was left out, in words.
    pub(super) fn summary(&self) -> String {
        let count: u64 = self.left_out.values().sum();
        let mut text = format!("{count} further Events were not written");
        for (n, (reason, count)) in self.left_out.iter().enumerate() {
            let before = if n == 0 { ": " } else { ", " };
            let _ = write!(text, "{before}{count} {}", reason.name());
        }
        if self.dropped > 0 {
            let _ = write!(
                text,
                "; {} messages were dropped while the API server was slow",
                self.dropped
            );
        }
        text.push_str(". See podroute's log and status page for all of them.");
        text
    }

    /// The summary has been written.
    pub(super) fn forget(&mut self) {
        self.left_out.clear();
        self.dropped = 0;
    }
}
