//! What becomes of a node's routes when the node is not quite well, or
//! somebody has said something about it.

use serde_json::{Value, json};

use crate::avi::Controller;
use crate::cluster::{add_nodes, cilium, cilium_node, node, remove_nodes};
use crate::podroute::{Podroute, Start};
use crate::seen::{looked, patiently, planned, told};
use crate::vrf::{holding, of_nodes, routes, with, writes};

fn with_annotation(mut node: Value, name: &str, value: &str) -> Value {
    node["metadata"]["annotations"][name] = json!(value);
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn cordoned_and_not_ready_nodes_keep_their_routes() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    patiently("three routes", || routes(&controller) == of_nodes(1..=3)).await;
    let mut cordoned = node("w1", "192.0.2.1");
    cordoned["spec"] = json!({
        "unschedulable": true,
        "taints": [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}],
    });
    cluster.apply(cordoned);
    let mut not_ready = node("w2", "192.0.2.2");
    not_ready["status"]["conditions"] = json!([{"type": "Ready", "status": "Unknown"}]);
    cluster.apply(not_ready);
    told(&podroute, "Node", 5.0).await;
    looked(&podroute).await;
    assert_eq!(routes(&controller), of_nodes(1..=3));
    assert_eq!(writes(&controller), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_loses_its_address_keeps_its_last_route() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    patiently("three routes", || routes(&controller) == of_nodes(1..=3)).await;
    let mut without = node("w2", "192.0.2.2");
    without["status"]["addresses"] = json!([{"type": "Hostname", "address": "w2"}]);
    cluster.apply(without.clone());
    let why = "node w2 has no usable address now";
    planned(&podroute, why, |plan| {
        plan["held"].to_string().contains(why)
    })
    .await;
    looked(&podroute).await;
    assert_eq!(routes(&controller), of_nodes(1..=3));

    // A podroute that never saw the address keeps it as well.
    assert!(podroute.stop().await.success());
    let podroute = Start::avi(&cluster, &controller).run();
    planned(&podroute, why, |plan| {
        plan["held"].to_string().contains(why)
    })
    .await;
    assert_eq!(routes(&controller), of_nodes(1..=3));
    assert_eq!(writes(&controller), 1);

    // It gets another address; the next one without gives its pod CIDR back.
    cluster.apply(node("w2", "192.0.2.22"));
    patiently("the new next hop", || {
        routes(&controller).contains(&"10.0.2.0/24 via 192.0.2.22 (shop)".to_owned())
    })
    .await;
    cluster.apply(without);
    cluster.apply(cilium_node("w2", "10.0.22.0/24"));
    patiently("two routes", || routes(&controller) == of_nodes([1, 3])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn annotations_exclude_a_node_and_name_another_next_hop() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    patiently("three routes", || routes(&controller) == of_nodes(1..=3)).await;
    let first = node("w1", "192.0.2.1");
    cluster.apply(with_annotation(first, "podroute.dev/exclude", "true"));
    patiently("two routes", || routes(&controller) == of_nodes(2..=3)).await;
    let second = node("w2", "192.0.2.2");
    cluster.apply(with_annotation(
        second.clone(),
        "podroute.dev/next-hop",
        "198.51.100.2",
    ));
    patiently("the other next hop", || {
        routes(&controller).contains(&"10.0.2.0/24 via 198.51.100.2 (shop)".to_owned())
    })
    .await;
    // One that is no address is no reason to take the route away.
    cluster.apply(with_annotation(second, "podroute.dev/next-hop", "gateway"));
    planned(&podroute, "what is held", |plan| plan["held"] != json!([])).await;
    looked(&podroute).await;
    assert!(routes(&controller).contains(&"10.0.2.0/24 via 198.51.100.2 (shop)".to_owned()));

    add_nodes(&cluster, 1..=2);
    patiently("three routes", || routes(&controller) == of_nodes(1..=3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_with_one_pod_cidr_the_programmed_one_keeps_it() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    patiently("two routes", || routes(&controller) == of_nodes(1..=2)).await;

    // Older, and first by name: all that counts between strangers.
    let mut rival = cilium_node("a1", "10.0.2.0/24");
    rival["metadata"]["creationTimestamp"] = json!("2020-01-01T00:00:00Z");
    cluster.apply(node("a1", "192.0.2.101"));
    cluster.apply(rival);
    told(&podroute, "CiliumNode", 3.0).await;
    looked(&podroute).await;
    let keeps = async |podroute: &Podroute| {
        let report = podroute.json("/report").await;
        let mut findings = report["findings"].as_array().unwrap().clone();
        findings.retain(|one| one["rule"] == "route/duplicate-prefix");
        assert_eq!(findings.len(), 1, "{findings:#?}");
        let message = findings[0]["message"].as_str().unwrap();
        assert_eq!(
            message,
            "nodes w2 and a1 have the same pod CIDR 10.0.2.0/24; w2 keeps the route because a table has a route to it already; that of a1 is withheld"
        );
    };
    keeps(&podroute).await;
    assert_eq!(routes(&controller), of_nodes(1..=2));

    // Also after a restart: the table remembers.
    assert!(podroute.stop().await.success());
    let podroute = Start::avi(&cluster, &controller).run();
    podroute.ready().await;
    looked(&podroute).await;
    keeps(&podroute).await;
    assert_eq!(routes(&controller), of_nodes(1..=2));
    assert_eq!(writes(&controller), 1);

    // The owner goes: there is one left.
    remove_nodes(&cluster, [2]);
    patiently("the other's route", || {
        routes(&controller).contains(&"10.0.2.0/24 via 192.0.2.101 (shop)".to_owned())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_that_are_both_new_the_older_object_counts() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let mut older = cilium_node("w3", "10.0.2.0/24");
    older["metadata"]["creationTimestamp"] = json!("2020-01-01T00:00:00Z");
    cluster.apply(node("w3", "192.0.2.3"));
    cluster.apply(older);
    let controller = Controller::start();
    controller.set_vrf(&holding([1]));
    let (code, plan, _) = Start::avi(&cluster, &controller).once().await;
    assert_eq!(code, 0, "{plan}");
    assert_eq!(
        routes(&controller),
        [
            "10.0.1.0/24 via 192.0.2.1 (shop)",
            "10.0.2.0/24 via 192.0.2.3 (shop)"
        ]
    );
}
