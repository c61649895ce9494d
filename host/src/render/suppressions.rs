//! What was accepted, and which suppressions do nothing.

use super::style::heading;
use super::table::{object, paragraph};
use crate::policy::{AuditedSuppression, Report, SuppressionStatus};

/// The findings that were accepted, and why.
pub(super) fn accepted(report: &Report) -> Option<String> {
    if report.suppressed.is_empty() {
        return None;
    }
    let mut text = heading(format!("Accepted ({})", report.suppressed.len())) + "\n";
    for suppressed in &report.suppressed {
        let finding = &suppressed.finding;
        text += &paragraph("", &format!("{}: {}", finding.rule, finding.message));
        text += &paragraph("because: ", &suppressed.reasons.join("; "));
    }
    Some(text)
}

/// The suppressions that cover nothing.
pub(super) fn in_vain(report: &Report) -> Option<String> {
    let in_vain: Vec<String> = report.suppressions.iter().filter_map(one_in_vain).collect();
    if in_vain.is_empty() {
        return None;
    }
    let mut text = heading(format!("Suppressions in vain ({})", in_vain.len())) + "\n";
    for line in in_vain {
        text += &paragraph("- ", &line);
    }
    Some(text)
}

fn one_in_vain(one: &AuditedSuppression) -> Option<String> {
    let until = one.until.as_deref().unwrap_or_default();
    let why = match one.status {
        SuppressionStatus::Used | SuppressionStatus::Unknown => return None,
        SuppressionStatus::Unused => "there is no such finding; it can go".to_owned(),
        SuppressionStatus::Expired => format!("its last day was {until}"),
        SuppressionStatus::Undated => {
            format!("it counts until {until}, and which day it is is not known")
        }
        SuppressionStatus::Invalid => one.reason.clone(),
    };
    let of = match (&one.declared_at, &one.object) {
        (Some(annotation), _) => format!(" at {}", object(annotation)),
        (None, Some(of)) => match &of.namespace {
            Some(namespace) => format!(" for {} {namespace}/{}", of.kind, of.name),
            None => format!(" for {} {}", of.kind, of.name),
        },
        (None, None) => String::new(),
    };
    Some(format!("{}{of}: {why}", one.rule))
}
