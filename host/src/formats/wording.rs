//! What several formats say in the same words.

use std::collections::BTreeMap;

use crate::Snapshot;
use crate::policy::{Finding, NotEvaluated, Problem, Report, Severity};
use crate::render::table;

/// The outcome in a few words, for a headline.
pub(super) fn verdict(report: &Report) -> String {
    if !report.undecided.is_empty() {
        return "no verdict on the routes".to_owned();
    }
    let severities = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Info, "info"),
    ];
    let counts: Vec<String> = severities
        .into_iter()
        .filter_map(|(severity, name)| match (count(report, severity), name) {
            (0, _) => None,
            (count, "info") => Some(format!("{count} info")),
            (count, name) => Some(table::plural(count, name)),
        })
        .collect();
    match counts.as_slice() {
        [] => "no findings".to_owned(),
        counts => counts.join(", "),
    }
}

/// Everything in a line, with what was not looked at.
pub(super) fn summary(report: &Report) -> String {
    let mut text = table::summary(report)
        .unwrap_or_default()
        .trim_end()
        .to_owned();
    if !report.not_evaluated.is_empty() {
        text += "; ";
        text += &table::plural(report.not_evaluated.len(), "rule");
        text += " not evaluated";
    }
    if !report.rules_off.is_empty() {
        text += "; ";
        text += &table::plural(report.rules_off.len(), "rule");
        text += " off";
    }
    if !report.undecided.is_empty() {
        text += "; no verdict on the routes";
    }
    text
}

pub(super) fn count(report: &Report, severity: Severity) -> usize {
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding.severity == severity)
        .count()
}

/// What is wrong, what comes of it and how to mend it, a line each.
pub(super) fn explained(finding: &Finding) -> String {
    format!(
        "{}\nThen: {}\nFix: {}",
        finding.message, finding.effect, finding.fix
    )
}

/// The rules that wait for the same evidence, by what is missing.
pub(super) fn by_missing(entries: &[NotEvaluated]) -> BTreeMap<String, Vec<&str>> {
    let mut waiting: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for entry in entries {
        let rules = waiting.entry(entry.missing.join(", ")).or_default();
        rules.push(&entry.rule);
    }
    waiting
}

/// A problem without the files that it stands in.
pub(super) fn problem(problem: &Problem) -> String {
    match &problem.object {
        Some(object) => format!("{}: {}", table::object(object), problem.message),
        None => problem.message.clone(),
    }
}

/// Whether all that was given could be read.
pub(super) fn is_all_read(report: &Report, snapshot: &Snapshot) -> bool {
    let mut problems = report.problems.iter();
    snapshot.errors.is_empty() && !problems.any(|one| one.severity == Severity::Error)
}
