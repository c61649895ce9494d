//! What is told as Kubernetes Events. Only the instance that writes tells.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::events::{Event, Events, Reason, Subject};
use super::leader::Leadership;

/// Tells what happens, and what is so at present.
pub struct Notices {
    /// None where nobody is told.
    events: Option<Events>,
    leadership: Leadership,
    /// What is so at present, by reason and by who says it: each table only
    /// knows of itself.
    standing: Mutex<BTreeMap<(Reason, String), Vec<Event>>>,
}

impl Notices {
    pub fn new(events: Option<Events>, leadership: Leadership) -> Self {
        Self {
            events,
            leadership,
            standing: Mutex::default(),
        }
    }

    /// Something has happened.
    pub fn happened(&self, reason: Reason, note: String) {
        if let Some(events) = self.events()
            && !note.is_empty()
        {
            events.send(Event {
                reason,
                subject: Subject::Daemon,
                note,
            });
        }
    }

    /// Says all that is so at present for a reason, as far as `who` knows.
    pub fn standing(&self, reason: Reason, who: &str, now: Vec<(Subject, String)>) {
        let events: Vec<Event> = now
            .into_iter()
            .map(|(subject, note)| Event {
                reason,
                subject,
                note,
            })
            .collect();
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (reason, who.to_owned());
        // Nothing as before is nothing to tell.
        if events.is_empty() && standing.get(&key).is_none_or(Vec::is_empty) {
            return;
        }
        standing.insert(key, events);
        if let Some(events) = self.events() {
            let of_reason = standing.iter().filter(|((of, _), _)| *of == reason);
            let all = of_reason.flat_map(|(_, events)| events).cloned();
            events.standing(reason, all.collect());
        }
    }

    fn events(&self) -> Option<&Events> {
        let events = self.events.as_ref()?;
        self.leadership.is_leading_now().then_some(events)
    }
}

/// A Node by its name; podroute itself where the node is not known.
pub(super) fn node(name: &str) -> Subject {
    if name.is_empty() {
        return Subject::Daemon;
    }
    Subject::Node {
        name: name.to_owned(),
        uid: None,
    }
}
