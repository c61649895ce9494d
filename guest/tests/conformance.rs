//! The conformance tables of tests/conformance, asked of the policy built
//! natively: quicker than asking the component, which must say the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../../tests/conformance/table.rs"]
mod table;

use podroute_policy::cluster::Cluster;
use podroute_policy::evaluate::evaluate;
use podroute_policy::objects::{Key, Kind};
use podroute_policy::report::Report;
use podroute_policy::settings::{RawSettings, Settings};
use table::{Case, simulate};

#[test]
fn ako_table() {
    for case in table::cases() {
        run(&case);
    }
}

#[test]
fn peers_table() {
    let mut failures = Vec::new();
    for case in table::peer_cases() {
        let settings = serde_json::Value::Object(case.settings);
        let raw: RawSettings = serde_json::from_value(settings).unwrap();
        let settings = Settings::try_from(raw).unwrap();
        let mut cluster = Cluster::default();
        let objects: Vec<String> = case.objects.iter().map(ToString::to_string).collect();
        let problems = cluster.upsert(objects.iter().map(String::as_str));
        assert_eq!(problems, [], "{}", case.id);
        let report = evaluate(&cluster, &settings);
        let found = routes(&report);
        if found != case.routes {
            failures.push(format!("{}: {found:?}, not {:?}", case.id, case.routes));
        }
        for rule in &case.findings {
            if !has_finding(&report, rule) {
                failures.push(format!("{}: no {rule}", case.id));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

fn run(case: &Case) {
    let mut cluster = Cluster::default();
    let base = case.base_objects();
    cluster.upsert(base.iter().map(String::as_str));
    for (number, step) in case.steps.iter().enumerate() {
        let at = format!("{} step {}", case.id, number + 1);
        let objects = step.objects();
        let problems = cluster.upsert(objects.iter().map(String::as_str));
        assert_eq!(problems, [], "{at}");
        if let Some((kind, name)) = step.removed() {
            let was_there = cluster.remove(&Key {
                kind: Kind::named(kind).unwrap(),
                namespace: String::new(),
                name: name.to_owned(),
            });
            assert!(was_there, "{at}");
        }
        let report = evaluate(&cluster, &Settings::default());
        let (podroute, ako) = step.expected();
        assert_eq!(routes(&report), podroute, "{at}: podroute");
        let (simulated, errors) = simulate(&cluster);
        assert_eq!(simulated, ako, "{at}: AKO");
        if let Some(part) = &step.error {
            assert!(
                errors.iter().any(|error| error.contains(part)),
                "{at}: {errors:?}"
            );
        }
        if let Some(rule) = &step.finding {
            assert!(has_finding(&report, rule), "{at}: no {rule}");
        }
    }
}

fn has_finding(report: &Report, rule: &str) -> bool {
    report.findings.iter().any(|finding| finding.rule == rule)
}

fn routes(report: &Report) -> Vec<String> {
    report
        .routes
        .iter()
        .map(|route| format!("{} via {}", route.prefix, route.next_hop))
        .collect()
}
