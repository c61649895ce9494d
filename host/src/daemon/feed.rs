//! From the watches into the policy, and from there to the tables: routes
//! have changed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::{mpsc, watch};
use tokio::task::spawn_blocking;
use tokio::time::{Duration, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::events::{Reason, Subject};
use super::kinds::sources;
use super::metrics::Metrics;
use super::notices::Notices;
use super::resident::{Resident, Standing};
use super::status::{self, Board, Heartbeat};
use super::tables::Signal;
use super::watch::{Told, Watcher};
use crate::policy::RouteChanges;

/// What is fed, and who is told.
pub(super) struct Feed {
    pub watcher: Watcher,
    pub told: mpsc::Receiver<Told>,
    pub resident: Arc<Mutex<Resident>>,
    /// Kinds to watch besides those that the policy needs.
    pub besides: Vec<&'static str>,
    pub board: Board,
    pub metrics: Arc<Metrics>,
    pub signals: Vec<Arc<Signal>>,
    pub notices: Arc<Notices>,
    /// Goes up with all news that are taken in.
    pub fed: watch::Sender<u64>,
}

/// As much as is taken in at once.
const BATCH: usize = 256;

/// What came of taking in a batch.
struct Taken {
    /// Whether any of it was news.
    is_news: bool,
    new_kinds: Vec<&'static str>,
    /// None where there are no tables, or the policy does not say.
    changes: Option<RouteChanges>,
    standings: Vec<(&'static str, Standing)>,
    restarts: u64,
    last_error: Option<String>,
}

impl Feed {
    /// Feeds until it is told to stop.
    pub(super) async fn run(mut self, stop: CancellationToken, heartbeat: Heartbeat) {
        let mut undecided = None;
        let mut restarts = BTreeMap::new();
        let mut batch = Vec::new();
        loop {
            heartbeat.beat();
            self.count_restarts(&mut restarts);
            let at = Instant::now();
            for told in &batch {
                if let Told::Put { source, .. } | Told::Gone { source, .. } = told {
                    self.metrics.event(source.kind);
                }
            }
            if let Some(taken) = self.take(std::mem::take(&mut batch)).await {
                self.watcher.want(taken.new_kinds.iter().copied());
                self.show(&taken);
                self.show_restarts(&taken);
                let mut is_news = taken.is_news;
                if let Some(changes) = taken.changes {
                    let reasons = Some(&changes.undecided) != undecided.as_ref();
                    let routes = !changes.set.is_empty() || !changes.gone.is_empty();
                    // What stands in the tables may decide, too.
                    is_news |= routes || reasons;
                    for signal in &self.signals {
                        if routes {
                            signal.changed(at);
                        } else if reasons {
                            signal.look();
                        }
                    }
                    if reasons {
                        log_undecided(&changes.undecided);
                        undecided = Some(changes.undecided);
                    }
                }
                if is_news {
                    self.fed.send_modify(|count| *count += 1);
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                received = next(&mut self.told, &mut batch) => if !received {
                    return;
                },
            }
        }
    }

    /// Counts the watches that were opened after the first of each source.
    fn count_restarts(&self, counted: &mut BTreeMap<&'static str, u64>) {
        for (kind, counts) in self.watcher.stats().kinds() {
            let first = sources(kind).len() as u64;
            let restarts = counts.watches().saturating_sub(first);
            let counted = counted.entry(kind).or_default();
            while *counted < restarts {
                *counted += 1;
                self.metrics.watch_restarted(kind);
            }
        }
    }

    /// Has the policy take in a batch, and asks what came of it.
    async fn take(&self, batch: Vec<Told>) -> Option<Taken> {
        let resident = Arc::clone(&self.resident);
        let besides = self.besides.clone();
        let has_tables = !self.signals.is_empty();
        let taken = spawn_blocking(move || {
            let mut resident = resident.lock().unwrap_or_else(PoisonError::into_inner);
            let is_news = resident.take(batch);
            // A kind that is newly wanted is unknown before anybody plans.
            let new_kinds = resident.want(&besides).unwrap_or_else(|error| {
                error!("the policy does not say which kinds to watch: {error}");
                Vec::new()
            });
            let changes = has_tables.then(|| resident.changes()).transpose();
            if let Err(error) = &changes {
                error!("the policy does not say which routes have changed: {error}");
            }
            let (restarts, last_error) = resident.restarts();
            Taken {
                is_news,
                new_kinds,
                changes: changes.ok().flatten(),
                standings: resident.kinds().standings().collect(),
                restarts,
                last_error: last_error.map(str::to_owned),
            }
        });
        taken
            .await
            .inspect_err(|error| error!("taking in changes failed: {error}"))
            .ok()
    }

    fn show(&self, taken: &Taken) {
        for kind in &taken.new_kinds {
            self.metrics.expect_kind(kind);
        }
        self.board.change(|status| {
            for (kind, standing) in &taken.standings {
                let now = shown(standing);
                let before = status.kinds.insert((*kind).to_owned(), now.clone());
                if before.as_ref() != Some(&now) {
                    log_kind(kind, &now);
                }
            }
        });
        let unreadable = taken
            .standings
            .iter()
            .filter_map(|(kind, standing)| match standing {
                Standing::Unreadable { reason, .. } => {
                    Some((Subject::Daemon, format!("{kind} cannot be read: {reason}")))
                }
                Standing::Waiting | Standing::Synced => None,
            });
        self.notices
            .standing(Reason::KindUnreadable, "feed", unreadable.collect());
    }

    /// Says so when the policy was lost and started anew since the last time.
    fn show_restarts(&self, taken: &Taken) {
        if self.board.now().policy.restarts == taken.restarts {
            return;
        }
        self.board.change(|status| {
            status.policy.restarts = taken.restarts;
            status.policy.last_error.clone_from(&taken.last_error);
        });
        let reason = taken.last_error.as_deref().unwrap_or_default();
        let note = format!("The policy was lost and started anew: {reason}");
        self.notices.happened(Reason::PolicyRestarted, note);
    }
}

/// Waits for something to take in. False when nothing will come any more.
async fn next(told: &mut mpsc::Receiver<Told>, batch: &mut Vec<Told>) -> bool {
    // Wakes up without anything, too, to show that it is alive.
    match timeout(Duration::from_secs(5), told.recv_many(batch, BATCH)).await {
        Ok(received) => received > 0,
        Err(_) => true,
    }
}

fn shown(standing: &Standing) -> status::Kind {
    match standing {
        Standing::Waiting => status::Kind::Waiting,
        Standing::Synced => status::Kind::Synced,
        Standing::Unreadable {
            reason,
            listed_once,
        } => status::Kind::Unreadable {
            reason: reason.clone(),
            synced_before: *listed_once,
        },
    }
}

fn log_kind(kind: &str, now: &status::Kind) {
    match now {
        status::Kind::Synced => info!(kind, "in sync"),
        status::Kind::Unreadable { reason, .. } => warn!(kind, "cannot be read: {reason}"),
        status::Kind::Waiting | status::Kind::NotWanted => {}
    }
}

fn log_undecided(reasons: &[String]) {
    if reasons.is_empty() {
        info!("it is known what the routes should be");
    }
    for reason in reasons {
        warn!("no route is touched: {reason}");
    }
}
