//! Which findings are new, and what became of those that are gone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Findings;
use crate::reported::{Finding, ObjectRef, Report, Severity, Suppressed};

/// A finding that was not there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct New {
    pub finding: Finding,
    /// The rule was not evaluated before, wholly or in part, or was off: it
    /// may have been there all the time.
    pub was_unknown: bool,
}

/// A finding that is not there any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gone {
    pub finding: Finding,
    pub why: Why,
}

/// Why a finding is not there any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The rule was evaluated and does not say it any more.
    Fixed,
    /// It is now accepted.
    Accepted,
    /// The rule is now off.
    Off,
    /// The rule was not evaluated, wholly or in part.
    NotEvaluated,
    /// No verdict on the routes was possible.
    Undecided,
}

/// What a list of findings is about: of each rule and severity the objects. A
/// finding is known when its rule said as much, at that severity, of all of
/// its objects: numbers in a message may change.
pub struct Known<'a>(BTreeMap<(&'a str, Severity), BTreeSet<&'a ObjectRef>>);

impl<'a> Known<'a> {
    pub fn of(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut known: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for finding in findings {
            let key = (finding.rule.as_str(), finding.severity);
            known.entry(key).or_default().extend(&finding.objects);
        }
        Self(known)
    }

    pub fn has(&self, finding: &Finding) -> bool {
        let known = self.0.get(&(finding.rule.as_str(), finding.severity));
        known.is_some_and(|known| finding.objects.iter().all(|object| known.contains(object)))
    }
}

/// What became of a finding that a report does not have.
pub fn why_gone(finding: &Finding, new: &Report) -> Why {
    let accepted = |one: &Suppressed| {
        let mut objects = finding.objects.iter();
        one.finding.rule == finding.rule
            && (finding.objects.is_empty()
                || objects.any(|object| one.finding.objects.contains(object)))
    };
    if new.suppressed.iter().any(accepted) {
        Why::Accepted
    } else if new.rules_off.contains(&finding.rule) {
        Why::Off
    } else if is_unevaluated(&finding.rule, new) {
        Why::NotEvaluated
    } else if !new.undecided.is_empty() {
        Why::Undecided
    } else {
        Why::Fixed
    }
}

fn is_unevaluated(rule: &str, report: &Report) -> bool {
    report.not_evaluated.iter().any(|entry| entry.rule == rule)
}

pub(super) fn between(old: &Report, new: &Report) -> Findings {
    let before = Known::of(&old.findings);
    let after = Known::of(&new.findings);
    let was_unknown = |rule: &String| {
        is_unevaluated(rule, old) || old.rules_off.contains(rule) || !old.undecided.is_empty()
    };
    let added: Vec<New> = new
        .findings
        .iter()
        .filter(|finding| !before.has(finding))
        .map(|finding| New {
            finding: finding.clone(),
            was_unknown: was_unknown(&finding.rule),
        })
        .collect();
    Findings {
        known: new.findings.len() - added.len(),
        new: added,
        gone: old
            .findings
            .iter()
            .filter(|finding| !after.has(finding))
            .map(|finding| Gone {
                finding: finding.clone(),
                why: why_gone(finding, new),
            })
            .collect(),
    }
}

impl Why {
    /// For people.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Accepted => "accepted",
            Self::Off => "not looked for: the rule is off",
            Self::NotEvaluated => "unknown: the rule was not evaluated completely",
            Self::Undecided => "unknown: there is no verdict on the routes",
        }
    }
}
