//! The requests to the API server, and what is known of it.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::Stream;
use kube::api::{ListParams, WatchParams};
use kube::core::{ObjectList, Request, WatchEvent};
use kube::{Client, Error};
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;

use super::trouble::Trouble;
use crate::daemon::kinds::{Source, Version};

/// As many as client-go asks for.
const PAGE: u32 = 500;

pub(super) type Events = Pin<Box<dyn Stream<Item = Result<WatchEvent<Value>, Error>> + Send>>;
pub(crate) type Page = ObjectList<Value>;

pub(crate) struct Server {
    client: Client,
    /// API groups whose server cannot stream lists. Not every group is served
    /// by the same program.
    plain: Mutex<BTreeSet<&'static str>>,
}

impl Server {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            plain: Mutex::default(),
        }
    }

    /// Whether lists of this group may be had as a stream, as far as is known.
    pub(super) fn streams(&self, version: &Version) -> bool {
        !self.plain().contains(version.group)
    }

    pub(super) fn streams_not(&self, version: &Version) {
        self.plain().insert(version.group);
    }

    fn plain(&self) -> MutexGuard<'_, BTreeSet<&'static str>> {
        self.plain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A list as the start of a watch. None when the server refuses to.
    pub(super) async fn stream(
        &self,
        source: &Source,
        version: &Version,
        answer: Duration,
    ) -> Result<Option<Events>, Trouble> {
        let params = WatchParams {
            send_initial_events: true,
            ..watch_params(source)
        };
        // Without a version, the list is as new as the request.
        let opened = timeout(answer, self.open(source, version, &params, "")).await;
        match opened.map_err(|_| Trouble::no_answer("watch", source, answer))? {
            Ok(events) => Ok(Some(events)),
            Err(Error::Api(status)) if matches!(status.code, 400 | 422) => Ok(None),
            Err(error) => Err(Trouble::of(&error, "watch", source)),
        }
    }

    /// The changes after a resource version.
    pub(super) async fn watch(
        &self,
        source: &Source,
        version: &Version,
        after: &str,
        answer: Duration,
    ) -> Result<Events, Trouble> {
        let params = watch_params(source);
        timeout(answer, self.open(source, version, &params, after))
            .await
            .map_err(|_| Trouble::no_answer("watch", source, answer))?
            .map_err(|error| Trouble::of(&error, "watch", source))
    }

    async fn open(
        &self,
        source: &Source,
        version: &Version,
        params: &WatchParams,
        after: &str,
    ) -> Result<Events, Error> {
        let request = path(source, version)
            .watch(params, after)
            .map_err(Error::BuildRequest)?;
        let events = self.client.request_events::<Value>(request).await?;
        Ok(Box::pin(events))
    }

    /// A page of a list, or all of it.
    pub(crate) async fn page(
        &self,
        source: &Source,
        version: &Version,
        paged: bool,
        token: Option<String>,
        answer: Duration,
    ) -> Result<Page, Trouble> {
        let params = ListParams {
            field_selector: selector(source),
            limit: paged.then_some(PAGE),
            continue_token: token,
            ..ListParams::default()
        };
        timeout(answer, self.get(source, version, &params))
            .await
            .map_err(|_| Trouble::no_answer("list", source, answer))?
            .map_err(|error| Trouble::of(&error, "list", source))
    }

    async fn get(
        &self,
        source: &Source,
        version: &Version,
        params: &ListParams,
    ) -> Result<Page, Error> {
        let request = path(source, version)
            .list(params)
            .map_err(Error::BuildRequest)?;
        // The client would log the whole answer when it cannot be decoded.
        let text = self.client.request_text(request).await?;
        serde_json::from_str(&text).map_err(Error::SerdeError)
    }

    /// Whether the server has the kind. Who may not list a kind is told so
    /// even where there is no such kind; what there is, everybody may ask.
    pub(crate) async fn has(&self, source: &Source, version: &Version, answer: Duration) -> bool {
        #[derive(Deserialize)]
        struct Resources {
            resources: Vec<Resource>,
        }
        #[derive(Deserialize)]
        struct Resource {
            name: String,
        }
        let Ok(request) = http::Request::get(version.path()).body(Vec::new()) else {
            return true;
        };
        match timeout(answer, self.client.request_text(request)).await {
            Ok(Ok(text)) => serde_json::from_str::<Resources>(&text).map_or(true, |found| {
                found.resources.iter().any(|one| one.name == source.plural)
            }),
            Ok(Err(Error::Api(status))) => status.code != 404,
            _ => true,
        }
    }
}

fn path(source: &Source, version: &Version) -> Request {
    Request::new(format!("{}/{}", version.path(), source.plural))
}

fn selector(source: &Source) -> Option<String> {
    source.name.map(|name| format!("metadata.name={name}"))
}

fn watch_params(source: &Source) -> WatchParams {
    WatchParams {
        field_selector: selector(source),
        ..WatchParams::default()
    }
}
