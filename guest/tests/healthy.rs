//! One healthy cluster per CNI (tests/snapshots): the CNI is found, the routes
//! are those that were worked out by hand (tests/conformance/healthy), and
//! nothing is open or wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;
use std::path::{Path, PathBuf};

use podroute_policy::cluster::Cluster;
use podroute_policy::evaluate::evaluate;
use podroute_policy::report::{Report, Severity};
use podroute_policy::settings::Settings;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    cni: String,
    /// Where pod CIDRs are read; none where no node has any.
    source: Option<String>,
    routes: Vec<String>,
    /// Rules that have something to say all the same: they inform.
    #[serde(default)]
    findings: Vec<String>,
}

#[test]
fn healthy_clusters() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let tables = tables(&tests.join("conformance/healthy"));
    assert!(tables.len() >= 15, "{tables:?}");
    let mut failures = Vec::new();
    for table in tables {
        let name = table.file_stem().unwrap();
        let snapshot = tests.join("snapshots").join(name).join("cluster.yaml");
        let expected = fs::read_to_string(&table).unwrap();
        let expected: Expected = serde_norway::from_str(&expected).unwrap();
        let report = report_on(&fs::read_to_string(snapshot).unwrap());
        for difference in differences(&expected, &report) {
            failures.push(format!("{}: {difference}", name.display()));
        }
    }
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

/// What is expected, a file per snapshot.
fn tables(folder: &Path) -> Vec<PathBuf> {
    let mut tables: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    tables.sort();
    tables
}

fn report_on(yaml: &str) -> Report {
    let documents: Vec<String> = serde_norway::Deserializer::from_str(yaml)
        .map(|document| serde_json::Value::deserialize(document).unwrap())
        .map(|document| document.to_string())
        .collect();
    let mut cluster = Cluster::default();
    let problems = cluster.load(documents.iter().map(String::as_str));
    assert_eq!(problems, []);
    evaluate(&cluster, &Settings::default())
}

fn differences(expected: &Expected, report: &Report) -> Vec<String> {
    let mut differences = Vec::new();
    let mut compare = |what: &str, found: &[String], expected: &[String]| {
        if found != expected {
            differences.push(format!("{what}: {found:#?}, not {expected:#?}"));
        }
    };
    let some = |text: Option<&String>| text.into_iter().cloned().collect::<Vec<_>>();
    let facts = &report.cluster;
    compare(
        "CNI",
        &[facts.cni.to_owned()],
        std::slice::from_ref(&expected.cni),
    );
    compare(
        "source",
        &some(facts.pod_cidr_source.as_ref()),
        &some(expected.source.as_ref()),
    );
    let routes: Vec<String> = report
        .routes
        .iter()
        .map(|route| format!("{} via {}", route.prefix, route.next_hop))
        .collect();
    compare("routes", &routes, &expected.routes);
    compare("undecided", &report.undecided, &[]);
    let alarms: Vec<String> = report
        .findings
        .iter()
        .filter(|finding| finding.severity != Severity::Info)
        .map(|finding| format!("{}: {}", finding.rule, finding.message))
        .collect();
    compare("alarms", &alarms, &[]);
    let told: Vec<String> = report
        .findings
        .iter()
        .map(|finding| finding.rule.to_owned())
        .filter(|rule| rule.starts_with("cni/"))
        .collect();
    compare("findings", &told, &expected.findings);
    differences
}
