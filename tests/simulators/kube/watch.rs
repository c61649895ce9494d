//! Watches: events as lines of JSON, for as long as the client listens.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde_json::{Value, json};
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::faults::Fault;
use super::request::{Asked, shown};
use super::resources::Resource;
use super::status::Failure;
use super::store::{Key, State};
use super::{Shared, Signals};

/// How often a watch that wants bookmarks gets one.
const BOOKMARKS: Duration = Duration::from_mins(1);

/// What the server knows of streamed lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Streaming {
    #[default]
    Supported,
    /// Kubernetes 1.27 and later with the feature off.
    Off,
    /// Kubernetes 1.26 and earlier, whose watches know no resourceVersionMatch.
    Unknown,
    /// Servers that do not look at what they do not know.
    Ignored,
}

pub(super) fn answer(
    shared: &Arc<Shared>,
    asked: &Asked,
    resource: &Resource,
    fault: Option<Fault>,
) -> Result<Response, Failure> {
    let state = shared.state();
    validate(&state, asked)?;
    let from = asked.query.get("resourceVersion").map(String::as_str);
    let from: u64 = from
        .filter(|text| !text.is_empty())
        .unwrap_or("0")
        .parse()
        .map_err(|_| Failure::new(400, "resourceVersion: Invalid value"))?;
    let mut lines = Lines {
        shared: Arc::clone(shared),
        signals: shared.signals.subscribe(),
        seen: Signals::default(),
        asked: asked.clone(),
        resource: resource.clone(),
        ready: VecDeque::new(),
        at: from,
        end: Instant::now() + timeout(asked),
        next_bookmark: Instant::now() + BOOKMARKS,
        sent: 0,
        fault,
        over: false,
    };
    lines.seen = *lines.signals.borrow_and_update();
    let streamed = asked.flag("sendInitialEvents") && state.streaming == Streaming::Supported;
    if streamed || from == 0 {
        lines.at = state.revision();
        for (key, object) in state.list(&resource.id(), lines.at) {
            if lines.wants(&key) {
                lines.ready.push_back(Line::Event("ADDED", object));
            }
        }
        if streamed && asked.flag("allowWatchBookmarks") {
            lines.ready.push_back(Line::Bookmark { ends_list: true });
        }
    } else if from < state.compacted() {
        let gone = Failure::expired(from, state.compacted());
        if state.gone_as_status {
            return Err(gone);
        }
        lines.ready.push_back(Line::Error(gone));
    }
    match &lines.fault {
        Some(Fault::Ended) => lines.ready = VecDeque::from([Line::End]),
        Some(Fault::Garbage) => lines.ready.push_front(Line::Garbage),
        Some(Fault::Error(code)) => {
            let failure = Failure::new(*code, "the simulator was told to fail");
            lines.ready = VecDeque::from([Line::Error(failure)]);
        }
        Some(Fault::Deaf) => lines.ready.clear(),
        _ => {}
    }
    drop(state);
    let body = stream::unfold(lines, |mut lines| async {
        let line = lines.next().await?;
        Some((line, lines))
    });
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((json, Body::from_stream(body)).into_response())
}

fn validate(state: &State, asked: &Asked) -> Result<(), Failure> {
    let invalid = |message: &str| {
        Err(Failure::new(
            422,
            format!("ListOptions.meta.k8s.io \"\" is invalid: {message}"),
        ))
    };
    let streamed = asked.query.contains_key("sendInitialEvents");
    let matched = asked.query.get("resourceVersionMatch");
    match state.streaming {
        Streaming::Unknown if matched.is_some() => {
            invalid("resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch")
        }
        Streaming::Off if streamed => invalid(
            "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the \
             WatchList feature gate is enabled",
        ),
        Streaming::Supported if streamed && matched.map(String::as_str) != Some("NotOlderThan") => {
            invalid(
                "resourceVersionMatch: Forbidden: sendInitialEvents requires setting \
                 resourceVersionMatch to NotOlderThan",
            )
        }
        _ => Ok(()),
    }
}

fn timeout(asked: &Asked) -> Duration {
    let seconds = asked.query.get("timeoutSeconds");
    // Without one the server chooses, at random from half an hour on.
    let seconds = seconds.and_then(|text| text.parse().ok()).unwrap_or(1800);
    Duration::from_secs(seconds)
}

enum Line {
    Event(&'static str, Arc<Value>),
    Bookmark { ends_list: bool },
    Error(Failure),
    Garbage,
    End,
}

struct Lines {
    shared: Arc<Shared>,
    signals: Receiver<Signals>,
    seen: Signals,
    asked: Asked,
    resource: Resource,
    ready: VecDeque<Line>,
    /// Up to which revision changes are sent or ready.
    at: u64,
    end: Instant,
    next_bookmark: Instant,
    sent: usize,
    fault: Option<Fault>,
    over: bool,
}

impl Lines {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if self.over {
            return None;
        }
        if self.fault == Some(Fault::Deaf) {
            sleep_until(self.end).await;
            return None;
        }
        loop {
            let signals = *self.signals.borrow_and_update();
            if signals.broken > self.seen.broken || self.fault == Some(Fault::Broken(self.sent)) {
                return Some(self.broken().await);
            }
            if let Some(line) = self.ready.pop_front() {
                return self.send(line);
            }
            if self.advance() {
                continue;
            }
            let due = Instant::now() >= self.next_bookmark;
            if due || signals.bookmarks > self.seen.bookmarks {
                self.seen.bookmarks = signals.bookmarks;
                self.next_bookmark = Instant::now() + BOOKMARKS;
                if self.asked.flag("allowWatchBookmarks") {
                    self.ready.push_back(Line::Bookmark { ends_list: false });
                    continue;
                }
            }
            if signals.ended > self.seen.ended || Instant::now() >= self.end {
                return None;
            }
            let wake = self.end.min(self.next_bookmark);
            let _ = timeout_at(wake, self.signals.changed()).await;
        }
    }

    /// Makes the next changes ready. False when there are none.
    fn advance(&mut self) -> bool {
        let state = self.shared.state();
        let mut ready = VecDeque::new();
        for change in state.changes_after(self.at) {
            if change.key.0 == self.resource.id() && self.wants(&change.key) {
                ready.push_back(Line::Event(change.kind, Arc::clone(&change.object)));
            }
        }
        self.at = state.revision().max(self.at);
        drop(state);
        self.ready = ready;
        !self.ready.is_empty()
    }

    fn wants(&self, (_, namespace, name): &Key) -> bool {
        let asked = &self.asked;
        asked.namespace.as_ref().is_none_or(|one| one == namespace)
            && asked.selected_name().is_none_or(|one| one == name)
    }

    fn send(&mut self, line: Line) -> Option<io::Result<Bytes>> {
        let event = match line {
            Line::End => return None,
            Line::Garbage => return Some(Ok(Bytes::from_static(b"{\"type\":\"NONSENSE\"}\n"))),
            Line::Event(kind, object) => {
                json!({"type": kind, "object": shown(&object, &self.asked, &self.resource)})
            }
            Line::Bookmark { ends_list } => self.bookmark(ends_list),
            Line::Error(failure) => {
                self.over = true;
                json!({"type": "ERROR", "object": failure.body()})
            }
        };
        // As the server writes it: the type comes first.
        let mut text = format!(
            "{{\"type\":{},\"object\":{}}}\n",
            event["type"], event["object"]
        );
        if self.fault == Some(Fault::HalfLine(self.sent)) {
            text.truncate(text.len() / 2);
            self.ready.clear();
            self.fault = Some(Fault::Broken(self.sent + 1));
        }
        self.sent += 1;
        Some(Ok(Bytes::from(text)))
    }

    fn bookmark(&self, ends_list: bool) -> Value {
        let mut metadata = json!({
            "resourceVersion": self.at.to_string(),
            "creationTimestamp": null,
        });
        if ends_list {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        json!({"type": "BOOKMARK", "object": {
            "kind": self.resource.kind,
            "apiVersion": self.asked.api_version(),
            "metadata": metadata,
        }})
    }

    async fn broken(&mut self) -> io::Result<Bytes> {
        self.over = true;
        // Otherwise what was sent before may not leave the machine.
        sleep(Duration::from_millis(20)).await;
        Err(io::Error::other("the simulator was told to break it off"))
    }
}
