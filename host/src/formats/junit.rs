//! JUnit XML: a test case per rule, for whatever shows test results.
//!
//! A case passes only if its rule was evaluated, wholly, and has nothing to
//! say that is worse than worth knowing.

use std::collections::{BTreeMap, BTreeSet};

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::Checked;
use super::place::FilePlace;
use super::wording;
use crate::policy::{Finding, Severity, Suppressed};
use crate::render::style::severity_name;
use crate::render::table;

const NAME: &str = "podroute";

pub(super) fn render(checked: &Checked<'_>) -> String {
    let mut suite = TestSuite::new(NAME);
    suite.add_test_case(input(checked));
    suite.add_test_case(verdict(checked));
    for (rule, seen) in seen(checked) {
        suite.add_test_case(seen.case(rule, checked));
    }
    let mut report = quick_junit::Report::new(NAME);
    report.add_test_suite(suite);
    // It takes out of texts what XML cannot say.
    report.to_string().unwrap_or_default()
}

/// All that is known of one rule.
#[derive(Default)]
struct Seen<'a> {
    findings: Vec<&'a Finding>,
    suppressed: Vec<&'a Suppressed>,
    missing: Vec<&'a str>,
    is_off: bool,
}

/// Of every rule of the catalogue, and of whatever else was reported.
fn seen<'a>(checked: &Checked<'a>) -> BTreeMap<&'a str, Seen<'a>> {
    let report = checked.report;
    let rules = checked.rules.iter();
    let mut all: BTreeMap<&str, Seen<'_>> = rules
        .map(|rule| (rule.id.as_str(), Seen::default()))
        .collect();
    for finding in &report.findings {
        let seen = all.entry(&finding.rule).or_default();
        seen.findings.push(finding);
    }
    for suppressed in &report.suppressed {
        let seen = all.entry(&suppressed.finding.rule).or_default();
        seen.suppressed.push(suppressed);
    }
    for entry in &report.not_evaluated {
        let seen = all.entry(&entry.rule).or_default();
        seen.missing
            .extend(entry.missing.iter().map(String::as_str));
    }
    for rule in &report.rules_off {
        all.entry(rule).or_default().is_off = true;
    }
    all
}

impl Seen<'_> {
    fn case(&self, rule: &str, checked: &Checked<'_>) -> TestCase {
        let mut case = TestCase::new(rule, self.status(checked));
        let family = rule.split('/').next().unwrap_or(rule);
        case.set_classname(format!("{NAME}.{family}"));
        let told = self.told(checked);
        if !told.is_empty() {
            case.set_system_out(told);
        }
        case
    }

    fn status(&self, checked: &Checked<'_>) -> TestCaseStatus {
        let failing: Vec<&Finding> = self.failing().collect();
        if let Some(first) = failing.first() {
            let texts: Vec<String> = failing.iter().map(|one| text(one, checked)).collect();
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_type(severity_name(first.severity))
                .set_message(&first.message)
                .set_description(texts.join("\n\n"));
            return status;
        }
        let why = if self.is_off {
            "switched off in the settings".to_owned()
        } else if !self.missing.is_empty() {
            format!("not evaluated, for want of {}", self.missing.join(", "))
        } else if !checked.report.undecided.is_empty() {
            "there is no verdict on the routes: that nothing was found means nothing".to_owned()
        } else {
            return TestCaseStatus::success();
        };
        let mut status = TestCaseStatus::skipped();
        status.set_message(why);
        status
    }

    fn failing(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter().copied();
        findings.filter(|finding| finding.severity != Severity::Info)
    }

    /// What does not decide the case and has to be said all the same.
    fn told(&self, checked: &Checked<'_>) -> String {
        let mut texts = Vec::new();
        let findings = self.findings.iter();
        let info = findings.filter(|finding| finding.severity == Severity::Info);
        texts.extend(info.map(|finding| format!("info: {}", text(finding, checked))));
        texts.extend(self.suppressed.iter().map(|suppressed| {
            let reasons = suppressed.reasons.join("; ");
            let text = text(&suppressed.finding, checked);
            format!("accepted, because: {reasons}\n{text}")
        }));
        if !self.missing.is_empty() && self.failing().next().is_some() {
            let missing = self.missing.join(", ");
            texts.push(format!("evaluated in part only, for want of {missing}"));
        }
        texts.join("\n\n")
    }
}

/// A finding with the objects that it is about and where they stand.
fn text(finding: &Finding, checked: &Checked<'_>) -> String {
    let objects = finding.objects.iter().map(|object| {
        let places = FilePlace::of(object, checked.snapshot);
        let places: BTreeSet<String> = places
            .into_iter()
            .map(|place| match place.line {
                Some(line) => format!(" ({}:{line})", place.path),
                None => format!(" ({})", place.path),
            })
            .collect();
        let places: String = places.into_iter().collect();
        format!("\nAt: {}{places}", table::object(object))
    });
    let objects: String = objects.collect();
    format!(
        "{}{objects}\nReference: {}",
        wording::explained(finding),
        finding.reference
    )
}

/// Whether there is a verdict at all.
fn verdict(checked: &Checked<'_>) -> TestCase {
    let undecided = &checked.report.undecided;
    let mut status = TestCaseStatus::success();
    if !undecided.is_empty() {
        status = error(
            "no verdict on the routes",
            "undecided",
            undecided.join("\n"),
        );
    }
    let mut case = TestCase::new("verdict on the routes", status);
    case.set_classname(NAME);
    case.set_system_out(wording::summary(checked.report));
    case
}

/// Whether all that was given was looked at.
fn input(checked: &Checked<'_>) -> TestCase {
    let (report, snapshot) = (checked.report, checked.snapshot);
    let errors = snapshot.errors.iter().map(ToString::to_string);
    let problems = report.problems.iter();
    let problems = problems.map(|one| {
        let name = severity_name(one.severity);
        format!("{name}: {}", wording::problem(one))
    });
    let notes = snapshot.notes.iter().cloned();
    let told: Vec<String> = errors.chain(problems).chain(notes).collect();
    let told = told.join("\n");
    let status = if wording::is_all_read(report, snapshot) {
        TestCaseStatus::success()
    } else {
        error("not all of the input could be used", "input", told.clone())
    };
    let mut case = TestCase::new("input", status);
    case.set_classname(NAME);
    if !told.is_empty() {
        case.set_system_out(told);
    }
    case
}

fn error(message: &str, kind: &str, description: String) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status
        .set_message(message)
        .set_type(kind)
        .set_description(description);
    status
}
