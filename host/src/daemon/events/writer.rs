//! Writes Events: each thing once, few in a minute, and none for a while
//! after a failure.

use std::collections::{HashMap, HashSet};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kube::Client;
use kube::runtime::events::{Event as Published, Recorder, Reporter};
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until, timeout};
use tracing::{debug, info, warn};

use super::super::api_error::{in_words, is_forbidden, is_not_found};
use super::budget::Budget;
use super::subject::{Own, Subject, node};
use super::{Event, Message, Reason};

/// What the API server takes, in bytes.
const LONGEST_NOTE: usize = 1024;
const LONGEST_INSTANCE: usize = 128;

/// How long the API server may take for one Event.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long none is tried after one that failed.
const PAUSE: Duration = Duration::from_mins(1);
/// As long as the recorder adds repetitions to an Event that is there.
const SERIES: Duration = Duration::from_mins(6);

/// Writes what [`super::Events`] sends.
pub struct Writer {
    client: Client,
    reporter: Reporter,
    own: Option<Own>,
    queue: Receiver<Message>,
    dropped: Arc<AtomicU64>,
    /// What is so, and was told.
    standing: HashSet<Event>,
    /// One recorder for each thing told lately, and when: a recorder does not
    /// tell notes apart.
    recorders: HashMap<Event, (Recorder, Instant)>,
    budget: Budget,
    failed: Failed,
}

/// Where the last Event could not be written none is tried before then. Those
/// about Nodes are in another namespace, with permissions of its own.
#[derive(Default)]
struct Failed {
    nodes: Option<Instant>,
    daemon: Option<Instant>,
}

impl Failed {
    fn about(&mut self, subject: &Subject) -> &mut Option<Instant> {
        match subject {
            Subject::Node { .. } => &mut self.nodes,
            Subject::Daemon => &mut self.daemon,
        }
    }
}

#[derive(PartialEq, Eq)]
enum Outcome {
    Written,
    /// More than there is room for in this minute.
    LeftOut,
    Failed,
}

impl Writer {
    pub(super) fn new(
        client: Client,
        instance: &str,
        own: Option<Own>,
        queue: Receiver<Message>,
        dropped: Arc<AtomicU64>,
    ) -> Self {
        Self {
            client,
            reporter: Reporter {
                controller: "podroute".to_owned(),
                instance: Some(cut(instance, LONGEST_INSTANCE)),
            },
            own,
            queue,
            dropped,
            standing: HashSet::new(),
            recorders: HashMap::new(),
            budget: Budget::new(),
            failed: Failed::default(),
        }
    }

    /// Writes until every [`super::Events`] is gone and the queue is empty.
    pub async fn run(mut self) {
        loop {
            let due = self.summary_due();
            let summary = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                message = self.queue.recv() => match message {
                    Some(message) => self.handle(message).await,
                    None => break,
                },
                () = summary => self.summarise().await,
            }
            let dropped = self.dropped.swap(0, Ordering::Relaxed);
            self.budget.dropped(dropped);
        }
        if self.summary_due().is_some() {
            self.summarise().await;
        }
    }

    fn summary_due(&self) -> Option<Instant> {
        let due = self.budget.summary_due()?;
        Some(self.failed.daemon.map_or(due, |until| until.max(due)))
    }

    async fn handle(&mut self, message: Message) {
        match message {
            Message::Happened(event) => {
                if self.tell(&event).await != Outcome::Written {
                    self.budget.leave_out(event.reason);
                }
            }
            Message::Standing(reason, events) => {
                let now: HashSet<Event> = events.iter().cloned().collect();
                self.standing
                    .retain(|event| event.reason != reason || now.contains(event));
                for event in events {
                    if self.standing.contains(&event) {
                        continue;
                    }
                    match self.tell(&event).await {
                        Outcome::Written => {}
                        Outcome::LeftOut => self.budget.leave_out(reason),
                        // It still stands the next time, and is tried again.
                        Outcome::Failed => continue,
                    }
                    self.standing.insert(event);
                }
            }
        }
    }

    async fn summarise(&mut self) {
        let event = Event {
            reason: Reason::EventsLeftOut,
            subject: Subject::Daemon,
            note: self.budget.summary(),
        };
        if self.write(&event).await == Outcome::Written {
            self.budget.forget();
        }
    }

    async fn tell(&mut self, event: &Event) -> Outcome {
        let failed = self.failed.about(&event.subject);
        if failed.is_some_and(|until| Instant::now() < until) {
            return Outcome::Failed;
        }
        if !self.budget.take() {
            return Outcome::LeftOut;
        }
        self.write(event).await
    }

    async fn write(&mut self, event: &Event) -> Outcome {
        match timeout(PATIENCE, self.publish(event)).await {
            Ok(Ok(())) => {
                if self.failed.about(&event.subject).take().is_some() {
                    info!("Events can be written again");
                }
                Outcome::Written
            }
            Ok(Err(error)) => {
                let advice = if is_forbidden(&error) {
                    "; allow create and patch on events (events.k8s.io) in the namespace default, where those of Nodes are, and in podroute's own"
                } else {
                    ""
                };
                self.fail(event, &format!("{}{advice}", in_words(&error)))
            }
            Err(_) => self.fail(event, "the API server does not answer"),
        }
    }

    fn fail(&mut self, event: &Event, reason: &str) -> Outcome {
        let failed = self.failed.about(&event.subject);
        let known = failed.replace(Instant::now() + PAUSE).is_some();
        if known {
            debug!("cannot write Events: {reason}");
        } else {
            warn!("cannot write Events: {reason}; routes are written all the same");
        }
        Outcome::Failed
    }

    async fn publish(&mut self, event: &Event) -> Result<(), kube::Error> {
        let now = Instant::now();
        self.recorders.retain(|_, (_, last)| *last + SERIES > now);
        let reference = match &event.subject {
            Subject::Node { name, uid } => node(name, uid.as_deref()),
            Subject::Daemon => {
                let Some(own) = &mut self.own else {
                    return Ok(());
                };
                own.look_up(&self.client).await;
                own.reference()
            }
        };
        let published = Published {
            type_: event.reason.event_type(),
            reason: event.reason.name().to_owned(),
            note: Some(cut(&event.note, LONGEST_NOTE)),
            action: event.reason.action().to_owned(),
            secondary: None,
        };
        let fresh = || Recorder::new(self.client.clone(), self.reporter.clone());
        let mut recorder = match self.recorders.get(event) {
            Some((recorder, _)) => recorder.clone(),
            None => fresh(),
        };
        match recorder.publish(&published, &reference).await {
            // The Event to be counted up has been deleted.
            Err(error) if is_not_found(&error) && self.recorders.contains_key(event) => {
                recorder = fresh();
                recorder.publish(&published, &reference).await?;
            }
            other => other?,
        }
        self.recorders.insert(event.clone(), (recorder, now));
        Ok(())
    }
}

/// At most so many bytes of a text, with a mark where something is missing.
fn cut(text: &str, longest: usize) -> String {
    const MARK: char = '…';
    if text.len() <= longest {
        return text.to_owned();
    }
    let mut short = text.to_owned();
    short.truncate(text.floor_char_boundary(longest - MARK.len_utf8()));
    short.push(MARK);
    short
}
