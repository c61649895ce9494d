//! What is seen from outside: Events, the ClusterReport, metrics, and no
//! secret in the log.

use std::time::Duration;

use serde_json::{Value, json};

use crate::avi::{Controller, Fault};
use crate::cluster::{add_nodes, cilium, cilium_node, node, remove_nodes};
use crate::kube::{Cluster, until};
use crate::looking::until_async;
use crate::podroute::{Podroute, Start};
use crate::vrf::{of_nodes, routes, with};

const PUT: &str = "PUT /api/vrfcontext/";

/// The Events with a reason: the object's kind and name, and the note.
fn events(cluster: &Cluster, reason: &str) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut events = cluster.all("Event");
    events.retain(|event| event["reason"] == reason);
    let parts = events.iter().map(|event| {
        let regarding = &event["regarding"];
        (
            text(&regarding["kind"]),
            text(&regarding["name"]),
            text(&event["note"]),
        )
    });
    parts.collect()
}

/// The rules of which the ClusterReport has a result that is no pass.
fn reported(cluster: &Cluster, outcome: &str) -> Vec<String> {
    let reports = cluster.all("ClusterReport");
    let results = reports.iter().flat_map(|report| {
        let results = report["results"].as_array();
        results.into_iter().flatten()
    });
    results
        .filter(|result| result["result"] == outcome)
        .map(|result| result["policy"].as_str().unwrap().to_owned())
        .collect()
}

async fn findings(podroute: &Podroute, rule: &str, severity: &str) -> f64 {
    let line = format!("podroute_findings{{rule=\"{rule}\",severity=\"{severity}\"}}");
    podroute.metric(&line).await.unwrap_or_default()
}

const RESTARTS: &str = "podroute_watch_restarts_total{kind=\"CiliumNode\"}";
const V4: &str = ",family=\"ipv4\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_withheld_route_is_told_everywhere_and_made_once_it_can_be() {
    const RULE: &str = "route/duplicate-prefix";
    let cluster = cilium().await;
    cluster.install_known("ClusterReport");
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    until("both", || routes(&controller) == of_nodes(1..=2)).await;
    until("a report without it", || {
        !cluster.all("ClusterReport").is_empty()
            && !reported(&cluster, "fail").contains(&RULE.to_owned())
    })
    .await;

    // A node that says it has the pod CIDR of the first; the name comes
    // before.
    cluster.apply(node("a1", "192.0.2.101"));
    cluster.apply(cilium_node("a1", "10.0.1.0/24"));
    until("the Event on the node", || {
        let told = events(&cluster, "RouteWithheld");
        told.iter().any(|(kind, name, note)| {
            kind == "Node" && name == "a1" && note.contains("10.0.1.0/24") && note.contains(RULE)
        })
    })
    .await;
    until("the result in the report", || {
        reported(&cluster, "fail").contains(&RULE.to_owned())
    })
    .await;
    let report = cluster.all("ClusterReport").remove(0);
    assert_eq!(report["metadata"]["name"], "podroute-shop");
    let both_are_named = report["results"].as_array().unwrap().iter().any(|result| {
        let text = result.to_string();
        result["policy"] == RULE && text.contains("\"a1\"") && text.contains("\"w1\"")
    });
    assert!(both_are_named, "{report}");
    assert!(findings(&podroute, RULE, "error").await > 0.5);
    assert!(podroute.of_table("routes_withheld", V4).await > 0.5);
    let withheld = podroute.json("/routes").await["withheld"].clone();
    assert_eq!(withheld[0]["prefix"], "10.0.1.0/24");
    assert_eq!(withheld[0]["node"], "a1");
    // Whoever had the route keeps it.
    assert_eq!(routes(&controller), of_nodes(1..=2));

    remove_nodes(&cluster, [1]);
    until("the route of the other", || {
        routes(&controller)
            == [
                "10.0.1.0/24 via 192.0.2.101 (shop)",
                "10.0.2.0/24 via 192.0.2.2 (shop)",
            ]
    })
    .await;
    until("a report without it", || {
        !reported(&cluster, "fail").contains(&RULE.to_owned())
    })
    .await;
    until_async("no finding", async || {
        findings(&podroute, RULE, "error").await < 0.5
    })
    .await;
    assert!(podroute.of_table("routes_withheld", V4).await < 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_write_and_a_repair_are_told_on_the_lease() {
    let cluster = cilium().await;
    add_nodes(&cluster, [1]);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let refusal = json!({"error": "no more routes"}).to_string();
    controller.fail_next(PUT, Fault::Answer(400, refusal));
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--drift-interval", "0.2", "--window", "0"])
        .run();
    until("the route", || routes(&controller) == of_nodes([1])).await;
    let told = |reason: &str, words: &str| {
        events(&cluster, reason)
            .iter()
            .any(|(kind, name, note)| kind == "Lease" && name == "podroute" && note.contains(words))
    };
    until("the failure is told", || {
        told("RouteWriteFailed", "no more routes")
    })
    .await;

    until_async("a second look", async || podroute.reads().await >= 3.0).await;
    controller.set_vrf(&with(&[]));
    until("the repair is told", || told("DriftRepaired", "1 routes")).await;
    // Without the API for reports there is none, and no word about it.
    assert!(cluster.all("ClusterReport").is_empty());
    let log = podroute.log();
    let mut complaints = log
        .lines()
        .filter(|line| line.contains("WARN") || line.contains("ERROR"));
    let word = complaints.find(|line| line.contains("ClusterReport"));
    assert_eq!(word, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_that_is_promised_is_there_and_moves() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[
        ("1", "203.0.113.0/24", "192.0.2.254", None),
        ("2", "10.0.4.0/24", "192.0.2.254", None),
    ]));
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--drift-interval", "0.2", "--window", "0"])
        .run();
    podroute.ready().await;
    let is = async |name: &str, labels: &str, value: f64| {
        until_async(&format!("{name}{{{labels}}} is {value}"), async || {
            (podroute.of_table(name, labels).await - value).abs() < 0.1
        })
        .await;
    };
    is("routes_applied", V4, 3.0).await;
    is("routes_desired", V4, 3.0).await;
    is("routes_failed", V4, 0.0).await;
    is("routes_withheld", V4, 0.0).await;
    is("routes_foreign", V4, 2.0).await;
    is("routes_foreign", ",family=\"ipv6\"", 0.0).await;
    is("table_write_duration_seconds_count", "", 1.0).await;
    is("drift_repaired_total", "", 0.0).await;
    let success = podroute
        .of_table("last_success_timestamp_seconds", "")
        .await;
    assert!(success > 1_700_000_000.0, "{success}");

    // A route of somebody else is in the way of one of ours.
    add_nodes(&cluster, [4]);
    is("routes_withheld", V4, 1.0).await;
    is("routes_desired", V4, 4.0).await;
    remove_nodes(&cluster, [4]);
    is("routes_withheld", V4, 0.0).await;

    podroute.looks_again().await;
    let applied = podroute
        .of_table("event_to_applied_seconds_count", "")
        .await;

    // A write that is overtaken, then refused, then accepted.
    let mut first = controller.pause_before(PUT);
    controller.fail_next(PUT, Fault::Answer(400, "{}".to_owned()));
    let mut third = controller.pause_before(PUT);
    add_nodes(&cluster, [5]);
    first.reached().await;
    is("plan_routes", ",change=\"add\"", 1.0).await;
    // Somebody else is faster.
    controller.set_vrf(&controller.vrf("global"));
    first.release();
    third.reached().await;
    is("routes_failed", V4, 1.0).await;
    is("table_failing", "", 1.0).await;
    is("table_writes_total", ",result=\"conflict\"", 1.0).await;
    is("table_writes_total", ",result=\"refused\"", 1.0).await;
    let stood_still = podroute
        .of_table("last_success_timestamp_seconds", "")
        .await;
    third.release();
    is("routes_applied", V4, 4.0).await;
    is("routes_failed", V4, 0.0).await;
    is("table_failing", "", 0.0).await;
    is("plan_routes", ",change=\"add\"", 0.0).await;
    is("table_write_duration_seconds_count", "", 4.0).await;
    is("event_to_applied_seconds_count", "", applied + 1.0).await;
    until_async("the time of success moves on", async || {
        let now = podroute
            .of_table("last_success_timestamp_seconds", "")
            .await;
        now > stood_still
    })
    .await;

    // Drift.
    let reads = podroute.reads().await;
    until_async("a quiet look", async || {
        podroute.reads().await > reads + 1.0
    })
    .await;
    let mut vrf: Value = serde_json::from_str(&controller.vrf("global")).unwrap();
    vrf["static_routes"].as_array_mut().unwrap().pop();
    controller.set_vrf(&vrf.to_string());
    is("drift_repaired_total", "", 1.0).await;

    // Watches that break off.
    let before = podroute.metric(RESTARTS).await.unwrap();
    cluster.drop_watches();
    until_async("a watch was begun anew", async || {
        podroute.metric(RESTARTS).await.unwrap() > before
    })
    .await;

    // A node of which Cilium knows nothing.
    cluster.apply(node("w9", "192.0.2.9"));
    until_async("a finding by its rule", async || {
        findings(&podroute, "node/cilium-node-missing", "error").await > 0.5
    })
    .await;
    cluster.delete("Node", "", "w9");
    until_async("no finding", async || {
        findings(&podroute, "node/cilium-node-missing", "error").await < 0.5
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_log() {
    for level in ["trace", "trace,podroute=trace"] {
        let cluster = cilium().await;
        add_nodes(&cluster, [1]);
        let controller = Controller::start();
        controller.set_vrf(&with(&[]));
        // Logins with a wrong password, a right one and a token.
        controller.write_file("password", "hunter2-wrong\n");
        let podroute = Start::avi(&cluster, &controller)
            .set("--log-level", level)
            .with(&["--drift-interval", "0.2", "--window", "0"])
            .run();
        podroute.says("does not let user admin in").await;
        controller.write_file("password", "hunter2-admin\n");
        until("the route", || routes(&controller) == of_nodes([1])).await;
        controller.rotate_csrf_tokens();
        controller.add_token("hunter2-token");
        controller.write_file("authtoken", "hunter2-token\n");
        controller.expire_sessions();
        add_nodes(&cluster, [2]);
        until("another", || routes(&controller) == of_nodes(1..=2)).await;
        let with_token = controller.requests("POST /login").into_iter();
        assert!(with_token.last().unwrap().body.contains("hunter2-token"));
        tokio::time::sleep(Duration::from_millis(100)).await;

        let log = podroute.log();
        assert!(log.contains("10.0.2.0/24"));
        for secret in [
            "hunter2",
            "simulated-token",
            "sessionid=",
            "session-1",
            "csrf-",
        ] {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{level}: {secret}");
        }
    }
}
