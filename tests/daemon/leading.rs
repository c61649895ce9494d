//! Two replicas, of which one writes.

use serde_json::{Value, json};

use crate::avi::Controller;
use crate::cluster::{add_nodes, cilium, cilium_node, remove_nodes};
use crate::kube::{Cluster, until};
use crate::looking::{TABLE, static_routes, until_async};
use crate::podroute::{Podroute, Start};
use crate::vrf::{of_nodes, routes, with, writes};
use crate::wire::Wire;

/// Short, and yet such that a replica which a busy machine leaves without CPU
/// for some seconds does not lose it.
const LEASE: [&str; 2] = ["--lease-duration", "12"];

fn replica(cluster: &Cluster, controller: &Controller, name: &str) -> Start {
    Start::avi(cluster, controller)
        .with(&LEASE)
        .with(&["--identity", name, "--window", "0"])
}

async fn leads(podroute: &Podroute) {
    until_async("it leads", async || podroute.role().await == "leader").await;
    podroute.ready().await;
}

/// Three nodes, their routes, the replica that made them and one that waits.
async fn two() -> (Cluster, Controller, Podroute, Podroute) {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[("1", "203.0.113.0/24", "192.0.2.254", None)]));
    let first = replica(&cluster, &controller, "first").run();
    leads(&first).await;
    until("four", || routes(&controller).len() == 4).await;
    let second = replica(&cluster, &controller, "second").run();
    second.ready().await;
    (cluster, controller, first, second)
}

fn holder(cluster: &Cluster) -> String {
    let lease = cluster.get("Lease", "podroute", "podroute").unwrap();
    lease["spec"]["holderIdentity"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_is_ready_and_writes_nothing() {
    let (cluster, controller, first, second) = two().await;
    let status = second.json("/status").await;
    assert_eq!(status["ready"], true);
    assert_eq!(status["leadership"]["role"], "follower");
    until_async("it knows who leads", async || {
        second.json("/status").await["leadership"]["holder"] == json!(holder(&cluster))
    })
    .await;
    assert!(matches!(second.get("/readyz").await, Some((200, _))));
    assert!(second.metric("podroute_leader").await.unwrap() < 0.5);
    assert!(first.metric("podroute_leader").await.unwrap() > 0.5);

    // Both see the change; one writes.
    add_nodes(&cluster, [4]);
    until("five", || routes(&controller).len() == 5).await;
    until_async("the follower knows, too", async || {
        second.json("/routes").await["routes"]
            .as_array()
            .unwrap()
            .len()
            == 4
    })
    .await;
    assert!(second.writes().await < 0.5);
    assert!(second.reads().await < 0.5);
    assert_eq!(writes(&controller), 2);

    let asked = json!({"table": TABLE, "token": "0123456789abcdef"});
    let (code, body) = second.post("/plan/confirm", &asked).await;
    assert_eq!(code, 409, "{body}");
    assert!(body.contains(&holder(&cluster)), "{body}");
    assert!(holder(&cluster).starts_with("first_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_stopped_hands_over_and_nothing_is_rewritten() {
    let (cluster, controller, first, second) = two().await;
    let before = controller.vrf("global");
    assert!(first.stop().await.success());
    // It gave the Lease back: nobody waits until it runs out.
    assert!(!holder(&cluster).starts_with("first_"));
    leads(&second).await;
    second.looks_again().await;
    assert_eq!(controller.vrf("global"), before);
    assert_eq!(writes(&controller), 1);
    // Nothing has happened in the cluster since it leads.
    let applied = second.of_table("event_to_applied_seconds_count", "").await;
    assert!(applied < 0.5, "{applied}");

    add_nodes(&cluster, [4]);
    until("five", || routes(&controller).len() == 5).await;
    assert_eq!(writes(&controller), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_killed_is_replaced_and_a_change_meanwhile_written_once() {
    let (cluster, controller, first, second) = two().await;
    first.kill();
    add_nodes(&cluster, [4]);
    leads(&second).await;
    until("five", || routes(&controller).len() == 5).await;
    second.looks_again().await;
    assert_eq!(writes(&controller), 2);
    assert!(holder(&cluster).starts_with("second_"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_leader_reports_though_nothing_happens_in_the_cluster() {
    let (cluster, _controller, first, second) = two().await;
    // The first looks for it again in minutes only.
    cluster.install_known("ClusterReport");
    first.kill();
    leads(&second).await;
    until_async("the new leader's report", async || {
        !cluster.all("ClusterReport").is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_cut_off_stops_writing() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let wire = Wire::to(&cluster).await;
    let quick = ["--drift-interval", "0.2"];
    let first = replica(&cluster, &controller, "first")
        .set("--kubeconfig", wire.kubeconfig().to_str().unwrap())
        .with(&quick)
        .run();
    leads(&first).await;
    until("three", || routes(&controller) == of_nodes(1..=3)).await;
    let second = replica(&cluster, &controller, "second").with(&quick).run();
    second.ready().await;

    wire.cut();
    until_async("it stops", async || first.role().await == "follower").await;
    let reads = first.reads().await;
    leads(&second).await;
    // Both clusters and tables move on, and only the new leader acts.
    remove_nodes(&cluster, [3]);
    cluster.apply(cilium_node("w2", "10.0.22.0/24"));
    let expected = [
        "10.0.1.0/24 via 192.0.2.1 (shop)",
        "10.0.22.0/24 via 192.0.2.2 (shop)",
    ];
    until("the new routes", || routes(&controller) == expected).await;
    let mut vrf: Value = serde_json::from_str(&controller.vrf("global")).unwrap();
    vrf["static_routes"][0]["next_hop"]["addr"] = json!("192.0.2.66");
    controller.set_vrf(&vrf.to_string());
    until("put right", || routes(&controller) == expected).await;
    assert!(first.writes().await < 1.5);
    assert!((first.reads().await - reads).abs() < 0.5);

    // It comes back as a follower, and knows what has happened.
    wire.mend();
    until_async("it knows", async || {
        first.json("/routes").await["routes"]
            .as_array()
            .unwrap()
            .len()
            == 2
    })
    .await;
    assert_eq!(first.role().await, "follower");
    assert!(first.writes().await < 1.5);
    assert_eq!(routes(&controller), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_slept_between_reading_and_writing_does_not_write() {
    let (cluster, controller, first, second) = two().await;
    // It has read, and the answer does not come before it falls asleep.
    let mut reading = controller.pause_after("GET /api/vrfcontext/");
    add_nodes(&cluster, [4]);
    reading.reached().await;
    first.signal("STOP");
    reading.release();
    leads(&second).await;
    until("five", || routes(&controller).len() == 5).await;
    let before = static_routes(&controller);

    first.signal("CONT");
    until_async("it has seen that it does not lead", async || {
        first.role().await == "follower"
    })
    .await;
    assert!(first.writes().await < 1.5, "it wrote at the start alone");
    assert_eq!(static_routes(&controller), before);
    add_nodes(&cluster, [5]);
    until("six", || routes(&controller).len() == 6).await;
    assert!(static_routes(&controller).starts_with(&before));
    assert_eq!(writes(&controller), 3);
}
