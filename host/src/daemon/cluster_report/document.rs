//! A ClusterReport from findings.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::kinds::api_version;
use super::{Finding, Findings, NotEvaluated, Object, Severity};

/// What all results together may have, in bytes of JSON. The API server keeps
/// objects of up to 1.5 MiB.
const LARGEST: usize = 900 << 10;
/// What one text may have, in bytes.
const LONGEST: usize = 4 << 10;
/// How many objects one result names.
const MOST_OBJECTS: usize = 100;

/// What the time of a result takes up.
const TIMESTAMP: usize = 64;

const SOURCE: &str = "podroute";

/// The report without times and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document {
    /// The worst first.
    results: Vec<Map<String, Value>>,
    summary: Value,
    left_out: usize,
}

/// The name of a report, as the API takes names.
pub(super) fn name(cluster: Option<&str>) -> String {
    let cluster = cluster.unwrap_or_default().to_lowercase();
    let plain = |c: char| match c {
        'a'..='z' | '0'..='9' => c,
        _ => '-',
    };
    let cluster: String = cluster.chars().map(plain).take(200).collect();
    match cluster.trim_matches('-') {
        "" => "podroute-default".to_owned(),
        cluster => format!("podroute-{cluster}"),
    }
}

impl Document {
    pub(super) fn new(findings: &Findings) -> Self {
        let mut worst_first: Vec<&Finding> = findings.findings.iter().collect();
        worst_first.sort_by_key(|finding| finding.severity);
        let undecided = findings.undecided.iter().map(|reason| undecided(reason));
        let all = undecided
            .chain(worst_first.into_iter().map(result))
            .chain(findings.not_evaluated.iter().map(skipped));
        let mut results = Vec::new();
        let (mut bytes, mut left_out) = (0, 0);
        for result in all {
            let size = Value::Object(result.clone()).to_string().len() + TIMESTAMP;
            if left_out == 0 && bytes + size <= LARGEST {
                bytes += size;
                results.push(result);
            } else {
                left_out += 1;
            }
        }
        let count = |severity| {
            let findings = findings.findings.iter();
            findings.filter(|one| one.severity == severity).count()
        };
        Self {
            results,
            summary: json!({
                "pass": findings.passed + count(Severity::Info),
                "fail": count(Severity::Error),
                "warn": count(Severity::Warning),
                "error": findings.undecided.len(),
                "skip": findings.not_evaluated.len(),
            }),
            left_out,
        }
    }

    /// When each result was found: as it was known, or else now.
    pub(super) fn found(
        &self,
        known: Option<&HashMap<String, Timestamp>>,
        now: Timestamp,
    ) -> HashMap<String, Timestamp> {
        let results = self.results.iter();
        results
            .map(|result| {
                let key = key(result);
                let before = known.and_then(|known| known.get(&key).copied());
                (key, before.unwrap_or(now))
            })
            .collect()
    }

    /// The whole object, for server-side apply.
    pub(super) fn body(&self, name: &str, found: &HashMap<String, Timestamp>) -> Value {
        let results: Vec<Value> = self
            .results
            .iter()
            .map(|result| {
                let mut result = result.clone();
                if let Some(found) = found.get(&key(&result)) {
                    let time = json!({"seconds": found.as_second(), "nanos": 0});
                    result.insert("timestamp".to_owned(), time);
                }
                Value::Object(result)
            })
            .collect();
        let mut metadata = json!({
            "name": name,
            "labels": {"app.kubernetes.io/managed-by": SOURCE},
        });
        if let (Some(fields), 1..) = (metadata.as_object_mut(), self.left_out) {
            let left_out = json!({"podroute.dev/results-left-out": self.left_out.to_string()});
            fields.insert("annotations".to_owned(), left_out);
        }
        json!({
            "apiVersion": "openreports.io/v1alpha1",
            "kind": "ClusterReport",
            "metadata": metadata,
            "source": SOURCE,
            "summary": self.summary,
            "results": results,
        })
    }
}

fn key(result: &Map<String, Value>) -> String {
    Value::Object(result.clone()).to_string()
}

fn result(finding: &Finding) -> Map<String, Value> {
    let (outcome, severity) = match finding.severity {
        Severity::Error => ("fail", "high"),
        Severity::Warning => ("warn", "medium"),
        // Worth knowing; nothing has to be done.
        Severity::Info => ("pass", "info"),
    };
    let mut properties = Map::new();
    for (name, text) in [
        ("effect", &finding.effect),
        ("fix", &finding.fix),
        ("reference", &finding.reference),
    ] {
        if !text.is_empty() {
            properties.insert(name.to_owned(), cut(text).into());
        }
    }
    let unnamed = finding.objects.len().saturating_sub(MOST_OBJECTS);
    if unnamed > 0 {
        properties.insert("objectsLeftOut".to_owned(), unnamed.to_string().into());
    }
    let objects = finding.objects.iter().take(MOST_OBJECTS).map(reference);
    let mut result = entry(&finding.rule, outcome, severity, &finding.message);
    result.insert("properties".to_owned(), properties.into());
    result.insert("resources".to_owned(), objects.collect());
    result
}

fn skipped(rule: &NotEvaluated) -> Map<String, Value> {
    let message = match rule.missing.join(", ").as_str() {
        "" => "Not judged.".to_owned(),
        missing => format!("Not judged for want of {missing}."),
    };
    entry(&rule.rule, "skip", "info", &message)
}

fn undecided(reason: &str) -> Map<String, Value> {
    let message = format!("No verdict on the routes: {reason}");
    entry("podroute/undecided", "error", "high", &message)
}

fn entry(rule: &str, outcome: &str, severity: &str, message: &str) -> Map<String, Value> {
    let mut entry = Map::new();
    let mut put = |name: &str, value: &str| entry.insert(name.to_owned(), cut(value).into());
    put("source", SOURCE);
    put("policy", rule);
    if let Some((family, _)) = rule.split_once('/') {
        put("category", family);
    }
    put("result", outcome);
    put("severity", severity);
    put("message", message);
    entry
}

fn reference(object: &Object) -> Value {
    let mut fields = Map::new();
    for (name, value) in [
        ("apiVersion", api_version(&object.kind)),
        ("kind", Some(object.kind.as_str())),
        ("namespace", object.namespace.as_deref()),
        ("name", Some(object.name.as_str())),
        ("fieldPath", object.field.as_deref()),
    ] {
        if let Some(value) = value {
            fields.insert(name.to_owned(), cut(value).into());
        }
    }
    Value::Object(fields)
}

fn cut(text: &str) -> String {
    const MARK: char = '…';
    let mut short = text.to_owned();
    if text.len() > LONGEST {
        short.truncate(text.floor_char_boundary(LONGEST - MARK.len_utf8()));
        short.push(MARK);
    }
    short
}
