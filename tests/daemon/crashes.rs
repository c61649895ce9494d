//! The policy runs out of memory, and podroute goes on.

use serde_json::{Value, json};

use crate::avi::Controller;
use crate::cluster::{add_nodes, cilium, cilium_config, node};
use crate::kube::Cluster;
use crate::podroute::{Podroute, Start};
use crate::seen::{looked, noted, patiently, planned, shown};
use crate::vrf::{of_nodes, routes, with, writes};

/// More than all of the memory that the policy may have here.
fn much() -> String {
    "x".repeat(20 << 20)
}

const MEMORY: [&str; 2] = ["--memory-limit", "16"];

/// What can be seen while an object is too large.
async fn is_left_out(podroute: &Podroute, cluster: &Cluster, kind: &str, object: &str) {
    let reason = format!(
        "{object} makes the policy fail: the policy needs more than 16 MiB of memory; raise the limit if the cluster is very large"
    );
    let status = shown(podroute, "/status", "the kind as unreadable", |status| {
        status["kinds"][kind]["reason"] == *reason
    })
    .await;
    assert!(status["policy"]["restarts"].as_u64().unwrap() > 0);
    let why = format!("{kind} could not be read: {reason}");
    let plan = planned(podroute, "what is held", |plan| {
        plan["held"].to_string().contains(&why)
    })
    .await;
    assert_eq!(plan["deletes"], json!([]));
    podroute
        .says("this object makes the policy fail, and is left out")
        .await;
    let restarts = podroute.metric("podroute_policy_restarts_total").await;
    assert!(restarts.unwrap() > 0.0);
    noted(cluster, "KindUnreadable", object).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_too_large_takes_no_route_away() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).with(&MEMORY).run();
    patiently("three routes", || routes(&controller) == of_nodes(1..=3)).await;
    podroute.ready().await;
    let before = podroute.json("/report").await;

    let mut giant = node("w2", "192.0.2.2");
    giant["metadata"]["annotations"] = json!({"example.com/much": much()});
    cluster.apply(giant);
    is_left_out(&podroute, &cluster, "Node", "Node w2").await;
    noted(&cluster, "PolicyRestarted", "needs more than 16 MiB").await;
    add_nodes(&cluster, [4]);
    looked(&podroute).await;
    assert_eq!(routes(&controller), of_nodes(1..=3));
    assert_eq!(writes(&controller), 1);

    // It shrinks.
    cluster.apply(node("w2", "192.0.2.2"));
    patiently("four routes", || routes(&controller) == of_nodes(1..=4)).await;
    crate::cluster::remove_nodes(&cluster, [4]);
    patiently("three routes", || routes(&controller) == of_nodes(1..=3)).await;
    let after = podroute.json("/report").await;
    assert_eq!(without_time(after), without_time(before));
}

fn without_time(mut report: Value) -> Value {
    if let Some(fields) = report.as_object_mut() {
        fields.remove("at");
    }
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_map_that_is_too_large_from_the_start_stops_everything_until_it_goes() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let mut giant = cilium_config("cluster-pool");
    giant["data"]["much"] = json!(much());
    cluster.apply(giant);
    let controller = Controller::start();
    let stale = [("shop-9", "10.0.9.0/24", "192.0.2.9", Some("shop"))];
    controller.set_vrf(&with(&stale));
    let podroute = Start::avi(&cluster, &controller).with(&MEMORY).run();
    is_left_out(
        &podroute,
        &cluster,
        "ConfigMap",
        "ConfigMap kube-system/cilium-config",
    )
    .await;
    looked(&podroute).await;
    assert_eq!(writes(&controller), 0);
    cluster.apply(cilium_config("cluster-pool"));
    patiently("the right routes", || {
        routes(&controller) == of_nodes(1..=3)
    })
    .await;
    podroute.ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_route_comes_from_may_be_too_large_and_routes_go_on() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).with(&MEMORY).run();
    patiently("two routes", || routes(&controller) == of_nodes(1..=2)).await;
    cluster.apply(json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {
            "namespace": "default", "name": "large",
            "annotations": {"example.com/much": much()},
        },
        "spec": {"ports": [{"port": 80}]},
    }));
    shown(&podroute, "/status", "Services as unreadable", |status| {
        status["kinds"]["Service"]["state"] == "unreadable"
    })
    .await;
    add_nodes(&cluster, [3]);
    patiently("three routes", || routes(&controller) == of_nodes(1..=3)).await;
    cluster.delete("Service", "default", "large");
    shown(&podroute, "/status", "Services in sync", |status| {
        status["kinds"]["Service"]["state"] == "synced"
    })
    .await;
}
