//! What the daemon knows about itself: written by its loops, shown by its
//! server and its metrics. Plain data, without a decision in it.

mod board;
mod health;
mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Instant;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

pub use board::Board;
pub use health::{Health, Heartbeat};
pub use table::{ByFamily, Confirmation, Failure, Held, PlanSize, Routes, Table};

/// Everything at one moment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    #[serde(serialize_with = "text")]
    pub started: Timestamp,
    /// The kinds of Kubernetes objects that the policy reads. Empty as long as
    /// it is not known what to watch.
    pub kinds: BTreeMap<String, Kind>,
    pub leadership: Leadership,
    /// By the name of the target.
    pub tables: BTreeMap<String, Table>,
    /// None until the policy has answered for the first time.
    pub report: Option<ReportSummary>,
    pub policy: PolicyState,
}

/// What is known of the objects of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Kind {
    /// Nothing asks for it, or the API server does not know it.
    NotWanted,
    /// The first full list is under way.
    Waiting,
    /// It has been listed in full, and changes follow.
    Synced,
    /// The API server does not give it.
    #[serde(rename_all = "camelCase")]
    Unreadable {
        reason: String,
        /// Whether it had been listed in full before. What is known is then
        /// old, not missing.
        synced_before: bool,
    },
}

/// Which of several instances writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Leadership {
    pub role: Role,
    /// Who holds the lease, as far as this instance has seen.
    pub holder: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// There is no election: this instance writes.
    #[default]
    NotUsed,
    Leader,
    Follower,
}

impl Role {
    /// Whether this instance is the one that writes.
    pub fn writes(self) -> bool {
        self != Self::Follower
    }
}

/// The last report of the policy, in numbers.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportSummary {
    #[serde(serialize_with = "text")]
    pub at: Timestamp,
    /// The same moment on the clock that nobody sets.
    #[serde(skip)]
    pub since: Instant,
    /// How many findings there are, by rule and severity.
    pub findings: Vec<FindingCount>,
    /// How many prefixes some node claims that must not be routed to it.
    pub withheld: ByFamily<u64>,
    /// Why no verdict on the routes is possible; empty when there is one.
    pub undecided: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingCount {
    pub rule: String,
    pub severity: Severity,
    pub count: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    Error,
    Warning,
    Info,
}

/// How the policy component fares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyState {
    /// How often it was lost, to a crash or to its limits, and begun anew.
    pub restarts: u64,
    /// Why, the last time.
    pub last_error: Option<String>,
}

/// Something that keeps the daemon from being ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// A sentence that anybody may read.
    pub what: String,
    /// The words of the cluster or the device, which may name addresses and
    /// users.
    pub reason: Option<String>,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.reason {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

impl Status {
    /// A daemon that has just been started.
    pub fn new() -> Self {
        Self {
            started: Timestamp::now(),
            kinds: BTreeMap::new(),
            leadership: Leadership::default(),
            tables: BTreeMap::new(),
            report: None,
            policy: PolicyState::default(),
        }
    }

    /// Whether of every kind it is known what there is, or that it cannot be
    /// read.
    pub fn kinds_are_known(&self) -> bool {
        !self.kinds.is_empty() && !self.kinds.values().any(|kind| *kind == Kind::Waiting)
    }

    /// What keeps the daemon from being ready: kinds that have never been
    /// listed in full and, where this instance writes, tables that have never
    /// been read.
    pub fn missing(&self) -> Vec<Missing> {
        let mut missing = self.missing_kinds();
        if self.leadership.role.writes() {
            let unread = self
                .tables
                .iter()
                .filter(|(_, table)| table.last_read.is_none());
            missing.extend(unread.map(|(name, table)| Missing {
                what: format!("{name} has not been read yet"),
                reason: table.error.as_ref().map(|error| error.text.clone()),
            }));
        }
        missing
    }

    /// The kinds that have never been listed in full.
    pub fn missing_kinds(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        if self.kinds.is_empty() {
            missing.push(Missing {
                what: "it is not known yet which kinds to watch".to_owned(),
                reason: None,
            });
        }
        for (name, kind) in &self.kinds {
            let reason = match kind {
                Kind::NotWanted | Kind::Synced => continue,
                Kind::Unreadable { synced_before, .. } if *synced_before => continue,
                Kind::Unreadable { reason, .. } => Some(reason.clone()),
                Kind::Waiting => None,
            };
            missing.push(Missing {
                what: format!("{name} has not been listed in full yet"),
                reason,
            });
        }
        missing
    }
}

impl Default for Status {
    fn default() -> Self {
        Self::new()
    }
}

fn text<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

// Serde hands over a reference to the field as it is.
#[allow(clippy::ref_option)]
fn text_if_any<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => text(time, serializer),
        None => serializer.serialize_none(),
    }
}
