//! The conformance tables: what AKO's own tests expect, asked of the component
//! (podroute's routes) and of the simulation of AKO (what
//! ako/cni-plugin-mismatch compares with); and what other systems make of a
//! cluster, beside what podroute makes of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "conformance/table.rs"]
mod table;

use podroute::Policy;
use podroute::policy::{ObjectKey, Report, Settings};
use podroute_policy::cluster::Cluster as NativeCluster;
use podroute_policy::objects::{Key, Kind};
use table::{Case, simulate};

#[test]
fn ako_table() {
    let policy = Policy::built_in().unwrap();
    for case in table::cases() {
        run(&policy, &case);
    }
}

#[test]
fn peers_table() {
    let policy = Policy::built_in().unwrap();
    for case in table::peer_cases() {
        let settings = Settings {
            cni: case
                .settings
                .get("cni")
                .map(|cni| cni.as_str().unwrap().to_owned()),
            ..Settings::default()
        };
        let mut cluster = policy.open(&settings).unwrap();
        let objects: Vec<String> = case.objects.iter().map(ToString::to_string).collect();
        assert_eq!(cluster.upsert(&objects).unwrap(), [], "{}", case.id);
        let report = cluster.report().unwrap();
        assert_eq!(routes(&report), case.routes, "{}", case.id);
        for rule in &case.findings {
            assert!(has_finding(&report, rule), "{}: no {rule}", case.id);
        }
    }
}

fn run(policy: &Policy, case: &Case) {
    let mut cluster = policy.open(&Settings::default()).unwrap();
    let mut native = NativeCluster::default();
    let base = case.base_objects();
    assert_eq!(cluster.upsert(&base).unwrap(), []);
    native.upsert(base.iter().map(String::as_str));

    for (number, step) in case.steps.iter().enumerate() {
        let at = format!("{} step {}", case.id, number + 1);
        let objects = step.objects();
        assert_eq!(cluster.upsert(&objects).unwrap(), [], "{at}");
        native.upsert(objects.iter().map(String::as_str));
        if let Some((kind, name)) = step.removed() {
            let removed = cluster.remove(&ObjectKey {
                kind: kind.to_owned(),
                namespace: None,
                name: name.to_owned(),
            });
            assert!(removed.unwrap(), "{at}");
            native.remove(&Key {
                kind: Kind::named(kind).unwrap(),
                namespace: String::new(),
                name: name.to_owned(),
            });
        }
        let report = cluster.report().unwrap();
        let (podroute, ako) = step.expected();
        assert_eq!(routes(&report), podroute, "{at}: podroute");
        let (simulated, errors) = simulate(&native);
        assert_eq!(simulated, ako, "{at}: AKO");
        if let Some(part) = &step.error {
            assert!(
                errors.iter().any(|error| error.contains(part)),
                "{at}: {errors:?}"
            );
        }
        if let Some(rule) = &step.finding {
            assert!(
                has_finding(&report, rule),
                "{at}: no {rule} in {:?}",
                report.findings
            );
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
