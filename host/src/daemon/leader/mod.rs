//! Which replica writes: leader election over a Lease.
//!
//! As Kubernetes' own controllers do it: a candidate takes over when it has
//! itself seen no sign of life in the Lease for a whole lease duration, and a
//! leader that could not renew stops by itself well before that. Neither
//! compares its clock with another machine's.

mod candidate;
mod error;
mod hold;
mod options;

use std::collections::BTreeMap;
use std::fmt;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use kube::{Api, Client};
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::{debug, info, warn};

use candidate::{Attempt, Candidate, Change};
use hold::Hold;

pub use error::{Error, Verb};
pub use hold::State;
pub use options::{Options, Timing};

/// The annotation with which a person confirms a dangerous plan:
/// `kubectl annotate lease podroute podroute.dev/confirm=TOKEN`.
pub const CONFIRM: &str = "podroute.dev/confirm";

/// This replica's part in the election. Copies are the same part.
#[derive(Clone)]
pub struct Leadership(Arc<Part>);

struct Part {
    hold: Hold,
    /// None for a replica that leads without asking.
    election: Option<Election>,
    annotations: watch::Sender<BTreeMap<String, String>>,
    problem: watch::Sender<Option<String>>,
}

struct Election {
    namespace: String,
    name: String,
    identity: String,
    timing: Timing,
    /// Locked while a request is under way.
    candidate: Mutex<Candidate>,
}

impl Leadership {
    /// Of an instance that knows of no others.
    pub fn alone() -> Self {
        Self::of(Hold::always(), None)
    }

    /// As the options say. Nothing is asked of the API before [`Self::run`].
    pub fn new(client: &Client, options: &Options) -> Self {
        if !options.leader_elect {
            return Self::alone();
        }
        let namespace = match &options.lease_namespace {
            Some(namespace) => namespace.clone(),
            None => client.default_namespace().to_owned(),
        };
        let (name, identity) = (options.lease_name.clone(), options.identity());
        let timing = options.timing();
        let candidate = Candidate::new(
            Api::namespaced(client.clone(), &namespace),
            namespace.clone(),
            name.clone(),
            identity.clone(),
            timing,
        );
        let election = Election {
            namespace,
            name,
            identity,
            timing,
            candidate: Mutex::new(candidate),
        };
        Self::of(Hold::nobody(), Some(election))
    }

    fn of(hold: Hold, election: Option<Election>) -> Self {
        Self(Arc::new(Part {
            hold,
            election,
            annotations: watch::Sender::default(),
            problem: watch::Sender::default(),
        }))
    }

    /// The name in the Lease; none for a replica that leads without asking.
    pub fn identity(&self) -> Option<&str> {
        Some(&self.0.election.as_ref()?.identity)
    }

    /// Namespace and name of the Lease, if there is one.
    pub fn lease(&self) -> Option<(&str, &str)> {
        let election = self.0.election.as_ref()?;
        Some((&election.namespace, &election.name))
    }

    /// Who leads. Changes with every renewal, too.
    pub fn watch(&self) -> watch::Receiver<State> {
        self.0.hold.watch()
    }

    /// Whether this replica leads at this moment. To be asked right before
    /// each write to a device: the watched state may be a step behind. A write
    /// that is begun then has [`Timing::lease_duration`] less
    /// [`Timing::renew_deadline`] to arrive before anybody else may write.
    pub fn is_leading_now(&self) -> bool {
        self.0.hold.is_leading_now()
    }

    /// Why the last attempt failed; None when it did not.
    pub fn problem(&self) -> Option<String> {
        self.0.problem.borrow().clone()
    }

    /// Stands for election, and renews once elected. Never returns; a caller
    /// that stops polling it stops leading when the term is over.
    pub async fn run(&self) {
        let Some(election) = &self.0.election else {
            return pending().await;
        };
        while !self.0.hold.is_closed() {
            let next = self.step(election).await;
            sleep_until(next).await;
            if self.0.hold.end_if_over() {
                warn!(lease = %election, "not renewed in time: this replica no longer leads");
            }
        }
        pending::<()>().await;
    }

    /// One attempt. Returns the time for the next.
    async fn step(&self, election: &Election) -> Instant {
        let (hold, timing) = (&self.0.hold, election.timing);
        let start = Instant::now();
        let attempt = async {
            let mut candidate = election.candidate.lock().await;
            self.attempt(&mut candidate, None).await
        };
        // Whatever it waits for, a term ends when it is over.
        let result = match hold.until() {
            None => attempt.await,
            Some(until) => match timeout_at(until, attempt).await {
                Ok(result) => result,
                Err(_) => Err(election.timeout(start.elapsed())),
            },
        };
        if !hold.is_closed() {
            self.note(result.as_ref().err());
        }
        match (hold.until(), result) {
            (Some(until), _) => until.min(start + timing.retry_period),
            (None, Ok(Attempt::Taken { free_at, .. })) => {
                free_at.min(Instant::now() + timing.candidate_pause())
            }
            (None, _) => Instant::now() + timing.candidate_pause(),
        }
    }

    async fn attempt(
        &self,
        candidate: &mut Candidate,
        change: Option<&Change<'_>>,
    ) -> Result<Attempt, Error> {
        if self.0.hold.is_closed() {
            return Err(Error::Released);
        }
        let attempt = candidate.attempt(change).await;
        let annotations = candidate.annotations();
        self.0.annotations.send_if_modified(|known| {
            let changed = known != annotations;
            if changed {
                known.clone_from(annotations);
            }
            changed
        });
        match &attempt {
            Ok(Attempt::Held(since)) => {
                if self.0.hold.lead(*since, candidate.timing.renew_deadline) {
                    info!(identity = candidate.identity, "this replica leads");
                }
            }
            Ok(Attempt::Taken { holder, .. }) => {
                if self.0.hold.follow(holder.clone()) {
                    let holder = holder.as_deref().unwrap_or_default();
                    warn!(
                        holder,
                        "another replica has the Lease: this one no longer leads"
                    );
                }
            }
            Err(_) => {}
        }
        attempt
    }

    /// The first of a row of failures is news; the others are not.
    fn note(&self, error: Option<&Error>) {
        let before = self.0.problem.send_replace(error.map(ToString::to_string));
        match (before, error) {
            (None, Some(error)) => warn!("leader election: {error}"),
            (Some(_), Some(error)) => debug!("leader election: {error}"),
            (Some(_), None) => info!("leader election: the API server answers again"),
            (None, None) => {}
        }
    }

    /// Stops leading for good, and lets another replica take over at once. To
    /// be called when the last write to a device has ended.
    pub async fn release(&self) -> Result<(), Error> {
        self.0.hold.close();
        let Some(election) = &self.0.election else {
            return Ok(());
        };
        election.candidate.lock().await.give_back().await
    }

    /// An annotation of the Lease, as last seen.
    pub fn annotation(&self, name: &str) -> Option<String> {
        self.0.annotations.borrow().get(name).cloned()
    }

    /// Waits until an annotation is something else than `known`, and returns
    /// what it is. A leader sees a change with its next renewal.
    pub async fn annotation_changed(&self, name: &str, known: Option<&str>) -> Option<String> {
        let mut annotations = self.0.annotations.subscribe();
        let value = |all: &BTreeMap<String, String>| all.get(name).cloned();
        let changed = annotations
            .wait_for(|all| value(all).as_deref() != known)
            .await
            .map(|all| value(&all));
        match changed {
            Ok(value) => value,
            // The sender lives as long as this replica's part.
            Err(_) => pending().await,
        }
    }

    /// Sets an annotation of the Lease, or takes it off. Only while leading.
    pub async fn set_annotation(&self, name: &str, value: Option<&str>) -> Result<(), Error> {
        let Some(election) = &self.0.election else {
            return Err(Error::NoLease(name.to_owned()));
        };
        let change = Change {
            annotation: name,
            value,
        };
        let mut candidate = election.candidate.lock().await;
        if !self.is_leading_now() {
            return Err(Error::NotLeading(name.to_owned()));
        }
        match self.attempt(&mut candidate, Some(&change)).await? {
            Attempt::Held(_) => Ok(()),
            Attempt::Taken { .. } => Err(Error::NotLeading(name.to_owned())),
        }
    }
}

impl Election {
    fn timeout(&self, after: Duration) -> Error {
        Error::Timeout {
            namespace: self.namespace.clone(),
            name: self.name.clone(),
            after,
        }
    }
}

impl fmt::Display for Election {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}
