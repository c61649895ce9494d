//! Following a cluster through its API server.
//!
//! A [`Watcher`] runs one task for each [`Source`] and tells of all of them in
//! one channel. Each source is listed, then watched from where the list ended.
//! Nothing is kept here but that place: objects are cut down to what is read
//! and handed on as JSON.
//!
//! What a receiver may rely on, for each source by itself:
//!
//! * Between `Listing` and `Listed` every object there is comes as `Put`.
//!   Another `Listing` before the `Listed` starts over. What did not come by
//!   `Listed` is gone; until then, what was told before still holds.
//! * After `Listed` changes come as `Put` and `Gone`, in the server's order,
//!   none left out, whatever happens to connections in between: a watch is
//!   taken up where it ended, and where the server no longer can there is a
//!   new list.
//! * `Unreadable` says that what was told may be out of date. `Readable` ends
//!   that when nothing was missed, `Listed` when there had to be a new list.
//!
//! When a source counts as unreadable:
//!
//! * when the server forbids it: at once;
//! * when it cannot be read for any other reason: once tries have failed for
//!   [`Timing::patience`] without a success in between, or for
//!   [`Timing::first`] when it has never been read. A success is a complete
//!   list, an event or bookmark of a watch, or a watch that stays open for
//!   [`Timing::settled`];
//! * a watch on which nothing comes for [`Timing::idle`] is dropped and taken
//!   up again, so that a dead connection is a failing one after that time.
//!
//! A kind that the server does not know has no objects: that is a complete,
//! empty list. Where there was one before, only once the server has kept to it
//! for [`Timing::patience`]; an API server that starts may not know its CRDs
//! yet.
//!
//! The requests are made here and not by `kube::runtime::watcher`, which takes
//! up a watch that ends at once without a pause, tries for ever to resume
//! where the answer's status is 410, does not tell of bookmarks and
//! reconnects, and cannot fall back from streaming lists to plain ones.

mod health;
mod list;
mod object;
mod request;
mod source;
mod stats;
mod timing;
mod trim;
mod trouble;

use std::collections::BTreeSet;
use std::sync::Arc;

use kube::Client;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::kinds::{Source, sources};

pub use object::{Object, ObjectKey};
pub(crate) use request::Server;
pub use stats::{Counts, Stats};
pub use timing::Timing;
pub(crate) use trouble::Trouble;

use source::Task;

/// What happened to a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A complete list starts.
    Listing { source: &'static Source },
    /// The object is there, as it is now.
    Put {
        source: &'static Source,
        object: Object,
    },
    /// The object is no longer there.
    Gone {
        source: &'static Source,
        key: ObjectKey,
    },
    /// The list that started is complete: the source is in sync.
    Listed { source: &'static Source },
    /// An object that nothing can be done with, not even say which it is. The
    /// list or watch goes on without it.
    Unusable {
        source: &'static Source,
        problem: String,
    },
    /// The source cannot be read now, with the reason and the next step. Told
    /// when it begins and when the reason changes.
    Unreadable {
        source: &'static Source,
        reason: String,
    },
    /// The source can be read again, and nothing was missed.
    Readable { source: &'static Source },
}

/// Follows sources until it is dropped.
pub struct Watcher {
    server: Arc<Server>,
    told: mpsc::Sender<Told>,
    stats: Arc<Stats>,
    timing: Timing,
    wanted: BTreeSet<&'static Source>,
    tasks: JoinSet<()>,
}

impl Watcher {
    /// `room` is how many messages may wait to be received; then the sources
    /// wait, and with them the API server.
    ///
    /// The client should not retry by itself (`Config::default_retry`): it
    /// would hide from here that the server refuses.
    pub fn new(client: Client, timing: Timing, room: usize) -> (Self, mpsc::Receiver<Told>) {
        let (told, receiver) = mpsc::channel(room.max(1));
        let watcher = Self {
            server: Arc::new(Server::new(client)),
            told,
            stats: Arc::new(Stats::new()),
            timing,
            wanted: BTreeSet::new(),
            tasks: JoinSet::new(),
        };
        (watcher, receiver)
    }

    /// Follows these kinds too. Returns the sources that are new; each will
    /// tell `Listed` or `Unreadable` before long.
    pub fn want<'a>(&mut self, kinds: impl IntoIterator<Item = &'a str>) -> Vec<&'static Source> {
        let mut new: Vec<_> = kinds.into_iter().flat_map(sources).collect();
        new.retain(|source| self.wanted.insert(source));
        for source in &new {
            let task = Task::new(
                source,
                Arc::clone(&self.server),
                self.told.clone(),
                Arc::clone(&self.stats),
                self.timing,
            );
            self.tasks.spawn(task.run());
        }
        new
    }

    /// What was counted, for as long as somebody wants to read it.
    pub fn stats(&self) -> Arc<Stats> {
        Arc::clone(&self.stats)
    }
}
