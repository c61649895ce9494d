//! What a test wants to go wrong.

use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Answers with a `Status`, and how many seconds to wait.
    Status(u16, Option<u32>),
    /// Answers with text, as things in between do.
    Text(u16, &'static str),
    /// Answers later.
    Slow(Duration),
    /// Never answers.
    Silent,
    /// Closes the connection instead of answering.
    Closed,
    /// A watch is opened and ended at once.
    Ended,
    /// A watch is opened, and stays open in silence.
    Deaf,
    /// A watch is broken off after this many lines.
    Broken(usize),
    /// A watch is broken off in the middle of the line after this many.
    HalfLine(usize),
    /// A watch has a line in front that is no event.
    Garbage,
    /// A watch has an ERROR event with this code in front, and ends.
    Error(u16),
}

#[derive(Default)]
pub(super) struct Faults(Vec<Planned>);

struct Planned {
    verb: String,
    plural: String,
    times: usize,
    fault: Fault,
}

impl Faults {
    pub(super) fn add(&mut self, verb: &str, plural: &str, times: usize, fault: Fault) {
        self.0.push(Planned {
            verb: verb.to_owned(),
            plural: plural.to_owned(),
            times,
            fault,
        });
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault of this request, which is used up by it.
    pub(super) fn next(&mut self, verb: &str, plural: &str) -> Option<Fault> {
        let planned = self.0.iter_mut().find(|one| {
            one.times > 0
                && (one.verb == "*" || one.verb == verb)
                && (one.plural == "*" || one.plural == plural)
        })?;
        planned.times -= 1;
        Some(planned.fault.clone())
    }
}
