//! One source: listed, watched, and taken up again whenever that ends.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::Error;
use kube::core::WatchEvent;
use kube::core::watch::Bookmark;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::Told;
use super::health::{Health, News};
use super::object::{Object, ObjectKey, resource_version};
use super::request::{Events, Server};
use super::stats::{Counts, Stats};
use super::timing::Timing;
use super::trouble::Trouble;
use crate::daemon::kinds::{Source, Version};

pub(super) struct Task {
    pub(super) source: &'static Source,
    pub(super) server: Arc<Server>,
    told: mpsc::Sender<Told>,
    stats: Arc<Stats>,
    pub(super) timing: Timing,
    pub(super) health: Health,
    /// How far this source has been read; None when it has to be listed.
    pub(super) position: Option<Position>,
    /// When the watch was opened that is open.
    opened: Option<Instant>,
    /// Whether lists are asked for in pages.
    pub(super) paged: bool,
}

#[derive(Clone)]
pub(super) struct Position {
    pub(super) version: &'static Version,
    pub(super) resource_version: String,
}

/// Why a try ends, other than that a watch has ended as watches do.
pub(super) enum Stop {
    /// Nobody listens any more.
    Unheard,
    Trouble(Trouble),
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Task {
    pub(super) fn new(
        source: &'static Source,
        server: Arc<Server>,
        told: mpsc::Sender<Told>,
        stats: Arc<Stats>,
        timing: Timing,
    ) -> Self {
        Self {
            source,
            server,
            told,
            stats,
            timing,
            health: Health::new(timing),
            position: None,
            opened: None,
            paged: true,
        }
    }

    /// Returns when nobody listens any more.
    pub(super) async fn run(mut self) {
        while let Ok(pause) = self.turn().await {
            sleep(pause).await;
        }
    }

    /// One try, and how long to wait before the next.
    async fn turn(&mut self) -> Result<Duration, Stop> {
        self.health.begin();
        let ended = self.attempt().await;
        let was_open = self.opened.take().map(|opened| opened.elapsed());
        let trouble = match ended {
            Ok(()) => return Ok(self.health.resume(was_open)),
            Err(Stop::Trouble(trouble)) => trouble,
            Err(Stop::Unheard) => return Err(Stop::Unheard),
        };
        if matches!(trouble, Trouble::Expired(_)) && self.position.take().is_some() {
            tracing::debug!(source = %self.source, "too much was missed: a new list");
            return Ok(self.health.resume(was_open));
        }
        tracing::debug!(source = %self.source, ?trouble, "cannot be read");
        self.count(Counts::count_failure);
        let next = self.health.cope(trouble);
        match next.news {
            Some(News::Unreadable(reason)) => {
                let source = self.source;
                self.tell(Told::Unreadable { source, reason }).await?;
            }
            Some(News::Empty) => {
                let source = self.source;
                self.tell(Told::Listing { source }).await?;
                self.tell(Told::Listed { source }).await?;
            }
            None => {}
        }
        Ok(next.pause)
    }

    async fn attempt(&mut self) -> Result<(), Stop> {
        if self.position.is_none()
            && let Some(events) = self.list().await?
        {
            return self.follow(events, true).await;
        }
        let Some(position) = self.position.clone() else {
            return Ok(());
        };
        let opened = self
            .server
            .watch(
                self.source,
                position.version,
                &position.resource_version,
                self.timing.answer,
            )
            .await;
        match opened {
            Ok(events) => self.follow(events, false).await,
            Err(trouble) => {
                if trouble == Trouble::Absent {
                    // This version; maybe not all.
                    self.position = None;
                }
                Err(trouble.into())
            }
        }
    }

    /// Hands on the changes until the watch ends. `heard` is whether anything
    /// has come on it.
    async fn follow(&mut self, mut events: Events, mut heard: bool) -> Result<(), Stop> {
        self.opened = Some(Instant::now());
        self.count(Counts::count_watch);
        loop {
            let wait = if heard {
                self.timing.idle
            } else {
                self.timing.settled
            };
            match timeout(wait, events.next()).await {
                Err(_) if !heard => self.heard(&mut heard).await?,
                Ok(Some(Ok(WatchEvent::Error(status)))) => {
                    return Err(Trouble::of(&Error::Api(status), "watch", self.source).into());
                }
                Ok(Some(Ok(event))) => {
                    self.heard(&mut heard).await?;
                    self.change(event).await?;
                }
                Err(_) | Ok(None | Some(Err(Error::ReadEvents(_)))) => {
                    return if heard {
                        Ok(())
                    } else {
                        Err(Trouble::deaf(self.source).into())
                    };
                }
                Ok(Some(Err(error))) => {
                    // Something was sent that is lost.
                    self.position = None;
                    return Err(Trouble::of(&error, "watch", self.source).into());
                }
            }
        }
    }

    async fn heard(&mut self, already: &mut bool) -> Result<(), Stop> {
        *already = true;
        if self.health.heard() {
            let source = self.source;
            self.tell(Told::Readable { source }).await?;
        }
        Ok(())
    }

    async fn change(&mut self, event: WatchEvent<Value>) -> Result<(), Stop> {
        let Some(version) = self.position.as_ref().map(|position| position.version) else {
            return Ok(());
        };
        let reached = match &event {
            WatchEvent::Bookmark(Bookmark { metadata, .. }) => Some(&*metadata.resource_version),
            WatchEvent::Added(object)
            | WatchEvent::Modified(object)
            | WatchEvent::Deleted(object) => resource_version(object),
            WatchEvent::Error(_) => None,
        };
        let reached = reached.filter(|version| !version.is_empty());
        let reached = reached.map(str::to_owned);
        match event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                self.put(version, object).await?;
            }
            WatchEvent::Deleted(object) => self.gone(&object).await?,
            WatchEvent::Bookmark(_) | WatchEvent::Error(_) => {}
        }
        if let (Some(position), Some(reached)) = (&mut self.position, reached) {
            position.resource_version = reached;
        }
        Ok(())
    }

    pub(super) async fn put(&mut self, version: &Version, object: Value) -> Result<(), Stop> {
        self.count(Counts::count_event);
        let source = self.source;
        self.tell(match Object::read(source, version, object) {
            Ok(object) => Told::Put { source, object },
            Err(problem) => Told::Unusable { source, problem },
        })
        .await
    }

    pub(super) async fn gone(&mut self, object: &Value) -> Result<(), Stop> {
        self.count(Counts::count_event);
        let source = self.source;
        self.tell(match ObjectKey::of(source, object) {
            Ok(key) => Told::Gone { source, key },
            Err(problem) => Told::Unusable { source, problem },
        })
        .await
    }

    pub(super) fn count(&self, count: impl Fn(&Counts)) {
        if let Some(counts) = self.stats.of(self.source.kind) {
            count(counts);
        }
    }

    pub(super) async fn tell(&self, told: Told) -> Result<(), Stop> {
        self.told.send(told).await.map_err(|_| Stop::Unheard)
    }
}
