//! What is shown as JSON.

use std::fs;
use std::path::Path;
use std::time::Instant;

use podroute::daemon::status::{
    ByFamily, Failure, FindingCount, Held, Kind, Leadership, PlanSize, PolicyState, ReportSummary,
    Role, Routes, Severity, Status, Table,
};
use serde_json::{Value, json};

use crate::daemon::Daemon;

/// What is wrong with a document by the schema that it names.
fn wrong(document: &Value) -> Vec<String> {
    let name = document["schema"].as_str().unwrap().replace('/', ".");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../wit/schema/{name}.json"));
    let schema = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[tokio::test]
async fn routes_and_plan_are_what_their_schemas_say() {
    let daemon = Daemon::start(&[]);
    for path in ["/routes", "/plan"] {
        let document = daemon.json(path).await;
        assert_eq!(wrong(&document), Vec::<String>::new(), "{path}");
        // And the schema can fail.
        let mut extra = document.clone();
        extra["extra"] = Value::Null;
        assert_ne!(wrong(&extra), Vec::<String>::new(), "{path}");
        for field in document.as_object().unwrap().keys() {
            if field != "schema" {
                let mut less = document.clone();
                less.as_object_mut().unwrap().remove(field);
                assert_ne!(wrong(&less), Vec::<String>::new(), "{path} without {field}");
            }
        }
    }
}

#[tokio::test]
async fn routes_and_plan_are_documents_with_a_schema() {
    let daemon = Daemon::start(&[]);
    let route = json!({"prefix": "10.244.1.0/24", "nextHop": "192.0.2.11", "node": "worker-1"});
    assert_eq!(
        daemon.json("/routes").await,
        json!({
            "schema": "podroute.routes/v1",
            "routes": [route],
            "withheld": [],
            "undecided": [],
        })
    );
    assert_eq!(
        daemon.json("/plan").await,
        json!({
            "schema": "podroute.plan/v1",
            "tables": [{
                "table": "avi vrf global",
                "read": "2026-01-31T12:00:00Z",
                "dryRun": false,
                "adds": [route],
                "changes": [{
                    "prefix": "10.244.2.0/24",
                    "nextHop": "192.0.2.12",
                    "node": "worker-2",
                    "fromNextHop": "192.0.2.99",
                }],
                "deletes": [{"prefix": "10.244.9.0/24", "nextHop": "192.0.2.19"}],
                "right": 3,
                "foreign": 2,
                "withheld": [{
                    "prefix": "10.244.7.0/24",
                    "nextHop": null,
                    "node": "worker-7",
                    "rule": "node/no-next-hop",
                }],
                "held": [{"routes": 1, "why": "it has to be confirmed"}],
                "confirmation": {"token": "5f2c", "deletes": 1, "share": 0.25},
            }],
        })
    );
}

fn status() -> Status {
    let time = |text: &str| text.parse().unwrap();
    let unreadable = Kind::Unreadable {
        reason: "forbidden".to_owned(),
        synced_before: false,
    };
    let table = Table {
        last_read: Some(time("2026-01-31T12:00:00Z")),
        error: Some(Failure {
            at: time("2026-01-31T12:00:01Z"),
            text: "the controller answers 412".to_owned(),
        }),
        routes: ByFamily {
            ipv4: Routes {
                desired: 2,
                applied: 1,
                failed: 1,
                ..Routes::default()
            },
            ipv6: Routes::default(),
        },
        plan: PlanSize {
            adds: 1,
            ..PlanSize::default()
        },
        held: vec![Held {
            routes: 4,
            why: "the share of deletes is too large".to_owned(),
        }],
        ..Table::default()
    };
    Status {
        started: time("2026-01-31T11:00:00Z"),
        kinds: [
            ("CiliumNode".to_owned(), Kind::NotWanted),
            ("Node".to_owned(), Kind::Synced),
            ("Pod".to_owned(), unreadable),
        ]
        .into(),
        leadership: Leadership {
            role: Role::Follower,
            holder: Some("podroute-0".to_owned()),
        },
        tables: [("avi vrf global".to_owned(), table)].into(),
        report: Some(ReportSummary {
            at: time("2026-01-31T11:59:00Z"),
            since: Instant::now(),
            findings: vec![FindingCount {
                rule: "node/host-bits".to_owned(),
                severity: Severity::Warning,
                count: 2,
            }],
            withheld: ByFamily { ipv4: 3, ipv6: 0 },
            undecided: vec!["the CNI is not known".to_owned()],
        }),
        policy: PolicyState {
            restarts: 1,
            last_error: Some("the policy crashed".to_owned()),
        },
    }
}

#[tokio::test]
async fn the_status_shows_everything() {
    let daemon = Daemon::start(&[]);
    daemon.fake.board.change(|shown| *shown = status());
    let counts = |desired, applied, failed| {
        json!({
            "desired": desired, "applied": applied, "failed": failed,
            "withheld": 0, "foreign": 0, "held": 0,
        })
    };
    assert_eq!(
        daemon.json("/status").await,
        json!({
            "schema": "podroute.status/v1",
            "version": "0.1.0",
            "ready": false,
            "missing": ["Pod has not been listed in full yet: forbidden"],
            "hanging": [],
            "started": "2026-01-31T11:00:00Z",
            "kinds": {
                "CiliumNode": {"state": "not-wanted"},
                "Node": {"state": "synced"},
                "Pod": {"state": "unreadable", "reason": "forbidden", "syncedBefore": false},
            },
            "leadership": {"role": "follower", "holder": "podroute-0"},
            "tables": {"avi vrf global": {
                "lastRead": "2026-01-31T12:00:00Z",
                "lastWrite": null,
                "lastSuccess": null,
                "error": {"at": "2026-01-31T12:00:01Z", "text": "the controller answers 412"},
                "routes": {"ipv4": counts(2, 1, 1), "ipv6": counts(0, 0, 0)},
                "plan": {"adds": 1, "changes": 0, "deletes": 0},
                "held": [{"routes": 4, "why": "the share of deletes is too large"}],
                "confirmation": null,
                "dryRun": false,
            }},
            "report": {
                "at": "2026-01-31T11:59:00Z",
                "findings": [{"rule": "node/host-bits", "severity": "warning", "count": 2}],
                "withheld": {"ipv4": 3, "ipv6": 0},
                "undecided": ["the CNI is not known"],
            },
            "policy": {"restarts": 1, "lastError": "the policy crashed"},
        })
    );
}
