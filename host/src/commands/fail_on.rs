//! When findings make a command fail.

use clap::ValueEnum;
use podroute::Snapshot;
use podroute::policy::{Report, Severity};

use super::Outcome;

/// The least severity that counts.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    Error,
    Warning,
    Info,
    Never,
}

/// The exit code of a report. What could not be read outweighs what was found
/// in the rest, and that what could not be judged.
pub(super) fn outcome(report: &Report, snapshot: &Snapshot, fail_on: FailOn) -> Outcome {
    let unreadable = report
        .problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    let threshold = match fail_on {
        FailOn::Error => Some(Severity::Error),
        FailOn::Warning => Some(Severity::Warning),
        FailOn::Info => Some(Severity::Info),
        FailOn::Never => None,
    };
    let fails = |severity: Severity| match threshold {
        Some(threshold) => severity as u8 >= threshold as u8,
        None => false,
    };
    if unreadable || !snapshot.errors.is_empty() {
        Outcome::Unusable
    } else if report
        .findings
        .iter()
        .any(|finding| fails(finding.severity))
    {
        Outcome::Findings
    } else if !report.undecided.is_empty() {
        Outcome::Undecided
    } else {
        Outcome::Clean
    }
}
