//! `podroute run`: a cluster is watched, and tables of routes are kept right.
//!
//! Data flows one way:
//!
//! watch -> feed -> resident (the policy) -> tables -> targets
//!
//! What is seen from outside hangs off that: `reporter` has the policy report,
//! `status` is written by all and shown by `server` and `metrics`, `leader`
//! says whether this instance writes. Policy engines are answered by
//! [`crate::engines`], which asks the resident cluster through `reviews`;
//! `only_reviews` does nothing else.

mod answers;
mod api_error;
pub mod cluster_report;
pub mod events;
mod feed;
pub mod kinds;
pub mod leader;
pub mod log;
pub mod metrics;
mod notices;
mod once;
pub mod only_reviews;
mod reporter;
mod resident;
mod reviews;
pub mod server;
pub mod status;
pub mod tables;
pub mod watch;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kube::Client;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use answers::{Answers, OfTable};
use cluster_report::ClusterReport;
use events::{Events, Own};
use feed::Feed;
use leader::{CONFIRM, Leadership};
use metrics::Metrics;
use notices::Notices;
use reporter::Reporter;
use resident::Resident;
use reviews::Reviews;
use server::Server;
use status::{Board, Health, Role};
use tables::{Confirmed, Shared, Table, Terms};
use watch::{Timing, Watcher};

use crate::admission;
use crate::engines;
use crate::policy::{self, Policy, Settings};
use crate::targets::Bound;

pub use once::Outcome;

/// Everything that the daemon runs with.
pub struct Config {
    pub client: Client,
    pub policy: Policy,
    pub settings: Settings,
    pub targets: Vec<Bound>,
    pub terms: Terms,
    pub leader: leader::Options,
    /// None where nothing is served.
    pub server: Option<Server>,
    /// The server for policy engines; None where they are not answered.
    pub engines: Option<(engines::Server, admission::Options)>,
    pub metrics: Arc<Metrics>,
    /// Tokens of plans that are confirmed beforehand.
    pub confirmed: Vec<String>,
    /// Whether Events are written to the cluster.
    pub events: bool,
    /// Whether the findings are written to the cluster, where it has the API
    /// for that.
    pub cluster_report: bool,
    /// Whether Pods are watched, for the rules that need them.
    pub watch_pods: bool,
}

/// Why the daemon could not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Policy(#[from] policy::Error),
    #[error("cannot listen for signals: {0}")]
    Signals(io::Error),
    #[error("the server failed: {0}")]
    Server(String),
}

/// Messages of the watches that may wait for the policy.
const ROOM: usize = 256;

/// The parts that every way of running has.
struct Parts {
    feed: Feed,
    reporter: Reporter,
    tables: Vec<Table>,
    shared: Arc<Shared>,
    answers: Answers,
    health: Health,
}

/// Runs until SIGTERM or SIGINT. What is being written then is written to its
/// end, and another instance may take over at once.
pub async fn run(mut config: Config) -> Result<(), Error> {
    let stop = CancellationToken::new();
    let leadership = Leadership::new(&config.client, &config.leader);
    let server = config.server.take();
    let engines = config.engines.take();
    let policy = config.policy.clone();
    let (events, writer) = config
        .events
        .then(|| {
            let own = Own::find(leadership.lease());
            let instance = leadership.identity().unwrap_or("podroute");
            Events::new(config.client.clone(), instance, own)
        })
        .unzip();
    let Parts {
        feed,
        reporter,
        tables,
        shared,
        answers,
        health,
    } = Parts::build(config, leadership.clone(), events)?;
    let mut writers = JoinSet::new();
    let mut others = JoinSet::new();
    for table in tables {
        let heartbeat = health.expect(&format!("loop of {}", table.name()), LONG);
        writers.spawn(table.run(stop.clone(), heartbeat));
    }
    others.spawn(feed.run(stop.clone(), health.expect("feed", LONG)));
    others.spawn(reporter.run(stop.clone(), health.expect("reporter", LONG)));
    let signals = answers.tables.iter().map(|table| Arc::clone(&table.signal));
    others.spawn(follow_confirmations(
        leadership.clone(),
        shared.confirmed.clone(),
        signals.collect(),
    ));
    others.spawn(mirror_leadership(leadership.clone(), shared.board.clone()));
    if let Some(writer) = writer {
        others.spawn(writer.run());
    }
    let election = leadership.clone();
    others.spawn(async move { election.run().await });
    if let Some((server, admission)) = engines {
        let resident = Arc::clone(&answers.resident);
        let reviews = Reviews::new(resident, shared.board.clone(), health.clone(), None);
        let sources = engines::Sources {
            reviewer: Arc::new(reviews),
            policy,
            admission,
        };
        let stop = stop.clone();
        others.spawn(async move {
            if let Err(error) = server.serve(sources, stop.clone()).await {
                tracing::error!("the server for policy engines failed: {error}");
                stop.cancel();
            }
        });
    }
    if let Some(server) = server {
        let metrics = Arc::clone(&shared.metrics);
        let stop = stop.clone();
        others.spawn(async move {
            let serving = server.serve(Arc::new(answers), metrics, stop.clone());
            if let Err(error) = serving.await {
                tracing::error!("the server failed: {error}");
                stop.cancel();
            }
        });
    }

    wait_for_signal(&stop).await?;
    info!("stopping: what is being written is written to its end");
    stop.cancel();
    while writers.join_next().await.is_some() {}
    if let Err(error) = leadership.release().await {
        warn!("the lease runs out by itself: {error}");
    }
    others.abort_all();
    Ok(())
}

/// Brings every table in order once, and says what came of it.
pub async fn run_once(mut config: Config, patience: Duration) -> Result<Outcome, Error> {
    config.leader.leader_elect = false;
    let leadership = Leadership::new(&config.client, &config.leader);
    config.cluster_report = false;
    let parts = Parts::build(config, leadership, None)?;
    Ok(once::run(parts, patience).await)
}

/// How long a loop may be silent: a call of the policy, or a device that
/// takes its time, is no reason for alarm.
const LONG: Duration = Duration::from_mins(5);

impl Parts {
    fn build(
        config: Config,
        leadership: Leadership,
        events: Option<Events>,
    ) -> Result<Self, Error> {
        let rules = config.policy.rules()?.len();
        let cluster_report = config
            .cluster_report
            .then(|| ClusterReport::new(config.client.clone(), Some(&config.terms.owner)));
        let policy = config.policy.clone();
        let resident = Resident::open(config.policy, config.settings)?;
        let resident = Arc::new(Mutex::new(resident));
        let (terms, metrics) = (config.terms, config.metrics);
        let board = Board::default();
        let confirmed = Confirmed::default();
        for token in &config.confirmed {
            confirmed.add(token);
        }
        let notices = Arc::new(Notices::new(events, leadership.clone()));
        let (rivals, known_rivals) = tokio::sync::watch::channel(None);
        let owners = std::iter::once(&terms.owner).chain(&terms.former_owners);
        let owners = owners.cloned().collect();
        let dry_run = terms.dry_run;
        let shared = Arc::new(Shared {
            terms,
            policy,
            resident: Arc::clone(&resident),
            leadership: leadership.clone(),
            board: board.clone(),
            metrics: Arc::clone(&metrics),
            confirmed: confirmed.clone(),
            notices: Arc::clone(&notices),
            rivals: known_rivals,
        });
        let tables: Vec<Table> = config
            .targets
            .into_iter()
            .map(|bound| Table::new(bound, Arc::clone(&shared)))
            .collect();
        let signals: Vec<_> = tables.iter().map(Table::signal).collect();
        let (watcher, told) = Watcher::new(config.client, Timing::default(), ROOM);
        let (fed, follows) = tokio::sync::watch::channel(0);
        let health = Health::default();
        Ok(Self {
            feed: Feed {
                watcher,
                told,
                resident: Arc::clone(&resident),
                besides: config.watch_pods.then_some("Pod").into_iter().collect(),
                board: board.clone(),
                metrics,
                signals: signals.clone(),
                notices: Arc::clone(&notices),
                fed,
            },
            reporter: Reporter {
                resident: Arc::clone(&resident),
                owners,
                board: board.clone(),
                fed: follows,
                rivals,
                signals,
                notices,
                cluster_report,
                leadership,
                rules,
            },
            answers: Answers {
                resident,
                board,
                health: health.clone(),
                confirmed,
                dry_run,
                tables: tables
                    .iter()
                    .map(|table| OfTable {
                        name: table.name().to_owned(),
                        seen: table.seen(),
                        signal: table.signal(),
                    })
                    .collect(),
            },
            tables,
            shared,
            health,
        })
    }
}

async fn wait_for_signal(stop: &CancellationToken) -> Result<(), Error> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        () = stop.cancelled() => Err(Error::Server("see the log".to_owned())),
    }
}

/// Takes confirmations from the annotation of the Lease.
async fn follow_confirmations(
    leadership: Leadership,
    confirmed: Confirmed,
    signals: Vec<Arc<tables::Signal>>,
) {
    let mut known = None;
    loop {
        known = leadership
            .annotation_changed(CONFIRM, known.as_deref())
            .await;
        if let Some(token) = &known {
            info!(token, "a plan was confirmed by the Lease's annotation");
            confirmed.add(token);
            for signal in &signals {
                signal.look();
            }
        }
    }
}

/// Shows who leads.
async fn mirror_leadership(leadership: Leadership, board: Board) {
    let mut state = leadership.watch();
    loop {
        let now = state.borrow_and_update().clone();
        let uses_election = leadership.identity().is_some();
        board.change(|status| {
            status.leadership = status::Leadership {
                role: match &now {
                    _ if !uses_election => Role::NotUsed,
                    leader::State::Leading { .. } => Role::Leader,
                    leader::State::Following { .. } => Role::Follower,
                },
                holder: match &now {
                    leader::State::Leading { .. } => leadership.identity().map(str::to_owned),
                    leader::State::Following { holder } => holder.clone(),
                },
            };
        });
        if state.changed().await.is_err() {
            return;
        }
    }
}
