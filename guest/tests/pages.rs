//! Every rule's page is a test: each of its examples is evaluated, and what
//! the rule reports must be exactly what the page says. See `rules::page` for
//! the form of a page.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use podroute_policy::cluster::Cluster;
use podroute_policy::evaluate::evaluate;
use podroute_policy::report::{Finding, Report, Severity};
use podroute_policy::rules;
use podroute_policy::settings::{RawSettings, Settings};
use serde::Deserialize;

#[derive(Default)]
struct Example {
    title: String,
    yaml: String,
    json: String,
    findings: Option<String>,
}

#[test]
fn pages() {
    let mut failures = Vec::new();
    let mut examples = 0;
    // PAGE=ako/ runs one family, PAGE=ako/delete-config one rule.
    let only = std::env::var("PAGE").unwrap_or_default();
    for rule in rules::all().filter(|rule| rule.id.starts_with(&only)) {
        let (mut fires, mut silent) = (false, false);
        for example in examples_of(rule.page) {
            examples += 1;
            let expected = example
                .findings
                .as_deref()
                .unwrap_or_else(|| panic!("{}: {}: no findings block", rule.id, example.title));
            if expected.is_empty() {
                silent = true;
            } else if !expected.starts_with("not evaluated") {
                fires = true;
            }
            let report = report_on(&example);
            let found = lines_of(rule.id, &report);
            if let Err(message) = compare(expected, &found) {
                failures.push(format!("{}: {}\n{message}", rule.id, example.title));
            }
        }
        if !(fires && silent) {
            failures.push(format!(
                "{}: needs an example that fires and one that does not",
                rule.id
            ));
        }
    }
    assert!(examples > 0, "no page matches {only:?}");
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n\n"));
}

fn examples_of(page: &str) -> Vec<Example> {
    let (_, text) = page
        .split_once("\n## Examples\n")
        .expect("a page has examples");
    text.split("\n### ").skip(1).map(example).collect()
}

fn example(text: &str) -> Example {
    let mut example = Example::default();
    let mut block: Option<(&str, Vec<&str>)> = None;
    for (number, line) in text.lines().enumerate() {
        match (&mut block, line.strip_prefix("```")) {
            (None, Some(language)) => block = Some((language, Vec::new())),
            (Some((language, lines)), Some("")) => {
                let text = lines.join("\n");
                match *language {
                    "yaml" => example.yaml = text,
                    "json" => example.json = text,
                    "findings" => example.findings = Some(text),
                    other => panic!("a block of {other:?} in {}", example.title),
                }
                block = None;
            }
            (Some((_, lines)), _) => lines.push(line),
            (None, None) if number == 0 => line.clone_into(&mut example.title),
            (None, None) => {}
        }
    }
    example
}

fn report_on(example: &Example) -> Report {
    let raw: RawSettings = match example.json.as_str() {
        "" => RawSettings::default(),
        json => serde_json::from_str(json).expect("settings"),
    };
    let settings = Settings::try_from(raw).expect("valid settings");
    let documents: Vec<String> = serde_norway::Deserializer::from_str(&example.yaml)
        .map(|document| serde_json::Value::deserialize(document).expect("yaml"))
        .filter(|document| !document.is_null())
        .map(|document| document.to_string())
        .collect();
    let mut cluster = Cluster::default();
    let problems = cluster.load(documents.iter().map(String::as_str));
    assert!(problems.is_empty(), "{}: {problems:?}", example.title);
    evaluate(&cluster, &settings)
}

/// What a rule says about a cluster, a line each.
fn lines_of(rule: &str, report: &Report) -> Vec<String> {
    let findings = report
        .findings
        .iter()
        .filter(|finding| finding.rule == rule)
        .map(line_of);
    let missing = report
        .not_evaluated
        .iter()
        .filter(|entry| entry.rule == rule)
        .map(|entry| format!("not evaluated: {}", entry.missing.join(", ")));
    findings.chain(missing).collect()
}

fn line_of(finding: &Finding) -> String {
    for text in [&finding.message, &finding.effect, &finding.fix] {
        assert!(
            !text.is_empty(),
            "{}: says too little: {finding:?}",
            finding.rule
        );
    }
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let object = match finding.objects.first() {
        None => "- -".to_owned(),
        Some(object) => format!(
            "{} {}{} {}",
            object.kind,
            object
                .namespace
                .as_ref()
                .map(|namespace| format!("{namespace}/"))
                .unwrap_or_default(),
            object.name,
            object.field.as_deref().unwrap_or("-")
        ),
    };
    format!("{severity} {object}: {}", finding.message)
}

/// Each expected line must equal a found one up to the colon, and its words
/// must be in the found message. The order is free.
fn compare(expected: &str, found: &[String]) -> Result<(), String> {
    let mut left: Vec<&String> = found.iter().collect();
    let mut absent = Vec::new();
    for line in expected.lines() {
        let (head, words) = line.split_once(": ").unwrap_or((line, ""));
        let position = left.iter().position(|found| {
            found
                .strip_prefix(head)
                .and_then(|rest| rest.strip_prefix(": "))
                .is_some_and(|message| message.contains(words))
        });
        match position {
            Some(position) => drop(left.remove(position)),
            None => absent.push(line),
        }
    }
    if absent.is_empty() && left.is_empty() {
        return Ok(());
    }
    Err(format!(
        "  expected but absent:\n    {}\n  found but not expected:\n    {}",
        absent.join("\n    "),
        left.iter()
            .map(|line| line.as_str())
            .collect::<Vec<_>>()
            .join("\n    ")
    ))
}
