//! Kubernetes Events: what `kubectl describe node` says about routes.
//!
//! Whoever has something to tell puts it into a queue and goes on; whether it
//! can be written never matters to them.

mod budget;
mod subject;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kube::Client;
use kube::runtime::events::EventType;
use tokio::sync::mpsc;

pub use subject::{Own, Subject};
pub use writer::Writer;

/// How many messages may wait. More than that are left out.
const QUEUE: usize = 256;

/// One thing to tell about one object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    pub reason: Reason,
    pub subject: Subject,
    /// Whole sentences: what is wrong, and the next step. Cut at 1024 bytes.
    pub note: String,
}

/// What an Event is about, in the word that `kubectl get events` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    RouteWithheld,
    RouteWriteFailed,
    RoutesApplied,
    DriftRepaired,
    PlanNeedsConfirmation,
    PolicyRestarted,
    KindUnreadable,
    /// There was more to tell than Events are written for.
    EventsLeftOut,
}

/// Where Events are sent to. Copies send to the same place.
#[derive(Clone)]
pub struct Events {
    queue: mpsc::Sender<Message>,
    dropped: Arc<AtomicU64>,
}

enum Message {
    Happened(Event),
    Standing(Reason, Vec<Event>),
}

impl Events {
    /// Events of the process that calls itself `instance`, and what writes
    /// them: its [`Writer::run`] has to be polled.
    pub fn new(client: Client, instance: &str, own: Option<Own>) -> (Self, Writer) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let writer = Writer::new(client, instance, own, receiver, Arc::clone(&dropped));
        let events = Self {
            queue: sender,
            dropped,
        };
        (events, writer)
    }

    /// Tells what has happened. The same again, soon after, is counted in the
    /// Event that is there.
    pub fn send(&self, event: Event) {
        self.enqueue(Message::Happened(event));
    }

    /// Tells all that is so at present for this reason, which the events must
    /// have. What was so the last time is not told again; what is missing has
    /// cleared.
    pub fn standing(&self, reason: Reason, events: Vec<Event>) {
        self.enqueue(Message::Standing(reason, events));
    }

    fn enqueue(&self, message: Message) {
        if self.queue.try_send(message).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Reason {
    pub fn name(self) -> &'static str {
        match self {
            Self::RouteWithheld => "RouteWithheld",
            Self::RouteWriteFailed => "RouteWriteFailed",
            Self::RoutesApplied => "RoutesApplied",
            Self::DriftRepaired => "DriftRepaired",
            Self::PlanNeedsConfirmation => "PlanNeedsConfirmation",
            Self::PolicyRestarted => "PolicyRestarted",
            Self::KindUnreadable => "KindUnreadable",
            Self::EventsLeftOut => "EventsLeftOut",
        }
    }

    /// What was being done; the API demands it.
    fn action(self) -> &'static str {
        match self {
            Self::RouteWithheld | Self::PlanNeedsConfirmation => "PlanRoutes",
            Self::RouteWriteFailed | Self::RoutesApplied | Self::DriftRepaired => "WriteRoutes",
            Self::PolicyRestarted => "EvaluatePolicy",
            Self::KindUnreadable => "ReadCluster",
            Self::EventsLeftOut => "WriteEvents",
        }
    }

    fn event_type(self) -> EventType {
        match self {
            Self::RoutesApplied => EventType::Normal,
            _ => EventType::Warning,
        }
    }
}
