//! AKO (Avi Kubernetes Operator) in the same cluster.

use serde_json::{Value, json};

use crate::avi::Controller;
use crate::cluster::{add_nodes, cilium};
use crate::kube::{Cluster, until};
use crate::looking::{static_routes, until_async};
use crate::podroute::Start;
use crate::vrf::{of_nodes, routes, with, writes};

fn config(cluster_name: &str, more: &Value) -> Value {
    let mut config = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "avi-system", "name": "avi-k8s-config"},
        "data": {
            "clusterName": cluster_name, "cniPlugin": "cilium",
            "controllerVersion": "30.2.1", "serviceType": "ClusterIP",
        },
    });
    for (key, value) in more.as_object().unwrap() {
        config["data"][key] = value.clone();
    }
    config
}

/// AKO as it is installed, with its routes of two nodes in the VRF.
async fn with_ako(cluster_name: &str) -> (Cluster, Controller) {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    cluster.apply(config(cluster_name, &json!({})));
    cluster.apply(json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {"namespace": "avi-system", "name": "ako"},
        "spec": {"template": {"spec": {"containers": [
            {"name": "ako", "image": "projects.registry.vmware.com/ako/ako:2.1.1"},
        ]}}},
    }));
    let controller = Controller::start();
    let id = |index| format!("{cluster_name}-6a7c2b52-7f0e-4a3e-9b1a-1f5c5f5e8b5{index}-0");
    controller.set_vrf(&with(&[
        (&id(0), "10.0.1.0/24", "192.0.2.1", Some(cluster_name)),
        (&id(1), "10.0.2.0/24", "192.0.2.2", Some(cluster_name)),
        ("1", "203.0.113.0/24", "192.0.2.254", None),
    ]));
    (cluster, controller)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_until_ako_stops_and_then_its_routes_are_taken_over() {
    let (cluster, controller) = with_ako("shop").await;
    let before = static_routes(&controller);
    let podroute = Start::avi(&cluster, &controller).run();
    podroute.ready().await;
    until_async("the reason", async || {
        let held = podroute.held().await;
        held.contains("disableStaticRouteSync") && held.contains("avi-system")
    })
    .await;
    // There is something to write, too.
    add_nodes(&cluster, [3]);
    podroute.looks_again().await;
    assert!(podroute.log().contains("restart AKO"));
    assert_eq!(static_routes(&controller), before);
    assert_eq!(writes(&controller), 0);

    cluster.apply(config("shop", &json!({"disableStaticRouteSync": "true"})));
    let by_hand = "203.0.113.0/24 via 192.0.2.254 (nobody)".to_owned();
    let mut expected = of_nodes(1..=3);
    expected.push(by_hand);
    until("the third", || routes(&controller) == expected).await;
    assert_eq!(writes(&controller), 1);
    // AKO's routes stand there as AKO wrote them.
    assert!(static_routes(&controller).starts_with(&before));
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_of_an_ako_that_is_off_are_taken_over_without_a_write() {
    for off in [
        json!({"disableStaticRouteSync": "true"}),
        json!({"serviceType": "NodePort"}),
        json!({"primaryInstance": "false"}),
    ] {
        let (cluster, controller) = with_ako("shop").await;
        cluster.apply(config("shop", &off));
        let before = controller.vrf("global");
        let podroute = Start::avi(&cluster, &controller).run();
        podroute.ready().await;
        until_async("all is right", async || {
            podroute
                .of_table("routes_applied", ",family=\"ipv4\"")
                .await
                > 1.5
        })
        .await;
        podroute.looks_again().await;
        assert_eq!(podroute.held().await, "[]");
        assert_eq!(controller.vrf("global"), before);
        assert_eq!(writes(&controller), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knows_better_writes_beside_ako() {
    let (cluster, controller) = with_ako("shop").await;
    add_nodes(&cluster, [3]);
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--beside-ako"])
        .run();
    let third = "10.0.3.0/24 via 192.0.2.3 (shop)".to_owned();
    until("the third", || routes(&controller).contains(&third)).await;
    assert_eq!(writes(&controller), 1);
    drop(podroute);
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_of_an_ako_with_another_name_are_somebody_elses() {
    let (cluster, controller) = with_ako("my-cluster").await;
    add_nodes(&cluster, [3]);
    let before = routes(&controller);
    let podroute = Start::avi(&cluster, &controller).run();
    let third = "10.0.3.0/24 via 192.0.2.3 (shop)".to_owned();
    until("the third", || routes(&controller).contains(&third)).await;
    podroute.looks_again().await;

    // Theirs to the same prefixes keep ours out, which is said.
    let mut expected = before;
    expected.push(third);
    expected.sort();
    assert_eq!(routes(&controller), expected);
    assert_eq!(writes(&controller), 1);
    let held = podroute.held().await;
    assert!(
        held.contains("10.0.1.0/24") && held.contains("my-cluster-"),
        "{held}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_name_is_not_taken_from_an_ako_that_still_writes() {
    let (cluster, controller) = with_ako("my-cluster").await;
    let before = controller.vrf("global");
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--former-cluster-name", "my-cluster"])
        .run();
    podroute.ready().await;
    until_async("the reason", async || {
        podroute.held().await.contains("disableStaticRouteSync")
    })
    .await;
    podroute.looks_again().await;
    assert_eq!(controller.vrf("global"), before);

    cluster.apply(config(
        "my-cluster",
        &json!({"disableStaticRouteSync": "true"}),
    ));
    let after = before.replace(r#""value":"my-cluster""#, r#""value":"shop""#);
    until("the new name", || controller.vrf("global") == after).await;
    assert_eq!(writes(&controller), 1);
}
