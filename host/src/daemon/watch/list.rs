//! The complete list of a source: as the start of a watch where the server can
//! do that, else in pages.

use futures::StreamExt;
use kube::Error;
use kube::core::WatchEvent;
use tokio::time::{Instant, timeout_at};

use super::Told;
use super::request::Events;
use super::source::{Position, Stop, Task};
use super::stats::Counts;
use super::trouble::Trouble;
use crate::daemon::kinds::Version;

/// On the bookmark that ends a streamed list.
const END_OF_LIST: &str = "k8s.io/initial-events-end";

impl Task {
    /// Lists the first version that the server has. Returns the watch that
    /// goes on from there when the list came as the start of one.
    pub(super) async fn list(&mut self) -> Result<Option<Events>, Stop> {
        for version in self.source.versions {
            let listed = match self.list_version(version).await {
                Err(Stop::Trouble(Trouble::Absent)) => continue,
                Err(Stop::Trouble(Trouble::Forbidden(reason))) => {
                    let answer = self.timing.answer;
                    if !self.server.has(self.source, version, answer).await {
                        continue;
                    }
                    Err(Trouble::Forbidden(reason).into())
                }
                listed => listed,
            };
            return listed;
        }
        Err(Trouble::Absent.into())
    }

    async fn list_version(&mut self, version: &'static Version) -> Result<Option<Events>, Stop> {
        if self.server.streams(version) {
            let stream = self.server.stream(self.source, version, self.timing.answer);
            if let Some(mut events) = stream.await?
                && self.read_streamed(version, &mut events).await?
            {
                return Ok(Some(events));
            }
            tracing::debug!(source = %self.source, "lists are not streamed");
            self.server.streams_not(version);
        }
        self.read_pages(version).await?;
        Ok(None)
    }

    /// False when the end of the list does not come: servers that know nothing
    /// of streamed lists may take the request for a plain watch.
    async fn read_streamed(
        &mut self,
        version: &'static Version,
        events: &mut Events,
    ) -> Result<bool, Stop> {
        let source = self.source;
        self.tell(Told::Listing { source }).await?;
        let mut deadline = Instant::now() + self.timing.answer;
        loop {
            let Ok(event) = timeout_at(deadline, events.next()).await else {
                return Ok(false);
            };
            match event {
                Some(Ok(WatchEvent::Added(object))) => {
                    self.put(version, object).await?;
                    // Changes do not count: a plain watch of a busy kind has
                    // them for ever.
                    deadline = Instant::now() + self.timing.answer;
                }
                Some(Ok(WatchEvent::Modified(object))) => self.put(version, object).await?,
                Some(Ok(WatchEvent::Deleted(object))) => self.gone(&object).await?,
                Some(Ok(WatchEvent::Bookmark(bookmark))) => {
                    if bookmark.metadata.annotations.contains_key(END_OF_LIST) {
                        self.listed(version, bookmark.metadata.resource_version)
                            .await?;
                        return Ok(true);
                    }
                }
                Some(Ok(WatchEvent::Error(status))) => {
                    return Err(Trouble::of(&Error::Api(status), "watch", source).into());
                }
                Some(Err(error)) => return Err(Trouble::of(&error, "watch", source).into()),
                None => return Err(Trouble::broken_list(source).into()),
            }
        }
    }

    async fn read_pages(&mut self, version: &'static Version) -> Result<(), Stop> {
        let source = self.source;
        let mut token = None;
        let mut start = None;
        loop {
            let first = token.is_none();
            let page = self
                .server
                .page(source, version, self.paged, token, self.timing.answer)
                .await
                .inspect_err(|trouble| {
                    // The pages were not fetched as fast as the server forgets.
                    if !first && matches!(trouble, Trouble::Expired(_)) {
                        self.paged = false;
                    }
                })?;
            if first {
                self.tell(Told::Listing { source }).await?;
            }
            // What changes while the pages are fetched is in the watch.
            start = start.or(page.metadata.resource_version);
            for object in page.items {
                self.put(version, object).await?;
            }
            token = page.metadata.continue_.filter(|token| !token.is_empty());
            if token.is_none() {
                break;
            }
        }
        match start.filter(|start| !start.is_empty()) {
            Some(start) => self.listed(version, start).await,
            None => Err(Trouble::no_version(source).into()),
        }
    }

    async fn listed(&mut self, version: &'static Version, start: String) -> Result<(), Stop> {
        self.position = Some(Position {
            version,
            resource_version: start,
        });
        self.paged = true;
        self.health.listed();
        self.count(Counts::count_list);
        let source = self.source;
        self.tell(Told::Listed { source }).await
    }
}
