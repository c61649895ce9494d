//! What the daemon counts and measures, in the text format of OpenMetrics.
//!
//! What happens over time is counted here, as it happens. What is so at one
//! moment is worked out from one [`Status`] when somebody asks, so that the
//! numbers of an answer fit together.
//!
//! Labels take their values from the settings, the policy's catalogue and
//! lists in this program. None of them comes from an object of the cluster.

mod gauges;
mod labels;

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::EncodeMetric;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::status::Status;
use crate::targets;
use crate::web::Reloads;
use labels::{ByKind, ByResult, ByTable};

/// The content type of [`Metrics::text`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const PREFIX: &str = "podroute";

/// How long a device takes, in seconds.
const DEVICE: [f64; 12] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0,
];

/// How long the cluster waits for a route, in seconds.
const REACTION: [f64; 12] = [
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];

type Histograms = Family<ByTable, Histogram, Buckets>;

/// Every metric of the daemon.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    reads: Family<ByResult, Counter>,
    read_duration: Histograms,
    writes: Family<ByResult, Counter>,
    write_duration: Histograms,
    drift_repaired: Family<ByTable, Counter>,
    event_to_applied: Histograms,
    events: Family<ByKind, Counter>,
    watch_restarts: Family<ByKind, Counter>,
    reloads: Reloads,
}

/// What became of a read or a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    /// The device took some of the changes and refused others.
    Partial,
    Conflict,
    Unavailable,
    Refused,
}

impl Outcome {
    const ALL: [Self; 5] = [
        Self::Ok,
        Self::Partial,
        Self::Conflict,
        Self::Unavailable,
        Self::Refused,
    ];

    pub fn of_read(read: &Result<targets::Table, targets::Error>) -> Self {
        read.as_ref().map_or_else(Self::of_error, |_| Self::Ok)
    }

    pub fn of_write(written: &Result<targets::Written, targets::Error>) -> Self {
        match written {
            Ok(written) if written.failed.is_empty() => Self::Ok,
            Ok(_) => Self::Partial,
            Err(error) => Self::of_error(error),
        }
    }

    fn of_error(error: &targets::Error) -> Self {
        match error {
            targets::Error::Conflict(_) => Self::Conflict,
            targets::Error::Unavailable(_) => Self::Unavailable,
            targets::Error::Refused(_) => Self::Refused,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Conflict => "conflict",
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
        }
    }
}

impl Metrics {
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        let mut all = Registering(Registry::with_prefix(PREFIX));
        Self {
            reads: all.add(
                "table_reads",
                "How often a table was read, by what became of it",
            ),
            read_duration: all.seconds(
                "table_read_duration",
                "How long it took to read a table, in seconds",
                &DEVICE,
            ),
            writes: all.add(
                "table_writes",
                "How often changes were written to a table, by what became of them",
            ),
            write_duration: all.seconds(
                "table_write_duration",
                "How long it took to write changes to a table, in seconds",
                &DEVICE,
            ),
            drift_repaired: all.add(
                "drift_repaired",
                "Routes that somebody else had changed or taken away and that were put right",
            ),
            event_to_applied: all.seconds(
                "event_to_applied",
                "Time from a change of the cluster to the routes that follow from it, in seconds",
                &REACTION,
            ),
            events: all.add(
                "events",
                "Changes of objects that the API server told of, by kind",
            ),
            watch_restarts: all.add(
                "watch_restarts",
                "How often the watch of a kind broke off and was begun anew",
            ),
            reloads: Reloads::register(&mut all.0, "server"),
            registry: all.0,
        }
    }

    /// Has the counters of a table begin at zero: whoever looks for an increase
    /// would miss the first one otherwise.
    pub fn expect_table(&self, table: &str) {
        for outcome in Outcome::ALL {
            let labels = ByResult::new(table, outcome);
            drop(self.reads.get_or_create(&labels));
            drop(self.writes.get_or_create(&labels));
        }
        drop(self.drift_repaired.get_or_create(&ByTable::new(table)));
    }

    /// The same for a kind.
    pub fn expect_kind(&self, kind: &str) {
        drop(self.events.get_or_create(&ByKind::new(kind)));
        drop(self.watch_restarts.get_or_create(&ByKind::new(kind)));
    }

    pub fn table_read(&self, table: &str, outcome: Outcome, took: Duration) {
        self.reads
            .get_or_create(&ByResult::new(table, outcome))
            .inc();
        observe(&self.read_duration, table, took);
    }

    pub fn table_written(&self, table: &str, outcome: Outcome, took: Duration) {
        self.writes
            .get_or_create(&ByResult::new(table, outcome))
            .inc();
        observe(&self.write_duration, table, took);
    }

    pub fn drift_repaired(&self, table: &str, routes: u64) {
        self.drift_repaired
            .get_or_create(&ByTable::new(table))
            .inc_by(routes);
    }

    /// The routes that follow from an event are in the table.
    pub fn event_applied(&self, table: &str, since_event: Duration) {
        observe(&self.event_to_applied, table, since_event);
    }

    pub fn event(&self, kind: &str) {
        self.events.get_or_create(&ByKind::new(kind)).inc();
    }

    pub fn watch_restarted(&self, kind: &str) {
        self.watch_restarts.get_or_create(&ByKind::new(kind)).inc();
    }

    /// Where the server counts how often its files change.
    pub(super) fn reloads(&self) -> &Reloads {
        &self.reloads
    }

    /// Everything, for a scrape.
    pub fn text(&self, status: &Status) -> Result<String, fmt::Error> {
        let mut text = String::new();
        self.write(status, &mut text)?;
        encode_eof(&mut text)?;
        Ok(text)
    }

    /// The same without its end, into a text with others.
    pub(super) fn write(&self, status: &Status, text: &mut String) -> fmt::Result {
        encode_registry(text, &self.registry)?;
        encode_registry(text, &gauges::registry(status))
    }
}

fn observe(histograms: &Histograms, table: &str, took: Duration) {
    histograms
        .get_or_create(&ByTable::new(table))
        .observe(took.as_secs_f64());
}

/// A registry that is being filled.
struct Registering(Registry);

impl Registering {
    fn add<M: Clone + Default + EncodeMetric + TypedMetric + fmt::Debug + Send + Sync + 'static>(
        &mut self,
        name: &str,
        help: &str,
    ) -> M {
        let metric = M::default();
        self.0.register(name, help, metric.clone());
        metric
    }

    fn seconds(&mut self, name: &str, help: &str, buckets: &'static [f64]) -> Histograms {
        let metric = Histograms::new_with_constructor(Buckets(buckets));
        self.0
            .register_with_unit(name, help, Unit::Seconds, metric.clone());
        metric
    }
}

#[derive(Clone, Debug)]
struct Buckets(&'static [f64]);

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new(self.0.iter().copied())
    }
}
