//! Keeping tables of routes right, each in a loop of its own.
//!
//! A loop waits until there is a reason to look: the cluster's routes have
//! changed, somebody else may have changed the table, a write has failed, a
//! person has confirmed a plan, or it was not looked at for long. Then it
//! reads the table, has the policy plan, and writes what the plan says.

mod cycle;
mod plan;
mod retry;
mod signal;
mod strays;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

pub use cycle::{Cycle, End};
pub use plan::{Confirmed, Seen};
pub use signal::Signal;

use super::leader::Leadership;
use super::metrics::Metrics;
use super::notices::Notices;
use super::resident::Resident;
use super::status::{Board, Heartbeat};
use crate::policy::Policy;
use crate::targets::Bound;
use retry::Retry;

/// How tables are kept.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The owner mark of our routes.
    pub owner: String,
    /// Marks that were ours before.
    pub former_owners: Vec<String>,
    /// The share of routes, in percent, above which deletes wait.
    pub delete_share: u32,
    /// Plans are shown and not written.
    pub dry_run: bool,
    /// All routes of ours are to go.
    pub withdraw: bool,
    /// AKO may write to the same table.
    pub beside_ako: bool,
    /// The least time between two writes to a table.
    pub window: Duration,
    /// How long a table is left unlooked at.
    pub drift: Duration,
}

/// What all loops share.
pub struct Shared {
    pub terms: Terms,
    pub resident: Arc<Mutex<Resident>>,
    pub policy: Policy,
    pub leadership: Leadership,
    pub board: Board,
    pub metrics: Arc<Metrics>,
    pub confirmed: Confirmed,
    pub notices: Arc<Notices>,
    /// The AKO instances that write routes under our mark, in words; None
    /// until it is known.
    pub rivals: watch::Receiver<Option<Vec<String>>>,
}

/// A table and its loop.
pub struct Table {
    bound: Bound,
    name: String,
    shared: Arc<Shared>,
    signal: Arc<Signal>,
    /// What was last seen, for whoever asks.
    seen: watch::Sender<Option<Seen>>,
    /// The last cycle left nothing to do: what differs now, somebody else
    /// has changed.
    settled: bool,
    /// When to look for routes of ours in other tables.
    strays_due: Instant,
    /// Times in a row that somebody else wrote at the same time.
    conflicts: u32,
    /// What the device was last found to lack, so that it is said once.
    notes: Vec<String>,
}

impl Table {
    pub fn new(bound: Bound, shared: Arc<Shared>) -> Self {
        let name = bound.target.name().to_owned();
        shared.metrics.expect_table(&name);
        let dry_run = shared.terms.dry_run;
        shared.board.change(|status| {
            status.tables.entry(name.clone()).or_default().dry_run = dry_run;
        });
        Self {
            bound,
            name,
            shared,
            signal: Arc::new(Signal::default()),
            seen: watch::Sender::default(),
            settled: false,
            strays_due: Instant::now(),
            conflicts: 0,
            notes: Vec::new(),
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// For telling the loop that there is something to look at.
    pub fn signal(&self) -> Arc<Signal> {
        Arc::clone(&self.signal)
    }

    /// What was last seen in the table, and planned.
    pub fn seen(&self) -> watch::Receiver<Option<Seen>> {
        self.seen.subscribe()
    }

    /// Keeps the table right until it is told to stop. A cycle that has begun
    /// is brought to its end.
    pub async fn run(mut self, stop: CancellationToken, heartbeat: Heartbeat) {
        let mut retry = Retry::default();
        let mut leadership = self.shared.leadership.watch();
        let mut leads = false;
        let mut next = Instant::now();
        let mut earliest = Instant::now();
        let beat = Duration::from_secs(5);
        loop {
            heartbeat.beat();
            let disturbed = tokio::select! {
                () = stop.cancelled() => return,
                () = self.signal.raised() => false,
                () = self.bound.target.disturbed() => true,
                // Every renewal shows here; only a new term is news.
                _ = leadership.changed() => {
                    let led = std::mem::replace(
                        &mut leads,
                        self.shared.leadership.is_leading_now(),
                    );
                    if led || !leads {
                        continue;
                    }
                    false
                }
                () = sleep_until(next) => false,
                () = tokio::time::sleep(beat) => continue,
            };
            if disturbed {
                info!(table = self.name, "somebody may have changed the table");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep_until(earliest) => {}
            }
            if !self.shared.leadership.is_leading_now() {
                self.settled = false;
                // Whoever leads applies what has happened.
                self.signal.take();
                next = Instant::now() + self.shared.terms.drift;
                continue;
            }
            if self.strays_due <= Instant::now() {
                self.clear_strays().await;
            }
            let begun = Instant::now();
            let cycle = self.cycle().await;
            heartbeat.beat();
            if cycle.wrote {
                // From start to start, but the device rests as long as it
                // has worked.
                let window = self.shared.terms.window;
                let rest = begun.elapsed().min(window);
                earliest = (begun + window).max(Instant::now() + rest);
            }
            let pause = match cycle.end {
                End::Settled | End::Waiting => {
                    retry.reset();
                    self.shared.terms.drift
                }
                End::Again => Duration::ZERO,
                End::Failed => retry.next(),
            };
            next = Instant::now() + pause;
            if cycle.end == End::Failed {
                warn!(table = self.name, "tried again in {pause:.1?}");
                // News do not make a device well again.
                earliest = next;
            }
        }
    }
}
