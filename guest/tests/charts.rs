//! The configurations that Cilium's chart renders: no false alarm on any, and
//! an error wherever agents refuse to start. tests/conformance/charts.yaml.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeMap;
use std::fs;

use podroute_policy::cluster::Cluster;
use podroute_policy::evaluate::evaluate;
use podroute_policy::report::Severity;
use podroute_policy::settings::{RawSettings, Settings};
use serde::Deserialize;

#[derive(Deserialize)]
struct Charts {
    common: BTreeMap<String, String>,
    versions: BTreeMap<String, BTreeMap<String, String>>,
    options: BTreeMap<String, Choice>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Choice {
    set: BTreeMap<String, Option<String>>,
    /// What is doubtful, for readers.
    #[serde(rename = "why")]
    _why: String,
    findings: Vec<String>,
    findings_of: BTreeMap<String, Vec<String>>,
}

#[test]
fn rendered_charts() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/conformance/charts.yaml"
    );
    let charts: Charts = serde_norway::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut compared = 0;
    for (version, of_version) in &charts.versions {
        for (name, choice) in &charts.options {
            let mut data = charts.common.clone();
            data.extend(of_version.clone());
            for (key, value) in &choice.set {
                match value {
                    Some(value) => data.insert(key.clone(), value.clone()),
                    None => data.remove(key),
                };
            }
            let mut expected = choice
                .findings_of
                .get(version)
                .unwrap_or(&choice.findings)
                .clone();
            expected.sort();
            assert_eq!(findings(version, &data), expected, "{name} {version}");
            compared += 1;
        }
    }
    assert_eq!(compared, 39);
}

/// The findings of severity warning or above, sorted.
fn findings(version: &str, data: &BTreeMap<String, String>) -> Vec<String> {
    let config = serde_json::json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "kube-system", "name": "cilium-config"},
        "data": data,
    });
    let mut cluster = Cluster::default();
    assert!(cluster.load([config.to_string().as_str()]).is_empty());
    let settings = RawSettings {
        cilium_version: Some(version.to_owned()),
        ..RawSettings::default()
    };
    let report = evaluate(&cluster, &Settings::try_from(settings).unwrap());
    let mut found: Vec<String> = report
        .findings
        .iter()
        .filter_map(|finding| {
            let severity = match finding.severity {
                Severity::Info => return None,
                Severity::Warning => "warning",
                Severity::Error => "error",
            };
            Some(format!("{severity} {}", finding.rule))
        })
        .collect();
    found.sort();
    found
}
