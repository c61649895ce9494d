//! snapshot/suppression-in-vain: suppressions that cover nothing.

use crate::report::{Finding, ObjectRef, Severity};
use crate::rules::page::Page;
use crate::rules::rule::{Reach, Rule};
use crate::suppressions::{Audited, Status};

pub const RULE: Rule = Rule {
    id: "snapshot/suppression-in-vain",
    reach: Reach::Cluster,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("suppression_in_vain.md"),
    // What a suppression covers is only known once every rule has run.
    check: |_, _| Ok(()),
};

/// One finding for each suppression that does nothing.
pub fn findings(audit: &[Audited]) -> impl Iterator<Item = Finding> {
    audit.iter().filter_map(|one| {
        let (what, fix) = in_vain(one)?;
        Some(Finding {
            rule: RULE.id,
            severity: Severity::Warning,
            message: format!("the suppression of `{}`{} {what}", one.rule, of(one)),
            effect: "none now; but who reads it believes that something is accepted that is not, or there no longer".to_owned(),
            fix: fix.to_owned(),
            reference: Page::parse(RULE.page).reference(),
            objects: one.declared_at.iter().cloned().collect(),
        })
    })
}

fn in_vain(one: &Audited) -> Option<(String, &'static str)> {
    let until = one.until.as_deref().unwrap_or_default();
    Some(match one.status {
        Status::Used | Status::Unknown => return None,
        Status::Unused => ("covers no finding".to_owned(), "take it away"),
        Status::Expired => (
            format!("counted until {until}"),
            "mend what it was for, or accept it for longer, and change its last day",
        ),
        Status::Undated => (
            format!("counts until {until}, and the setting `today` is missing"),
            "set `today` to the day of the evaluation, such as 2026-01-31",
        ),
        Status::Invalid => (
            format!("cannot be read: {}", one.reason),
            "write `rule: reason` or `rule until 2027-01-31: reason`, one a line",
        ),
    })
}

/// The object that it is for, where the annotation on it does not show that.
fn of(one: &Audited) -> String {
    match (&one.declared_at, &one.object) {
        (None, Some(object)) => {
            let object = ObjectRef {
                kind: object.kind.clone().into(),
                namespace: object.namespace.clone(),
                name: object.name.clone(),
                field: None,
            };
            format!(" for {object}")
        }
        _ => String::new(),
    }
}
