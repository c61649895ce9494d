//! `podroute webhook`: a cluster is watched, and all there is to do is to
//! answer what changes would bring about.
//!
//! Nothing is reported at intervals: a report looks at the whole cluster, and
//! reviews would wait for it.

use std::sync::{Arc, Mutex};

use kube::Client;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::feed::Feed;
use super::leader::Leadership;
use super::metrics::Metrics;
use super::notices::Notices;
use super::resident::Resident;
use super::reviews::Reviews;
use super::status::{Board, Health, Role};
use super::watch::{Timing, Watcher};
use super::{Error, LONG, ROOM, wait_for_signal};
use crate::admission;
use crate::engines::{Server, Sources};
use crate::policy::{Policy, Settings};

/// Everything that it runs with.
pub struct Config {
    pub client: Client,
    pub policy: Policy,
    pub settings: Settings,
    pub server: Server,
    pub admission: admission::Options,
    /// Whether Pods are watched, for the rules that need them.
    pub watch_pods: bool,
}

/// Runs until SIGTERM or SIGINT.
pub async fn run(config: Config) -> Result<(), Error> {
    let stop = CancellationToken::new();
    let resident = Resident::open(config.policy.clone(), config.settings)?;
    let resident = Arc::new(Mutex::new(resident));
    let (board, health) = (Board::default(), Health::default());
    let metrics = Arc::new(Metrics::new());
    // It never writes, whatever other instances do.
    board.change(|status| status.leadership.role = Role::Follower);
    let (watcher, told) = Watcher::new(config.client, Timing::default(), ROOM);
    let feed = Feed {
        watcher,
        told,
        resident: Arc::clone(&resident),
        besides: config.watch_pods.then_some("Pod").into_iter().collect(),
        board: board.clone(),
        metrics: Arc::clone(&metrics),
        signals: Vec::new(),
        notices: Arc::new(Notices::new(None, Leadership::alone())),
        fed: tokio::sync::watch::Sender::new(0),
    };
    let feeding = tokio::spawn(feed.run(stop.clone(), health.expect("feed", LONG)));
    let reviews = Reviews::new(resident, board, health, Some(metrics));
    let sources = Sources {
        reviewer: Arc::new(reviews),
        policy: config.policy,
        admission: config.admission,
    };
    let ended = serve(config.server, sources, &stop).await;
    feeding.abort();
    ended
}

/// Answers until SIGTERM or SIGINT.
pub async fn serve(
    server: Server,
    sources: Sources,
    stop: &CancellationToken,
) -> Result<(), Error> {
    let serving = tokio::spawn(server.serve(sources, stop.clone()));
    let on_signal = async {
        let signalled = wait_for_signal(stop).await;
        info!("stopping: requests that are under way are answered");
        stop.cancel();
        signalled
    };
    let failed = |error: &dyn std::fmt::Display| Error::Server(error.to_string());
    let (signalled, outcome) = tokio::join!(on_signal, async {
        let ended = serving.await;
        stop.cancel();
        ended
    });
    outcome
        .map_err(|error| failed(&error))?
        .map_err(|error| failed(&error))?;
    signalled
}
