//! The ClusterReport: what the policy found, in the form that openreports.io
//! defines, where that is installed.

use std::time::Duration;

use axum::http::Method;
use podroute::daemon::cluster_report::{
    ClusterReport, Finding, Findings, NotEvaluated, Object, Outcome, Severity,
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::simulator::{ApiServer, Network};

const PATH: &str = "/apis/openreports.io/v1alpha1/clusterreports/podroute-default";
const MINUTE: Duration = Duration::from_mins(1);

fn installed() -> ApiServer {
    let server = ApiServer::start();
    server.install_open_reports();
    server
}

fn finding(severity: Severity, rule: &str, node: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        message: format!("{node} has no pod CIDR."),
        effect: "Its pods are not reached.".to_owned(),
        fix: "Restart the agent.".to_owned(),
        reference: String::new(),
        objects: vec![Object {
            kind: "CiliumNode".to_owned(),
            namespace: None,
            name: node.to_owned(),
            field: Some("spec.ipam.podCIDRs".to_owned()),
        }],
    }
}

fn errors(findings: Vec<Finding>) -> Findings {
    Findings {
        findings,
        ..Findings::default()
    }
}

/// The stored report without what the server added and without times.
fn stored(server: &ApiServer) -> Value {
    let mut report = server.get(PATH).unwrap();
    let metadata = report["metadata"].as_object_mut().unwrap();
    metadata.remove("uid");
    metadata.remove("resourceVersion");
    for result in report["results"].as_array_mut().unwrap() {
        let time = result.as_object_mut().unwrap().remove("timestamp");
        assert!(time.unwrap()["seconds"].as_i64().unwrap() > 1_700_000_000);
    }
    report
}

fn version(server: &ApiServer) -> Value {
    server.get(PATH).unwrap()["metadata"]["resourceVersion"].clone()
}

#[tokio::test(start_paused = true)]
async fn findings_become_results() {
    let server = installed();
    let mut report = ClusterReport::new(server.client("a"), None);
    let mut in_namespace = finding(Severity::Warning, "ako/delete-config", "avi-k8s-config");
    in_namespace.reference = "https://docs.example.org/ako".to_owned();
    in_namespace.objects = vec![Object {
        kind: "ConfigMap".to_owned(),
        namespace: Some("avi-system".to_owned()),
        name: "avi-k8s-config".to_owned(),
        field: None,
    }];

    let outcome = report
        .publish(&Findings {
            findings: vec![
                finding(Severity::Error, "node/no-pod-cidr", "worker-1"),
                in_namespace,
                finding(Severity::Info, "node/not-ready", "worker-2"),
            ],
            not_evaluated: vec![NotEvaluated {
                rule: "node/next-hop-unreachable".to_owned(),
                missing: vec!["the setting connectedNetworks".to_owned()],
            }],
            undecided: vec!["the CNI is not known".to_owned()],
            passed: 70,
        })
        .await;

    assert_eq!(outcome, Outcome::Written);
    assert_eq!(
        stored(&server),
        json!({
            "apiVersion": "openreports.io/v1alpha1", "kind": "ClusterReport",
            "metadata": {
                "name": "podroute-default",
                "labels": {"app.kubernetes.io/managed-by": "podroute"},
            },
            "source": "podroute",
            "summary": {"pass": 71, "fail": 1, "warn": 1, "error": 1, "skip": 1},
            "results": [
                {
                    "source": "podroute", "policy": "podroute/undecided", "category": "podroute",
                    "result": "error", "severity": "high",
                    "message": "No verdict on the routes: the CNI is not known",
                },
                {
                    "source": "podroute", "policy": "node/no-pod-cidr", "category": "node",
                    "result": "fail", "severity": "high", "message": "worker-1 has no pod CIDR.",
                    "properties": {"effect": "Its pods are not reached.", "fix": "Restart the agent."},
                    "resources": [{
                        "apiVersion": "cilium.io/v2", "kind": "CiliumNode", "name": "worker-1",
                        "fieldPath": "spec.ipam.podCIDRs",
                    }],
                },
                {
                    "source": "podroute", "policy": "ako/delete-config", "category": "ako",
                    "result": "warn", "severity": "medium", "message": "avi-k8s-config has no pod CIDR.",
                    "properties": {
                        "effect": "Its pods are not reached.", "fix": "Restart the agent.",
                        "reference": "https://docs.example.org/ako",
                    },
                    "resources": [{
                        "apiVersion": "v1", "kind": "ConfigMap", "namespace": "avi-system",
                        "name": "avi-k8s-config",
                    }],
                },
                {
                    "source": "podroute", "policy": "node/not-ready", "category": "node",
                    "result": "pass", "severity": "info", "message": "worker-2 has no pod CIDR.",
                    "properties": {"effect": "Its pods are not reached.", "fix": "Restart the agent."},
                    "resources": [{
                        "apiVersion": "cilium.io/v2", "kind": "CiliumNode", "name": "worker-2",
                        "fieldPath": "spec.ipam.podCIDRs",
                    }],
                },
                {
                    "source": "podroute", "policy": "node/next-hop-unreachable", "category": "node",
                    "result": "skip", "severity": "info",
                    "message": "Not judged for want of the setting connectedNetworks.",
                },
            ],
        })
    );
}

#[tokio::test(start_paused = true)]
async fn a_report_is_written_when_it_says_something_new() {
    let server = installed();
    let mut report = ClusterReport::new(server.client("a"), None);
    let one = errors(vec![finding(
        Severity::Error,
        "node/no-pod-cidr",
        "worker-1",
    )]);

    assert_eq!(report.publish(&one).await, Outcome::Written);
    assert_eq!(report.publish(&one).await, Outcome::Unchanged);
    assert_eq!(server.count(&Method::PATCH, "clusterreports"), 1);
    assert_eq!(report.publish(&Findings::default()).await, Outcome::Written);

    let nothing = json!({"pass": 0, "fail": 0, "warn": 0, "error": 0, "skip": 0});
    assert_eq!(stored(&server)["summary"], nothing);
    assert_eq!(stored(&server)["results"], json!([]));
    // One request to find the API, and none after that.
    assert_eq!(server.count(&Method::GET, "openreports"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_report_that_somebody_deletes_comes_back() {
    let server = installed();
    let mut report = ClusterReport::new(server.client("a"), None);
    let one = errors(vec![finding(
        Severity::Error,
        "node/no-pod-cidr",
        "worker-1",
    )]);
    report.publish(&one).await;
    let before = stored(&server);
    let first = version(&server);

    // Written again it is the same to the last byte: nothing happens.
    sleep(11 * MINUTE).await;
    assert_eq!(report.publish(&one).await, Outcome::Written);
    assert_eq!(version(&server), first);

    server.delete(PATH);
    sleep(11 * MINUTE).await;
    assert_eq!(report.publish(&one).await, Outcome::Written);
    assert_eq!(stored(&server), before);
}

#[tokio::test(start_paused = true)]
async fn the_api_may_be_installed_later() {
    let server = ApiServer::start();
    let mut report = ClusterReport::new(server.client("a"), None);
    let missing = Outcome::NotWritten(
        "the API openreports.io/v1alpha1 is not installed in the cluster".to_owned(),
    );

    for _ in 0..4 {
        assert_eq!(report.publish(&Findings::default()).await, missing);
        sleep(MINUTE).await;
    }
    server.install_open_reports();
    assert_eq!(report.publish(&Findings::default()).await, missing);
    assert_eq!(server.count(&Method::GET, "openreports"), 1);

    sleep(MINUTE).await;
    assert_eq!(report.publish(&Findings::default()).await, Outcome::Written);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_allowed_is_said_with_what_to_allow() {
    let server = installed();
    server.forbid("/clusterreports");
    let mut report = ClusterReport::new(server.client("a"), None);

    let Outcome::NotWritten(reason) = report.publish(&Findings::default()).await else {
        panic!("written");
    };

    assert_eq!(
        reason,
        "clusterreports.openreports.io is forbidden: User \"system:serviceaccount:podroute-system:podroute\" cannot patch resource \"clusterreports\" in API group \"openreports.io\" (HTTP 403); allow create and patch on clusterreports (openreports.io)"
    );
    server.allow("/clusterreports");
    sleep(6 * MINUTE).await;
    assert_eq!(report.publish(&Findings::default()).await, Outcome::Written);
}

#[tokio::test(start_paused = true)]
async fn an_api_server_that_does_not_answer_holds_nobody_up() {
    let server = installed();
    server.set_network("a", Network::Silent);
    let mut report = ClusterReport::new(server.client("a"), None);

    let Outcome::NotWritten(reason) = report.publish(&Findings::default()).await else {
        panic!("written");
    };

    assert_eq!(reason, "the API server does not answer");
    server.set_network("a", Network::Fine);
    sleep(MINUTE).await;
    assert_eq!(report.publish(&Findings::default()).await, Outcome::Written);
}

#[tokio::test(start_paused = true)]
async fn of_too_many_findings_the_worst_are_written() {
    let server = installed();
    let mut report = ClusterReport::new(server.client("a"), None);
    let mut findings: Vec<Finding> = (0..4_000)
        .map(|n| finding(Severity::Warning, "node/not-ready", &format!("worker-{n}")))
        .collect();
    for n in 0..2_000 {
        let name = format!("worker-{n}");
        findings.push(finding(Severity::Error, "node/no-pod-cidr", &name));
    }

    assert_eq!(report.publish(&errors(findings)).await, Outcome::Written);

    let written = server.get(PATH).unwrap();
    assert!(written.to_string().len() < 1 << 20);
    let results = written["results"].as_array().unwrap();
    assert_eq!(results[1_999]["result"], "fail");
    assert_eq!(results[2_000]["result"], "warn");
    let left_out = (6_000 - results.len()).to_string();
    assert_eq!(
        written["metadata"]["annotations"],
        json!({"podroute.dev/results-left-out": left_out})
    );
    assert_eq!(
        written["summary"],
        json!({"pass": 0, "fail": 2_000, "warn": 4_000, "error": 0, "skip": 0})
    );
}

#[tokio::test(start_paused = true)]
async fn one_finding_about_the_whole_cluster_fits() {
    let server = installed();
    let mut report = ClusterReport::new(server.client("a"), None);
    let mut all = finding(Severity::Error, "node/no-pod-cidr", "worker-0");
    all.objects = vec![all.objects[0].clone(); 5_000];
    all.message = "ü".repeat(5_000);

    assert_eq!(report.publish(&errors(vec![all])).await, Outcome::Written);

    let result = &stored(&server)["results"][0];
    assert_eq!(result["resources"].as_array().unwrap().len(), 100);
    assert_eq!(result["properties"]["objectsLeftOut"], "4900");
    // 2,046 characters of two bytes and the mark of three: 4,095 of 4,096.
    assert_eq!(result["message"], "ü".repeat(2_046) + "…");
}

#[test]
fn the_report_is_named_after_the_cluster() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _inside = runtime.enter();
    let server = ApiServer::start();
    let name = |cluster| {
        let report = ClusterReport::new(server.client("a"), cluster);
        report.name().to_owned()
    };

    assert_eq!(name(None), "podroute-default");
    assert_eq!(name(Some("")), "podroute-default");
    assert_eq!(name(Some("east")), "podroute-east");
    assert_eq!(name(Some("East_1/Ä.")), "podroute-east-1");
    assert_eq!(name(Some(&"x".repeat(400))).len(), 209);
}
