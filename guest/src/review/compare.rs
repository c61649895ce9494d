//! What is in one list of findings and not in another.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::{Finding, ObjectRef, Severity};

/// What findings of a rule and severity are about; None where there is none.
type About<'a> = BTreeMap<(&'static str, Severity), Option<BTreeSet<&'a ObjectRef>>>;

/// The findings that are new, and those that are gone. A finding is new when
/// its rule did not say as much, at that severity, of one of its objects
/// before: numbers in a message may change, and more objects may join.
pub(super) fn findings(before: Vec<Finding>, after: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
    let new: Vec<bool> = says_more(&after, &before);
    let gone: Vec<bool> = says_more(&before, &after);
    (only(after, &new), only(before, &gone))
}

/// Which of the findings are not among those that are known.
fn says_more(findings: &[Finding], known: &[Finding]) -> Vec<bool> {
    // One finding may be about thousands of objects.
    let mut about: About<'_> = findings.iter().map(|one| (says(one), None)).collect();
    for finding in known {
        if let Some(objects) = about.get_mut(&says(finding)) {
            objects.get_or_insert_default().extend(&finding.objects);
        }
    }
    let is_new = |finding: &Finding| match about.get(&says(finding)) {
        Some(Some(known)) => finding.objects.iter().any(|one| !known.contains(one)),
        _ => true,
    };
    findings.iter().map(is_new).collect()
}

fn says(finding: &Finding) -> (&'static str, Severity) {
    (finding.rule, finding.severity)
}

/// Those that are marked, but for what is said of the snapshot as such.
fn only(findings: Vec<Finding>, marks: &[bool]) -> Vec<Finding> {
    findings
        .into_iter()
        .zip(marks)
        .filter(|(finding, marked)| **marked && !finding.rule.starts_with("snapshot/"))
        .map(|(finding, _)| finding)
        .collect()
}
