//! What is in one list of findings and not in another.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::{Finding, ObjectRef, Severity};

/// What findings of a rule are about.
type About<'a> = BTreeMap<(&'static str, Severity), BTreeSet<&'a ObjectRef>>;

/// The findings that are new, and those that are gone. A finding is new when
/// its rule did not say as much, at that severity, of one of its objects
/// before: numbers in a message may change, and more objects may join.
pub(super) fn findings(before: Vec<Finding>, after: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
    let new: Vec<bool> = says_more(&after, &about(&before));
    let gone: Vec<bool> = says_more(&before, &about(&after));
    (only(after, &new), only(before, &gone))
}

fn about(findings: &[Finding]) -> About<'_> {
    let mut about = About::new();
    for finding in findings {
        let objects = about.entry((finding.rule, finding.severity)).or_default();
        objects.extend(&finding.objects);
    }
    about
}

fn says_more(findings: &[Finding], known: &About<'_>) -> Vec<bool> {
    findings
        .iter()
        .map(|finding| {
            let known = known.get(&(finding.rule, finding.severity));
            known.is_none_or(|known| finding.objects.iter().any(|one| !known.contains(one)))
        })
        .collect()
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
