//! Reports that are longer than their readers take.

use std::fmt::Write;

use podroute::formats::{Checked, Format};
use podroute::policy::{Finding, ObjectRef, Report, Settings, Severity};
use podroute::render::table;
use podroute::snapshot::Input;
use podroute::{Policy, Snapshot};
use serde_json::Value;

use crate::{json, top};

/// The shop with these findings instead of its own.
fn rendered(format: Format, findings: Vec<Finding>) -> String {
    let policy = Policy::built_in().unwrap();
    let snapshot = Snapshot::read(&[Input::Path(top().join("tests/snapshots/shop"))]);
    let report = policy.evaluate(&snapshot.documents, &Settings::default());
    let report = Report {
        findings,
        ..report.unwrap()
    };
    format.render(&Checked {
        report: &report,
        json: "",
        snapshot: &snapshot,
        rules: &policy.rules().unwrap(),
        plan: None,
        owned: None,
        map: "",
        page: "",
        baseline: None,
        routes: table::Routes::Some,
    })
}

/// One error, then warnings; each about this many objects.
fn findings(count: usize, objects: usize) -> Vec<Finding> {
    let finding = |number: usize| Finding {
        rule: "node/host-bits".to_owned(),
        severity: match number {
            0 => Severity::Error,
            _ => Severity::Warning,
        },
        message: format!("number {number} | <b> {}", "x".repeat(20)),
        effect: "none".to_owned(),
        fix: "none".to_owned(),
        reference: "https://example.com/".to_owned(),
        objects: (0..objects)
            .map(|object| ObjectRef {
                kind: "Node".to_owned(),
                namespace: None,
                name: format!("worker-{number}-{object}"),
                field: None,
            })
            .collect(),
    };
    (0..count).map(finding).collect()
}

fn notices(log: &Value) -> Vec<String> {
    let all = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array();
    let cut = all
        .unwrap()
        .iter()
        .filter(|one| one["descriptor"]["id"] == "cut");
    cut.map(|one| one["message"]["text"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn sarif_has_as_many_results_as_github_takes() {
    let log = json(&rendered(Format::Sarif, findings(25_001, 1)));
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[0]["level"], "error", "the worst are there");
    assert_eq!(
        notices(&log),
        [
            "1 finding left out: the results are the worst 25000 of 25001; `podroute check --format json` has them all"
        ]
    );
    let log = json(&rendered(Format::Sarif, findings(5_001, 1)));
    assert_eq!(notices(&log), ["GitHub shows 5000 of these 5001 results"]);
    let log = json(&rendered(Format::Sarif, findings(5_000, 1)));
    assert_eq!(notices(&log), [""; 0]);
}

#[test]
fn a_result_has_as_many_locations_as_github_takes() {
    let log = json(&rendered(Format::Sarif, findings(1, 5_000)));
    let result = &log["runs"][0]["results"][0];
    let count = |key: &str| result[key].as_array().unwrap().len();
    assert_eq!(count("locations") + count("relatedLocations"), 1_000);
}

/// Text that does not compress: 24,000 results of 1 KiB.
#[test]
fn sarif_is_no_longer_than_github_takes() {
    let mut findings = findings(24_000, 1);
    let mut state = 1_u64;
    for finding in &mut findings {
        finding.message.clear();
        for _ in 0..64 {
            // Knuth's constants.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            write!(finding.message, "{state:016x}").unwrap();
        }
    }
    let text = rendered(Format::Sarif, findings);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut encoder, text.as_bytes()).unwrap();
    let compressed = encoder.finish().unwrap().len();
    assert!(compressed <= 10 << 20, "{compressed}");
    let log = json(&text);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(
        results.len() > 5_000,
        "as many as there is room for: {}",
        results.len()
    );
    assert_eq!(results[0]["level"], "error");
    assert_eq!(notices(&log).len(), 1);
}

#[test]
fn a_comment_is_no_longer_than_github_takes() {
    let mut many = findings(5_000, 50);
    for finding in &mut many {
        finding.message += &"@a |<".repeat(5_000);
        finding.fix = "#1\n".repeat(5_000);
        finding.effect = "ö".repeat(5_000);
    }
    let text = rendered(Format::Markdown, many);
    assert!(text.len() <= 65_536, "{}", text.len());
    assert!(
        text.contains("\u{274c} error | <code>node/host-bits</code>"),
        "the worst is there"
    );
    let shown = text.matches("effect and fix").count();
    let left = 5_000 - shown;
    assert!(
        text.contains(&format!(
            "\nand {left} more findings, none worse than these\n"
        )),
        "{shown} shown"
    );
    assert!(
        text.contains("Rules not evaluated"),
        "what follows is there, too"
    );
}

/// GitHub drops the eleventh annotation of a level without a word.
#[test]
fn no_more_annotations_than_github_shows() {
    let text = rendered(Format::Github, findings(14, 1));
    let count = |start: &str| text.lines().filter(|line| line.starts_with(start)).count();
    // What was not evaluated and the summary are notices.
    let given = [count("::error "), count("::warning "), count("::notice ")];
    assert_eq!(given, [1, 10, 2]);
    assert_eq!(count("warning node/host-bits: number "), 3);
    let last = text.lines().last().unwrap();
    assert!(last.ends_with("; 3 more in the log of this step"), "{last}");

    let mut info = findings(14, 1);
    for finding in &mut info {
        finding.severity = Severity::Info;
    }
    let text = rendered(Format::Github, info);
    let lines: Vec<&str> = text.lines().collect();
    let notices = lines.iter().filter(|line| line.starts_with("::notice "));
    assert_eq!(notices.count(), 10);
    assert!(
        lines[0].starts_with("::notice title=Not evaluated"),
        "{}",
        lines[0]
    );
    assert!(
        lines[15].starts_with("::notice title=podroute::"),
        "{}",
        lines[15]
    );
    assert!(
        lines[15].ends_with("; 6 more in the log of this step"),
        "{}",
        lines[15]
    );
}

#[test]
fn no_finding_is_no_result() {
    let log = json(&rendered(Format::Sarif, Vec::new()));
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
    let text = rendered(Format::Markdown, Vec::new());
    assert!(text.contains("podroute: no findings\n"), "{text}");
}
