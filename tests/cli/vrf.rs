//! `podroute check --vrf`: what would be done to an exported VRF.

use serde_json::json;

use super::*;

/// The shop wants 10.0.0.0/24 via 192.0.2.11 and 10.0.1.0/24 via 192.0.2.12.
/// Its AKO is called `shop`.
const VRF: &str = r#"{"uuid": "vrfcontext-1", "name": "global", "static_routes": [
    {"route_id": "1", "prefix": {"ip_addr": {"addr": "0.0.0.0", "type": "V4"}, "mask": 0},
     "next_hop": {"addr": "192.0.2.254", "type": "V4"}},
    {"route_id": "shop-6a7c2b52-0", "prefix": {"ip_addr": {"addr": "10.0.0.0", "type": "V4"}, "mask": 24},
     "next_hop": {"addr": "192.0.2.11", "type": "V4"}, "labels": [{"key": "clustername", "value": "shop"}]},
    {"route_id": "shop-0b3e0ccd-0", "prefix": {"ip_addr": {"addr": "10.0.1.0", "type": "V4"}, "mask": 24},
     "next_hop": {"addr": "192.0.2.99", "type": "V4"}, "labels": [{"key": "clustername", "value": "shop"}]},
    {"route_id": "shop-77777777-0", "prefix": {"ip_addr": {"addr": "10.0.77.0", "type": "V4"}, "mask": 24},
     "next_hop": {"addr": "192.0.2.77", "type": "V4"}, "labels": [{"key": "clustername", "value": "shop"}]}
]}"#;

fn check(vrf: &str, options: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vrf.json");
    fs::write(&file, vrf).unwrap();
    let shop = snapshots("shop");
    let mut arguments = vec![
        "check",
        shop.to_str().unwrap(),
        "--vrf",
        file.to_str().unwrap(),
    ];
    arguments.extend(options);
    podroute(&arguments)
}

#[test]
fn the_plan_comes_after_the_report() {
    let run = check(VRF, &[]);
    assert_eq!(run.code, 1, "the shop has findings: {}", run.err);
    let (_, plan) = run.out.split_once("\nPlan for ").unwrap();
    let lines: Vec<&str> = plan.lines().skip(1).collect();
    assert!(
        plan.contains("0 to add, 1 to change, 1 to delete; 1 right, 0 held, 1 of others"),
        "{plan}"
    );
    assert_eq!(
        lines,
        [
            "  ~ 10.0.1.0/24 via 192.0.2.12  (node shop-worker-1; now 192.0.2.99)",
            "  - 10.0.77.0/24 via 192.0.2.77",
        ]
    );
}

#[test]
fn the_plan_alone_is_json() {
    let run = check(VRF, &["--format", "plan-json"]);
    let table = &run.json()["tables"][0];
    assert_eq!(run.json()["schema"], "podroute.plan/v1");
    assert_eq!(
        table["changes"],
        json!([{"prefix": "10.0.1.0/24", "nextHop": "192.0.2.12", "node": "shop-worker-1",
                "fromNextHop": "192.0.2.99"}])
    );
    assert_eq!(
        table["deletes"],
        json!([{"prefix": "10.0.77.0/24", "nextHop": "192.0.2.77"}])
    );
    assert_eq!((&table["right"], &table["foreign"]), (&json!(1), &json!(1)));
}

#[test]
fn under_another_name_all_routes_are_somebody_elses() {
    let run = check(VRF, &["--cluster-name", "shop-2", "--format", "plan-json"]);
    let table = &run.json()["tables"][0];
    assert_eq!(table["deletes"], json!([]));
    assert_eq!(table["foreign"], 4);
    // Both prefixes are taken.
    assert_eq!(table["adds"], json!([]));
    assert_eq!(table["held"].as_array().unwrap().len(), 2);
}

#[test]
fn what_is_no_vrf_is_refused_with_the_file() {
    for text in [
        "",
        "[]",
        "{\"static_routes\": 7}",
        "{\"count\": 2, \"results\": [{}, {}]}",
    ] {
        let run = check(text, &[]);
        assert_eq!(run.code, 2, "{text}: {}", run.out);
        assert!(run.err.contains("vrf.json"), "{text}: {}", run.err);
    }
    let shop = snapshots("shop");
    let run = podroute(&["check", shop.to_str().unwrap(), "--format", "plan-json"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("--vrf FILE"), "{}", run.err);
}
