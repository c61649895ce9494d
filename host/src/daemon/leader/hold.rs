//! Whether this process leads, and until when.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::Instant;

/// Who leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// This process, until then unless it renews.
    Leading { until: Instant },
    /// Somebody else, or nobody that is known.
    Following { holder: Option<String> },
}

/// A time on both clocks of this machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    monotonic: Instant,
    wall: SystemTime,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self {
            monotonic: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    fn plus(self, duration: Duration) -> Self {
        Self {
            monotonic: self.monotonic + duration,
            wall: self.wall + duration,
        }
    }

    /// Whether either clock has come that far. The monotonic one stands still
    /// while a machine is suspended; the other may be set back.
    fn is_over(self, now: Self) -> bool {
        now.monotonic >= self.monotonic || now.wall >= self.wall
    }
}

/// The state, and the end of the term behind it.
pub(super) struct Hold {
    term: Mutex<Term>,
    state: watch::Sender<State>,
}

#[derive(Default)]
struct Term {
    end: Option<Moment>,
    /// This process never leads again.
    closed: bool,
}

impl Hold {
    pub(super) fn nobody() -> Self {
        Self {
            term: Mutex::default(),
            state: watch::Sender::new(State::Following { holder: None }),
        }
    }

    /// Leads as long as the process lives.
    pub(super) fn always() -> Self {
        const DECADES: Duration = Duration::from_hours(24 * 365 * 30);
        let hold = Self::nobody();
        hold.lead(Moment::now(), DECADES);
        hold
    }

    pub(super) fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    pub(super) fn until(&self) -> Option<Instant> {
        self.term().end.map(|end| end.monotonic)
    }

    pub(super) fn is_leading_now(&self) -> bool {
        self.term()
            .end
            .is_some_and(|end| !end.is_over(Moment::now()))
    }

    pub(super) fn is_closed(&self) -> bool {
        self.term().closed
    }

    /// A term that began at `since`, when the request was sent: others count
    /// from a later time, when they saw what came of it. True when this
    /// process did not lead before.
    pub(super) fn lead(&self, since: Moment, length: Duration) -> bool {
        let mut term = self.term();
        if term.closed {
            return false;
        }
        let end = since.plus(length);
        let begins = term.end.replace(end).is_none();
        self.state.send_replace(State::Leading {
            until: end.monotonic,
        });
        begins
    }

    /// True when this process led before.
    pub(super) fn follow(&self, holder: Option<String>) -> bool {
        self.end(&mut self.term(), holder)
    }

    /// Ends a term that was not renewed in time. True when there was one.
    pub(super) fn end_if_over(&self) -> bool {
        let mut term = self.term();
        let over = term.end.is_some_and(|end| end.is_over(Moment::now()));
        over && self.end(&mut term, None)
    }

    /// Ends the term for good. True when there was one.
    pub(super) fn close(&self) -> bool {
        let mut term = self.term();
        term.closed = true;
        self.end(&mut term, None)
    }

    fn end(&self, term: &mut Term, holder: Option<String>) -> bool {
        let next = State::Following { holder };
        self.state.send_if_modified(|state| {
            let changed = *state != next;
            *state = next;
            changed
        });
        term.end.take().is_some()
    }

    fn term(&self) -> MutexGuard<'_, Term> {
        self.term.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERM: Duration = Duration::from_secs(10);

    #[test]
    fn a_term_is_over_when_either_clock_says_so() {
        let start = Moment::now();
        let end = start.plus(TERM);
        let later = |monotonic, wall| Moment {
            monotonic: start.monotonic + Duration::from_secs(monotonic),
            wall: start.wall + Duration::from_secs(wall),
        };

        assert!(!end.is_over(later(9, 9)));
        assert!(end.is_over(later(10, 9)));
        // The machine slept for an hour.
        assert!(end.is_over(later(1, 3601)));
        // Its wall clock was set back.
        let set_back = Moment {
            wall: start.wall - Duration::from_hours(1),
            ..later(10, 0)
        };
        assert!(end.is_over(set_back));
    }

    #[test]
    fn nobody_leads_after_the_end() {
        let hold = Hold::nobody();
        assert!(hold.lead(Moment::now(), TERM));
        assert!(hold.close());

        assert!(!hold.lead(Moment::now(), TERM));

        assert!(!hold.is_leading_now());
        assert_eq!(*hold.watch().borrow(), State::Following { holder: None });
    }
}
