//! GitLab's Code Quality report: findings in the widget and the diff of a
//! merge request. What was not looked at stands in it, too; GitLab has no
//! other place for it.

use serde::Serialize;

use super::Checked;
use super::fingerprint::Fingerprints;
use super::place::{self, FilePlace};
use super::wording;
use crate::policy::{Finding, ObjectRef, Severity};

#[derive(Serialize)]
struct Violation {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

pub(super) fn render(checked: &Checked<'_>) -> String {
    let violations = Report::of(checked).violations;
    // There is nothing in it that JSON cannot say.
    let text = serde_json::to_string_pretty(&violations);
    format!("{}\n", text.unwrap_or_default())
}

struct Report<'a> {
    checked: &'a Checked<'a>,
    fingerprints: Fingerprints,
    violations: Vec<Violation>,
}

impl<'a> Report<'a> {
    fn of(checked: &'a Checked<'a>) -> Self {
        let mut report = Self {
            checked,
            fingerprints: Fingerprints::default(),
            violations: Vec::new(),
        };
        report.input();
        for finding in &checked.report.findings {
            let severity = severity(finding.severity);
            report.finding(finding, severity, wording::explained(finding));
        }
        for (missing, rules) in wording::by_missing(&checked.report.not_evaluated) {
            let text = format!("Not evaluated, for want of {missing}: {}", rules.join(", "));
            report.other("podroute/not-evaluated", &missing, "info", text, None);
        }
        for rule in &checked.report.rules_off {
            let text = format!("Switched off: {rule}");
            report.other("podroute/off", rule, "info", text, None);
        }
        for suppressed in &checked.report.suppressed {
            let (finding, reasons) = (&suppressed.finding, suppressed.reasons.join("; "));
            let text = format!("Accepted, because: {reasons}\n{}", finding.message);
            report.finding(finding, "info", text);
        }
        report
    }

    /// What keeps the findings from being all that there is to find.
    fn input(&mut self) {
        let (report, snapshot) = (self.checked.report, self.checked.snapshot);
        for reason in &report.undecided {
            let text = format!("No verdict on the routes: {reason}");
            self.other("podroute/undecided", reason, "blocker", text, None);
        }
        for error in &snapshot.errors {
            let place = FilePlace::at(&error.location);
            let text = error.to_string();
            self.other(
                "podroute/unreadable",
                &error.message,
                "blocker",
                text,
                place,
            );
        }
        for problem in &report.problems {
            let object = problem.object.as_ref();
            let place = object.and_then(|object| self.place(std::slice::from_ref(object)));
            let text = wording::problem(problem);
            let severity = severity(problem.severity);
            self.other("podroute/problem", &text, severity, text.clone(), place);
        }
    }

    fn finding(&mut self, finding: &Finding, severity: &'static str, description: String) {
        let place = self.place(&finding.objects);
        let location = self.location(place);
        self.violations.push(Violation {
            description,
            check_name: finding.rule.clone(),
            fingerprint: self.fingerprints.of(finding),
            severity,
            location,
        });
    }

    fn other(
        &mut self,
        check: &str,
        identity: &str,
        severity: &'static str,
        description: String,
        place: Option<FilePlace>,
    ) {
        let location = self.location(place);
        self.violations.push(Violation {
            description,
            check_name: check.to_owned(),
            fingerprint: self.fingerprints.of_parts(&[check, identity]),
            severity,
            location,
        });
    }

    /// The first of the objects that stands in a file.
    fn place(&self, objects: &[ObjectRef]) -> Option<FilePlace> {
        let snapshot = self.checked.snapshot;
        let mut places = objects
            .iter()
            .flat_map(|object| FilePlace::of(object, snapshot));
        places.next()
    }

    /// GitLab wants a path. What stands in no file is about all of the input.
    fn location(&self, place: Option<FilePlace>) -> Location {
        let place = place.unwrap_or_else(|| {
            let first = self.checked.snapshot.names().next();
            FilePlace {
                path: place::relative(first.unwrap_or("no input")),
                line: None,
            }
        });
        Location {
            path: place.path,
            lines: Lines {
                begin: place.line.unwrap_or(1),
            },
        }
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Info => "info",
    }
}
