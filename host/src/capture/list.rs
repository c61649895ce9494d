//! One source of a kind, listed completely or not at all.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use kube::Client;
use tokio::time::sleep;

use super::{Progress, Tell};
use crate::daemon::kinds::{Source, Version};
use crate::daemon::watch::{Object, Server, Trouble};
use crate::snapshot::State;

/// How often a list is taken up again after a request of it failed.
const RETRIES: usize = 4;
/// The longest that a server is left alone when it asks for it.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

pub(super) struct Lister {
    server: Server,
    /// How long a request may take.
    answer: Duration,
}

/// What came of listing a source.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) source: &'static Source,
    pub(super) state: State,
    pub(super) reason: Option<String>,
    pub(super) objects: Vec<Object>,
}

/// All pages of a list.
#[derive(Default)]
struct Pages {
    objects: Vec<Object>,
    /// Objects that nothing can be done with.
    problem: Option<String>,
}

impl Lister {
    pub(super) fn new(client: Client, answer: Duration) -> Self {
        Self {
            server: Server::new(client),
            answer,
        }
    }

    /// Lists the first version of a source that the server has.
    pub(super) async fn list(&self, source: &'static Source, tell: Tell<'_>) -> Listed {
        tell(Progress::Started { source });
        let listed = self.list_versions(source, tell).await;
        tell(Progress::Done {
            source,
            state: listed.state,
            count: listed.objects.len(),
        });
        listed
    }

    async fn list_versions(&self, source: &'static Source, tell: Tell<'_>) -> Listed {
        let failed = |state, reason| Listed {
            source,
            state,
            reason: Some(reason),
            objects: Vec::new(),
        };
        for version in source.versions {
            match self.pages(source, version, tell).await {
                Ok(pages) => {
                    return Listed {
                        source,
                        state: match pages.problem {
                            Some(_) => State::Failed,
                            None => State::Listed,
                        },
                        reason: pages.problem,
                        objects: pages.objects,
                    };
                }
                Err(Trouble::Absent) => {}
                Err(Trouble::Forbidden(reason)) => {
                    if self.server.has(source, version, self.answer).await {
                        let step =
                            format!("allow list of {source} to this account: see docs/snapshot.md");
                        return failed(State::Forbidden, format!("{reason}; {step}"));
                    }
                }
                Err(Trouble::Expired(reason) | Trouble::Failed { reason, .. }) => {
                    return failed(State::Failed, reason);
                }
            }
        }
        Listed {
            source,
            state: State::Absent,
            reason: None,
            objects: Vec::new(),
        }
    }

    /// A list that the server can no longer continue starts over, and then is
    /// not cut into pages: they were not fetched as fast as it forgets.
    async fn pages(
        &self,
        source: &'static Source,
        version: &Version,
        tell: Tell<'_>,
    ) -> Result<Pages, Trouble> {
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(500))
            .with_max_times(RETRIES)
            .with_jitter()
            .build();
        let mut pages = Pages::default();
        let mut in_pages = true;
        let mut token = None;
        loop {
            let asked = self
                .server
                .page(source, version, in_pages, token.clone(), self.answer);
            let page = match asked.await {
                Ok(page) => page,
                Err(Trouble::Expired(_)) if token.is_some() => {
                    (pages, token, in_pages) = (Pages::default(), None, false);
                    continue;
                }
                Err(Trouble::Failed {
                    reason,
                    retry_after,
                }) => {
                    let asked = retry_after.unwrap_or_default().min(LONGEST_PAUSE);
                    let Some(pause) = pauses.next() else {
                        return Err(Trouble::Failed {
                            reason,
                            retry_after,
                        });
                    };
                    sleep(pause.max(asked)).await;
                    continue;
                }
                Err(trouble) => return Err(trouble),
            };
            for object in page.items {
                match Object::read(source, version, object) {
                    Ok(object) => pages.objects.push(object),
                    Err(problem) => pages.problem = Some(problem),
                }
            }
            let rest = page.metadata.remaining_item_count.unwrap_or_default();
            tell(Progress::Page {
                source,
                count: pages.objects.len(),
                rest: usize::try_from(rest).unwrap_or_default(),
            });
            token = page.metadata.continue_.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(pages);
            }
        }
    }
}
