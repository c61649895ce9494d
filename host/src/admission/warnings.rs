//! What the person who makes a change is told when it is let through.
//!
//! The API server takes 4,096 characters of warnings from all webhooks
//! together. Beyond that it cuts each to 256 characters, and drops the rest.

use super::text::{length, line};
use crate::policy::{Finding, ObjectRef, Problem, Review, Severity};

/// Of one warning.
const LIMIT: usize = 256;

/// Of all together: other webhooks have something to say too.
const TOTAL: usize = 3072;

/// The warnings of a review, worst first. Its errors are among them when they
/// do not stop the change.
pub(super) fn of(review: &Review, with_errors: bool) -> Vec<String> {
    let errors = review
        .added
        .iter()
        .filter(|finding| with_errors && finding.severity == Severity::Error)
        .map(|finding| would_deny(&told(finding)));
    let warnings = review
        .added
        .iter()
        .filter(|finding| finding.severity == Severity::Warning)
        .map(|finding| line(&format!("podroute: {}", told(finding)), LIMIT));
    let undecided = review.undecided.iter().map(|why| {
        line(
            &format!("podroute: routes can no longer be told: {why}"),
            LIMIT,
        )
    });
    let problems = review.problems.iter().map(of_problem);
    capped(errors.chain(warnings).chain(undecided).chain(problems))
}

/// That nobody has looked.
pub(super) fn unseen(why: &str) -> String {
    line(&format!("podroute has not looked at this: {why}"), LIMIT)
}

/// What would stop the change, if it were not for who makes it.
pub(super) fn would_deny(why: &str) -> String {
    line(&format!("podroute would deny this: {why}"), LIMIT)
}

/// The rule is at the front, where nothing is cut off: `podroute explain`
/// has all of the rest.
fn told(finding: &Finding) -> String {
    let Finding {
        rule, message, fix, ..
    } = finding;
    format!("{rule}: {message}; {fix}")
}

fn of_problem(problem: &Problem) -> String {
    let what = match &problem.object {
        Some(object) => format!("{}: {}", named(object), problem.message),
        None => problem.message.clone(),
    };
    // An object with an error was left out; another was used in part.
    let said = match problem.severity {
        Severity::Error => unseen(&what),
        _ => format!("podroute: {what}"),
    };
    line(&said, LIMIT)
}

/// `ConfigMap kube-system/cilium-config data.ipam`.
pub(super) fn named(object: &ObjectRef) -> String {
    let mut text = format!("{} ", object.kind);
    if let Some(namespace) = &object.namespace {
        text.push_str(namespace);
        text.push('/');
    }
    text.push_str(&object.name);
    if let Some(field) = &object.field {
        text.push(' ');
        text.push_str(field);
    }
    text
}

fn capped(warnings: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = warnings.collect();
    let mut room = TOTAL;
    let fitting = all.iter().take_while(|warning| {
        let fits = length(warning) <= room;
        room = room.saturating_sub(length(warning));
        fits
    });
    let fitting = fitting.count();
    let left_out = all.len() - fitting;
    if left_out > 0 {
        all.truncate(fitting);
        all.push(format!(
            "podroute: {left_out} more are left out; /report and `podroute check` have them once the change is made"
        ));
    }
    all
}
