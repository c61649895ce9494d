//! How often what was answered, and how long it took.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::answer::Outcome;

/// In seconds. The API server waits for 30 at most.
const BUCKETS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    answer: String,
    dry_run: &'static str,
}

#[derive(Debug)]
pub(super) struct Counters {
    requests: Family<Labels, Counter>,
    duration: Histogram,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            duration: Histogram::new(BUCKETS),
        }
    }
}

impl Counters {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "admission_requests",
            "Admission reviews, by what was answered and whether they were dry runs",
            self.requests.clone(),
        );
        registry.register_with_unit(
            "admission_duration",
            "How long the API server waited for an answer, in seconds",
            Unit::Seconds,
            self.duration.clone(),
        );
    }

    pub(super) fn answered(&self, outcome: Outcome, dry_run: bool, took: Duration) {
        self.count(outcome.to_string(), dry_run, took);
    }

    /// The API server gets no answer that it could follow.
    pub(super) fn refused(&self, dry_run: bool, took: Duration) {
        self.count("refused".to_owned(), dry_run, took);
    }

    fn count(&self, answer: String, dry_run: bool, took: Duration) {
        let dry_run = if dry_run { "true" } else { "false" };
        self.requests
            .get_or_create(&Labels { answer, dry_run })
            .inc();
        self.duration.observe(took.as_secs_f64());
    }
}
