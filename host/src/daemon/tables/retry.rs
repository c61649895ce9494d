//! When to try again what has failed.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// Pauses that double from a second to half a minute, each made longer by
/// chance, up to twice that, so that not all tables come at once.
pub(super) struct Retry(ExponentialBackoff);

const LONGEST: Duration = Duration::from_secs(30);

impl Default for Retry {
    fn default() -> Self {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_secs(1))
            .with_max_delay(LONGEST)
            .with_jitter()
            .without_max_times();
        Self(pauses.build())
    }
}

impl Retry {
    pub(super) fn next(&mut self) -> Duration {
        self.0.next().unwrap_or(LONGEST)
    }

    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}
