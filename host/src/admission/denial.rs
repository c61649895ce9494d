//! What the person is told whose change is denied: what is wrong, what would
//! happen, how to fix it, and where that is documented.

use std::fmt::Write as _;

use super::text::{length, line, list};
use super::warnings::named;
use crate::policy::{Finding, Review, Severity};

/// Of the whole message: kubectl prints it as it is, on one terminal.
const TOTAL: usize = 3000;

/// Of one of its lines.
const LIMIT: usize = 600;

/// How many objects of a finding are named.
const OBJECTS: usize = 3;

/// The errors of a review.
pub(super) fn errors(review: &Review) -> impl Iterator<Item = &Finding> {
    let findings = review.added.iter();
    findings.filter(|finding| finding.severity == Severity::Error)
}

pub(super) fn message(review: &Review) -> String {
    let errors: Vec<&Finding> = errors(review).collect();
    let mut text = match errors.len() {
        // Only another policy than podroute's own denies without an error.
        0 => return "podroute: the policy denies this change and names no error".to_owned(),
        1 => "podroute: this change would break something:".to_owned(),
        count => format!("podroute: this change would break {count} things:"),
    };
    let mut told = 0;
    for (index, finding) in errors.iter().enumerate() {
        let part = told_of(finding, (errors.len() > 1).then_some(index + 1));
        // The first is told however long it is: each line has its limit.
        if told > 0 && length(&text) + length(&part) > TOTAL {
            break;
        }
        text.push_str(&part);
        told += 1;
    }
    let rest = errors.get(told..).unwrap_or_default();
    if !rest.is_empty() {
        let rules = list(rest.iter().map(|finding| finding.rule.as_str()));
        let more = format!("and {} more: {rules}", rest.len());
        let _ = write!(text, "\n\n{}", line(&more, LIMIT));
    }
    text.push_str("\n\nMore on a rule: podroute explain RULE");
    text
}

fn told_of(finding: &Finding, number: Option<usize>) -> String {
    let named: Vec<String> = finding.objects.iter().take(OBJECTS).map(named).collect();
    let mut objects = named.join(", ");
    match finding.objects.len().saturating_sub(OBJECTS) {
        0 => {}
        more => {
            let _ = write!(objects, " and {more} more");
        }
    }
    let mut text = match number {
        Some(number) => format!("\n\n{number}. {}", line(&finding.message, LIMIT)),
        None => format!("\n\n{}", line(&finding.message, LIMIT)),
    };
    let rule = format!("{} {}", finding.rule, finding.reference);
    for (what, words) in [
        ("Effect", &finding.effect),
        ("Fix", &finding.fix),
        ("Where", &objects),
        ("Rule", &rule),
    ] {
        if !words.trim().is_empty() {
            let _ = write!(text, "\n  {what}: {}", line(words, LIMIT));
        }
    }
    text
}
