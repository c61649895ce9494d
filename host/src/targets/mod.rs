//! Places that hold routes: a load balancer, a kernel, a file. One file or
//! folder each.
//!
//! A target does three things: it says which routes it holds, it makes the
//! changes of a plan, and it may tell when somebody else changed something.
//! It decides nothing: which routes are ours, which are missing and which are
//! too many is worked out by the policy, from what [`Target::read`] returns.
//!
//! To add one: implement [`Target`] in a file of its own, with the options it
//! needs as [`clap::Args`], and add a line to [`Choice`].

pub mod avi;
pub mod cleanup;
pub mod file;
#[cfg(target_os = "linux")]
pub mod linux;
pub mod plan;

use std::net::IpAddr;

use async_trait::async_trait;
use ipnet::IpNet;

/// One table of routes on one device.
///
/// The daemon calls `read`, has the policy make a plan of the answer, and
/// hands the part of it that has to be done to `write`: always in this order,
/// never two at a time. `write` may rely on what the last `read` saw, and
/// refuses with [`Error::Conflict`] if that has changed since.
#[async_trait]
pub trait Target: Send + Sync {
    /// What it is, for logs and metrics: `avi vrf global`, `linux table 220`.
    fn name(&self) -> &str;

    /// Every route in the table, whoever made it.
    async fn read(&mut self) -> Result<Table, Error>;

    /// Makes the changes. Returns when the device has accepted or refused
    /// each. Routes that the changes do not name stay as they are, in every
    /// detail.
    async fn write(&mut self, changes: &Changes) -> Result<Written, Error>;

    /// Returns when somebody else may have changed the table. A device that
    /// cannot tell never returns; the daemon looks at it from time to time.
    async fn disturbed(&mut self) {
        std::future::pending::<()>().await;
    }

    /// Whether AKO, if there is one, writes routes to the same table under the
    /// same mark.
    fn is_akos(&self) -> bool {
        false
    }

    /// Other tables of the same device that hold routes of this owner, though
    /// no setting names them: left from before a change of settings. The
    /// daemon empties them of these routes.
    async fn strays(&mut self, _owner: &str) -> Result<Vec<Box<dyn Target>>, Error> {
        Ok(Vec::new())
    }
}

/// A target, and the nodes whose routes it holds.
pub struct Bound {
    pub target: Box<dyn Target>,
    /// A label selector as for `kubectl get -l`; None: all nodes.
    pub nodes: Option<String>,
}

/// The targets there are, with their options.
#[derive(clap::Subcommand)]
pub enum Choice {
    /// An Avi Controller (NSX Advanced Load Balancer): static routes of a VRF
    Avi(Box<avi::Options>),
    /// The routing table of this Linux host
    #[cfg(target_os = "linux")]
    Linux(linux::Options),
    /// A file, rendered from a template, for any other router
    File(file::Options),
}

impl Choice {
    /// Makes the targets that the options name. Nothing is asked of a device
    /// yet.
    pub fn open(&self, owner: &str) -> Result<Vec<Bound>, Error> {
        match self {
            Self::Avi(options) => options.open().map_err(Error::Refused),
            #[cfg(target_os = "linux")]
            Self::Linux(options) => options.open(owner),
            Self::File(options) => options.open(owner),
        }
    }
}

/// What a table holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub routes: Vec<Observed>,
    /// What the table holds is not what was written, in a way that its routes
    /// do not show: it has to be written even if no route changes.
    pub stale: bool,
    /// What a person should know about the device, one sentence each with the
    /// next step.
    pub notes: Vec<String>,
}

/// A route as the device has it. Texts are as the device has them: what is no
/// address may be somebody else's business, or a mistake to be mended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Observed {
    /// What the device tells its routes apart by. Unique in the table.
    pub id: String,
    pub prefix: String,
    /// None where packets do not go to an address.
    pub next_hop: Option<String>,
    /// The owner mark exactly as it stands there; None without one.
    pub owner: Option<String>,
}

/// A route that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// For a route that is there the id that it has; else a new one that is
    /// the same whoever computes it.
    pub id: String,
    pub prefix: IpNet,
    /// Of the same family as the prefix.
    pub next_hop: IpAddr,
    pub node: String,
}

/// What has to be done to a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The owner mark that every route of ours carries.
    pub owner: String,
    pub adds: Vec<Wanted>,
    /// Routes of ours that are there, to the wrong next hop or under a former
    /// owner mark. From one to the other without a gap, where the device can.
    pub updates: Vec<Wanted>,
    /// Routes of ours that have to go. After the adds, where the device does
    /// one thing at a time.
    pub deletes: Vec<Observed>,
    /// Every route of ours as it should be after that, those that are right
    /// already included, by prefix.
    pub all: Vec<Wanted>,
}

impl Changes {
    /// How many routes change.
    pub fn len(&self) -> usize {
        self.adds.len() + self.updates.len() + self.deletes.len()
    }

    /// Whether no route changes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What became of changes that the device took one by one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Those that it refused. The others are in place.
    pub failed: Vec<Failure>,
}

/// A change that the device refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub prefix: String,
    /// What the device answered.
    pub reason: String,
}

/// Why a table could not be read or written. Nothing of the changes may be
/// assumed to be in place.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else wrote since `read`: read and plan again, at once.
    #[error("{0}")]
    Conflict(String),
    /// The device does not answer, or not now: try again later.
    #[error("{0}")]
    Unavailable(String),
    /// The device refuses, and will until somebody changes something there or
    /// in the settings. Tried again all the same.
    #[error("{0}")]
    Refused(String),
}
