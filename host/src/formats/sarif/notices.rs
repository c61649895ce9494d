//! What a reader has to know besides the results: what was not looked at, and
//! what is not shown.

use super::super::place::FilePlace;
use super::super::wording;
use super::Checked;
use super::catalogue::{self, Catalogue, level};
use super::log::{Descriptor, Location, Message, Notification, Reference};
use super::results;
use crate::render::table;

/// How many results of a run GitHub shows.
const ON_GITHUB: usize = 5_000;

/// A kind of notification.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Notice {
    Undecided,
    Unreadable,
    Problem,
    NotEvaluated,
    Note,
    Cut,
}

impl Notice {
    const ALL: [(Self, &'static str, &'static str); 6] = [
        (
            Self::Undecided,
            "undecided",
            "No verdict on the routes is possible, and that nothing was found means nothing.",
        ),
        (Self::Unreadable, "unreadable", "Input could not be read."),
        (
            Self::Problem,
            "problem",
            "An object could not be used, or only in part.",
        ),
        (
            Self::NotEvaluated,
            "not-evaluated",
            "A rule could not be judged, wholly or in part. That is not a pass.",
        ),
        (
            Self::Note,
            "note",
            "Something in the input was left out on purpose.",
        ),
        (Self::Cut, "cut", "There is more than is shown."),
    ];

    fn reference(self) -> Reference {
        let mut known = Self::ALL.into_iter();
        let found = known.find_map(|(notice, id, _)| (notice == self).then_some(id));
        Reference {
            id: found.unwrap_or_default().to_owned(),
            index: Self::ALL.iter().position(|(notice, ..)| *notice == self),
        }
    }

    fn says(self, level: &'static str, text: impl Into<String>) -> Notification {
        Notification {
            descriptor: self.reference(),
            level,
            message: Message::text(text),
            locations: Vec::new(),
            associated_rule: None,
        }
    }
}

pub(super) fn descriptors() -> Vec<Descriptor> {
    let all = Notice::ALL.into_iter().map(|(_, id, text)| Descriptor {
        id: id.to_owned(),
        name: catalogue::name(id),
        short_description: Message::text(text),
        full_description: Message::text(text),
        help: Message::text(text),
        help_uri: None,
        default_configuration: None,
        properties: None,
    });
    all.collect()
}

pub(super) fn of(checked: &Checked<'_>, catalogue: &Catalogue, shown: usize) -> Vec<Notification> {
    let (report, snapshot) = (checked.report, checked.snapshot);
    let undecided = report.undecided.iter();
    let mut all: Vec<Notification> = undecided
        .map(|reason| Notice::Undecided.says("error", reason))
        .collect();
    all.extend(snapshot.errors.iter().map(|error| Notification {
        locations: FilePlace::at(&error.location).iter().map(in_file).collect(),
        ..Notice::Unreadable.says("error", error.to_string())
    }));
    all.extend(report.problems.iter().map(|problem| {
        let object = problem.object.iter();
        let places = object.flat_map(|object| results::places(object, checked));
        Notification {
            locations: places.map(|(_, location)| location).collect(),
            ..Notice::Problem.says(level(problem.severity), wording::problem(problem))
        }
    }));
    all.extend(cut(checked, shown));
    all.extend(report.not_evaluated.iter().map(|entry| {
        let text = format!(
            "{} was not evaluated, for want of {}",
            entry.rule,
            entry.missing.join(", ")
        );
        Notification {
            associated_rule: Some(catalogue.reference(&entry.rule)),
            ..Notice::NotEvaluated.says("note", text)
        }
    }));
    let notes = snapshot.notes.iter();
    all.extend(notes.map(|note| Notice::Note.says("note", note)));
    all
}

/// What is missing from the results, or will be on GitHub.
fn cut(checked: &Checked<'_>, shown: usize) -> Option<Notification> {
    let report = checked.report;
    let all = report.findings.len() + report.suppressed.len();
    let left_out = all.saturating_sub(shown);
    let text = if left_out > 0 {
        format!(
            "{} left out: the results are the worst {shown} of {all}; \
             `podroute check --format json` has them all",
            table::plural(left_out, "finding")
        )
    } else if all > ON_GITHUB {
        format!("GitHub shows {ON_GITHUB} of these {all} results")
    } else {
        return None;
    };
    Some(Notice::Cut.says("warning", text))
}

fn in_file(place: &FilePlace) -> Location {
    Location {
        physical: Some(results::physical(place)),
        ..Location::default()
    }
}
