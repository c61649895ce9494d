//! What changes in a cluster and in the table: nodes come, go and move, lists
//! fail, podroute restarts, others write. Only what has to be written is.

use serde_json::{Value, json};

use crate::avi::Controller;
use crate::cluster::{add_nodes, cilium, cilium_node, node, remove_nodes};
use crate::kube::until;
use crate::looking::{TABLE, until_async};
use crate::podroute::Start;
use crate::vrf::{of_nodes, routes, with, writes};

fn shop(prefix: &str, next_hop: &str) -> String {
    format!("{prefix} via {next_hop} (shop)")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_moves_keeps_its_route_under_the_same_id() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    controller.set_vrf(&with(&[
        ("shop-x-0", "10.0.1.0/24", "192.0.2.1", Some("shop")),
        ("shop-x-1", "10.0.2.0/24", "192.0.2.2", Some("shop")),
    ]));
    let before = controller.vrf("global");
    let podroute = Start::avi(&cluster, &controller).run();
    podroute.ready().await;

    cluster.apply(node("w1", "192.0.2.11"));
    let after = before.replace(r#""addr":"192.0.2.1""#, r#""addr":"192.0.2.11""#);
    until("the next hop in its place", || {
        controller.vrf("global") == after
    })
    .await;
    // One write, so that there was no moment without the route.
    assert_eq!(writes(&controller), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_takes_the_place_of_another_gets_its_route() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    until("both", || routes(&controller) == of_nodes(1..=2)).await;

    // Another pod CIDR.
    remove_nodes(&cluster, [1]);
    add_nodes(&cluster, [3]);
    until("the third", || routes(&controller) == of_nodes(2..=3)).await;
    // The same pod CIDR.
    remove_nodes(&cluster, [2]);
    cluster.apply(node("w4", "192.0.2.4"));
    cluster.apply(cilium_node("w4", "10.0.2.0/24"));
    let expected = [
        shop("10.0.2.0/24", "192.0.2.4"),
        shop("10.0.3.0/24", "192.0.2.3"),
    ];
    until("the fourth", || routes(&controller) == expected).await;
    drop(podroute);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_are_not_ready_or_cordoned_keep_their_routes() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    until("both", || routes(&controller) == of_nodes(1..=2)).await;

    for (name, address) in [("w1", "192.0.2.1"), ("w2", "192.0.2.2")] {
        let mut broken = node(name, address);
        broken["status"]["conditions"] = json!([{"type": "Ready", "status": "Unknown"}]);
        broken["spec"] = json!({"unschedulable": true, "taints": [
            {"key": "node.kubernetes.io/unreachable", "effect": "NoExecute"}
        ]});
        cluster.apply(broken);
    }
    // What happened before is known when this is.
    add_nodes(&cluster, [3]);
    until("the third", || routes(&controller) == of_nodes(1..=3)).await;
    assert_eq!(writes(&controller), 2);
    drop(podroute);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_fails_takes_no_route_away() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    until("three", || routes(&controller) == of_nodes(1..=3)).await;

    for verb in ["list", "watch"] {
        cluster.forbid(verb, "ciliumnodes");
    }
    cluster.expire_history();
    cluster.drop_watches();
    until_async("it is known that CiliumNodes cannot be read", async || {
        let status = podroute.json("/status").await;
        status["kinds"]["CiliumNode"]["state"] == "unreadable"
    })
    .await;
    remove_nodes(&cluster, [3]);
    podroute.looks_again().await;
    assert_eq!(routes(&controller), of_nodes(1..=3));
    assert_eq!(writes(&controller), 1);
    let held = podroute.held().await;
    assert!(held.contains("CiliumNode"), "{held}");

    for verb in ["list", "watch"] {
        cluster.allow(verb, "ciliumnodes");
    }
    until("two", || routes(&controller) == of_nodes(1..=2)).await;
    assert_eq!(writes(&controller), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_cluster_takes_no_route_away() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    until("both", || routes(&controller) == of_nodes(1..=2)).await;

    remove_nodes(&cluster, 1..=2);
    until_async("the reason", async || {
        podroute.held().await.contains("no Node")
    })
    .await;
    podroute.looks_again().await;
    assert_eq!(routes(&controller), of_nodes(1..=2));
    assert_eq!(writes(&controller), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_without_any_pod_cidr_lose_their_routes_when_somebody_agrees() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    controller.set_vrf(&with(&[("1", "203.0.113.0/24", "192.0.2.254", None)]));
    let podroute = Start::avi(&cluster, &controller).run();
    until("both", || routes(&controller).len() == 3).await;

    for name in ["w1", "w2"] {
        let mut without = cilium_node(name, "");
        without["spec"]["ipam"]["podCIDRs"] = json!([]);
        cluster.apply(without);
    }
    until_async("the question about both", async || {
        podroute.table().await["confirmation"]["deletes"] == 2
    })
    .await;
    assert!(podroute.of_table("confirmation_pending", "").await > 0.0);
    assert_eq!(writes(&controller), 1);

    let token = podroute.table().await["confirmation"]["token"].clone();
    let asked = json!({"table": TABLE, "token": token});
    let (status, body) = podroute.post("/plan/confirm", &asked).await;
    assert_eq!(status, 202, "{body}");
    until("only the one by hand", || {
        routes(&controller) == ["203.0.113.0/24 via 192.0.2.254 (nobody)"]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_changes_nothing() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[("7", "203.0.113.0/24", "192.0.2.254", None)]));
    let start = || Start::avi(&cluster, &controller);
    let first = start().run();
    until("four routes", || routes(&controller).len() == 4).await;
    first.stop().await;
    let before = controller.vrf("global");

    for _ in 0..2 {
        let again = start().run();
        again.ready().await;
        again.looks_again().await;
        assert!(again.stop().await.success());
    }
    assert_eq!(controller.vrf("global"), before);
    assert_eq!(writes(&controller), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_changes_is_put_right_and_counted() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--drift-interval", "0.2", "--window", "0"])
        .run();
    until("three", || routes(&controller) == of_nodes(1..=3)).await;
    until_async("a second look", async || podroute.reads().await >= 2.0).await;
    let before = controller.vrf("global");

    // One next hop changed, one route gone, a stray one of ours.
    let mut vrf: Value = serde_json::from_str(&before).unwrap();
    let held = vrf["static_routes"].as_array_mut().unwrap();
    held[0]["next_hop"]["addr"] = json!("192.0.2.66");
    let mut stray = held.remove(1);
    stray["route_id"] = json!("shop-y-0");
    stray["prefix"]["ip_addr"]["addr"] = json!("10.66.0.0");
    held.push(stray);
    controller.set_vrf(&vrf.to_string());

    until("three again", || routes(&controller) == of_nodes(1..=3)).await;
    until_async("it is counted", async || {
        (podroute.of_table("drift_repaired_total", "").await - 3.0).abs() < 0.5
    })
    .await;
    // The ids of those that stayed or came back are the same.
    let ids = |text: &str| {
        let vrf: Value = serde_json::from_str(text).unwrap();
        let routes = vrf["static_routes"].as_array().unwrap().iter();
        let mut ids: Vec<String> = routes.map(|route| route["route_id"].to_string()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&controller.vrf("global")), ids(&before));
}
