//! What is in a snapshot is what is in the cluster.

use serde_json::Value;

use crate::{Desk, findings, shop};

#[tokio::test]
async fn a_snapshot_gives_the_report_that_the_cluster_gives() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    let taken = desk.run(&["snapshot", "-o", "shop.json"]).await;
    assert_eq!((taken.code, &*taken.err), (0, ""));

    let mut later = desk.checked("shop.json").await;
    let mut live = desk.live().await;
    assert_eq!(later["routes"].as_array().unwrap().len(), 2);
    // The only thing that is known of a file and not of a cluster is when.
    for report in [&mut later, &mut live] {
        report.as_object_mut().unwrap().remove("at");
    }
    assert_eq!(later, live);
}

/// The oracle is the snapshot that kubectl made, with all fields.
#[tokio::test]
async fn what_is_left_out_changes_no_finding_and_no_route() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    let original = crate::snapshots("shop");
    let before = desk.checked(original.to_str().unwrap()).await;
    let live = desk.live().await;
    assert_eq!(before["routes"], live["routes"]);
    assert_eq!(before["withheld"], live["withheld"]);
    let mut expected = findings(&before);
    expected.retain(|(rule, _)| rule != "snapshot/partial");
    assert_eq!(findings(&live), expected);
}

#[tokio::test]
async fn a_snapshot_says_what_it_has() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    desk.run(&["snapshot", "-o", "shop.json"]).await;

    let manifest = desk.manifest("shop.json");
    assert_eq!(manifest["apiVersion"], "podroute.dev/v1alpha1");
    assert_eq!(manifest["kind"], "Snapshot");
    assert_eq!(manifest["redacted"], false);
    assert_eq!(manifest["server"]["version"], "v1.34.0");
    let taken: jiff::Timestamp = manifest["taken"].as_str().unwrap().parse().unwrap();
    assert!(jiff::Timestamp::now() >= taken);
    assert_eq!(desk.kind("shop.json", "Node"), ("listed".to_owned(), 3));
    assert_eq!(desk.kind("shop.json", "Pod"), ("listed".to_owned(), 0));
    // The CRD is not installed: there are none, and that is known.
    assert_eq!(
        desk.kind("shop.json", "CiliumPodIPPool"),
        ("absent".to_owned(), 0)
    );
    // What belongs to other CNIs is not asked for once it shows which one runs.
    let kinds = manifest["kinds"].as_array().unwrap();
    assert!(!kinds.iter().any(|kind| kind["kind"] == "HostSubnet"));
    assert!(cluster.requests("list", "hostsubnets").is_empty());
}

#[tokio::test]
async fn every_kind_is_there_when_asked_for_and_pods_are_not_when_not() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    desk.run(&["snapshot", "-o", "all.json", "--all"]).await;
    assert_eq!(desk.kind("all.json", "HostSubnet").0, "absent");

    cluster.forget();
    desk.run(&["snapshot", "-o", "few.json", "--no-pods"]).await;
    assert!(cluster.requests("list", "pods").is_empty());
    let report = desk.checked("few.json").await;
    let unevaluated = report["notEvaluated"].to_string();
    assert!(unevaluated.contains("pod/wrong-node"), "{unevaluated}");
}

#[tokio::test]
async fn secrets_and_what_nobody_reads_stay_where_they_are() {
    let cluster = shop().await;
    let mut pod: Value = serde_json::json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": "a", "name": "p",
            "annotations": {"vault": "hunter2-annotation"},
            "managedFields": [{"manager": "hunter2-manager"}]},
        "spec": {"nodeName": "shop-worker-1", "containers": [
            {"name": "c", "image": "i", "env": [{"name": "P", "value": "hunter2-env"}],
             "command": ["run", "--password=hunter2-command"]}]},
    });
    pod["status"] = serde_json::json!({"message": "hunter2-status"});
    cluster.apply(pod);
    cluster.apply(serde_json::json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"namespace": "a", "name": "s"}, "data": {"p": "hunter2-secret"},
    }));
    cluster.apply(serde_json::json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "a", "name": "other"}, "data": {"p": "hunter2-config"},
    }));
    let desk = Desk::at(&cluster);
    let run = desk.run(&["snapshot", "--all", "-o", "-"]).await;
    assert_eq!(run.code, 0);
    assert!(run.out.contains("\"name\":\"p\""));
    assert!(!run.out.contains("hunter2"), "{}", run.out);
    assert!(cluster.journal().iter().all(|one| one.plural != "secrets"));
}
