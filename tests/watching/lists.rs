//! How a source gets its first complete list.

use std::time::Duration;

use podroute::daemon::watch::Timing;
use serde_json::json;

use crate::cluster::{Cluster, Streaming, until};
use crate::follower::Follower;
use crate::{PATIENT, config_map, node, node_with};

#[tokio::test]
async fn a_list_comes_as_a_stream_and_goes_on_as_a_watch() {
    let cluster = Cluster::start().await;
    cluster.apply(node("a"));
    cluster.apply(node("b"));
    let mut follower = Follower::new(&cluster, PATIENT, &["Node"]).await;
    assert_eq!(
        follower.until_told("listed nodes").await,
        [
            "listing nodes",
            "put nodes a",
            "put nodes b",
            "listed nodes"
        ]
    );

    cluster.apply(node_with("a", "10.0.1.0/24"));
    cluster.apply(node("c"));
    cluster.delete("Node", "", "b");
    assert_eq!(
        follower.until_told("gone nodes b").await,
        ["put nodes a", "put nodes c", "gone nodes b"]
    );
    assert_eq!(
        follower.object("Node", "a").unwrap()["spec"],
        json!({"podCIDR": "10.0.1.0/24"})
    );

    let [request] = &cluster.journal()[..] else {
        panic!("one request is enough: {:#?}", cluster.journal());
    };
    assert_eq!(request.verb, "watch");
    assert_eq!(request.parameter("sendInitialEvents"), "true");
    assert_eq!(request.parameter("resourceVersionMatch"), "NotOlderThan");
    assert_eq!(request.parameter("resourceVersion"), "");
    assert_eq!(request.parameter("allowWatchBookmarks"), "true");
}

#[tokio::test]
async fn where_lists_are_not_streamed_they_are_fetched_in_pages() {
    for streaming in [Streaming::Off, Streaming::Unknown] {
        let cluster = Cluster::start().await;
        cluster.streaming(streaming);
        cluster.apply(node("a"));
        let mut follower = Follower::new(&cluster, PATIENT, &["Node"]).await;
        assert_eq!(
            follower.until_told("listed nodes").await,
            ["listing nodes", "put nodes a", "listed nodes"]
        );

        cluster.apply(node("b"));
        assert_eq!(follower.until_told("put nodes b").await, ["put nodes b"]);

        // The next kind of the same server is not asked for in vain.
        follower.watcher.want(["Service"]);
        follower.until_told("listed services").await;
        assert_eq!(cluster.requests("watch", "nodes").len(), 2);
        assert!(
            cluster
                .requests("watch", "services")
                .iter()
                .all(|request| !request.is_streamed_list()),
            "{streaming:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_takes_a_streamed_list_for_a_plain_watch_is_found_out() {
    let cluster = Cluster::start().await;
    cluster.streaming(Streaming::Ignored);
    cluster.apply(node("a"));
    let timing = Timing {
        answer: Duration::from_millis(300),
        ..PATIENT
    };
    let mut follower = Follower::new(&cluster, timing, &["Node"]).await;
    follower.until_told("listed nodes").await;
    assert_eq!(follower.names("Node"), ["a"]);
    assert_eq!(cluster.requests("list", "nodes").len(), 1);

    cluster.apply(node("b"));
    assert_eq!(follower.until_told("put nodes b").await, ["put nodes b"]);
}

#[tokio::test]
async fn a_long_list_has_pages() {
    let cluster = Cluster::start().await;
    cluster.streaming(Streaming::Off);
    for index in 0..1100 {
        cluster.apply(node(&format!("worker-{index}")));
    }
    let mut follower = Follower::new(&cluster, PATIENT, &["Node"]).await;
    follower.until_told("listed nodes").await;
    assert_eq!(follower.names("Node").len(), 1100);

    let pages = cluster.requests("list", "nodes");
    assert_eq!(pages.len(), 3);
    assert!(pages.iter().all(|page| page.parameter("limit") == "500"));
}

#[tokio::test]
async fn what_changes_between_two_pages_comes_after_the_list() {
    let cluster = Cluster::start().await;
    cluster.streaming(Streaming::Off);
    for index in 0..600 {
        cluster.apply(node(&format!("worker-{index}")));
    }
    // With room for one message the second page waits for us.
    let mut follower = Follower::with_room(&cluster, PATIENT, &["Node"], 1).await;
    until("there is a page", || {
        cluster.requests("list", "nodes").len() == 1
    })
    .await;
    cluster.apply(node("new"));
    cluster.delete("Node", "", "worker-0");

    let told = follower.until_told("gone nodes worker-0").await;
    assert_eq!(
        told[told.len() - 3..],
        ["listed nodes", "put nodes new", "gone nodes worker-0"]
    );
    assert_eq!(cluster.requests("list", "nodes").len(), 2);
}

#[tokio::test]
async fn a_list_whose_pages_expire_is_fetched_whole() {
    let cluster = Cluster::start().await;
    cluster.streaming(Streaming::Off);
    for index in 0..600 {
        cluster.apply(node(&format!("worker-{index}")));
    }
    let mut follower = Follower::with_room(&cluster, PATIENT, &["Node"], 1).await;
    until("there is a page", || {
        cluster.requests("list", "nodes").len() == 1
    })
    .await;
    cluster.expire_history();

    follower.until_told("listed nodes").await;
    assert_eq!(follower.names("Node").len(), 600);
    let limits: Vec<_> = cluster
        .requests("list", "nodes")
        .iter()
        .map(|page| (page.parameter("limit").to_owned(), page.code.unwrap()))
        .collect();
    assert_eq!(
        limits,
        [
            ("500".to_owned(), 200),
            ("500".to_owned(), 410),
            (String::new(), 200)
        ]
    );
}

#[tokio::test]
async fn config_maps_need_only_be_allowed_by_name() {
    let names = [
        "cilium-config",
        "avi-k8s-config",
        "calico-config",
        "canal-config",
        "rke2-canal-config",
    ];
    for streaming in [Streaming::Supported, Streaming::Off] {
        let cluster = Cluster::start().await;
        cluster.streaming(streaming);
        cluster.allow_only_named("configmaps", &names);
        cluster.apply(config_map("kube-system", "cilium-config"));
        cluster.apply(config_map("avi-system", "avi-k8s-config"));
        cluster.apply(config_map("default", "passwords"));
        let mut follower = Follower::new(&cluster, PATIENT, &[]).await;
        let sources = follower.watcher.want(["ConfigMap"]);
        follower
            .until("all are listed", |follower| follower.settled(&sources))
            .await;
        assert_eq!(
            follower.names("ConfigMap"),
            ["avi-k8s-config", "cilium-config"]
        );
        assert_eq!(follower.unreadable("ConfigMap"), None);

        cluster.apply(config_map("default", "passwords"));
        cluster.apply(config_map("kube-system", "calico-config"));
        follower
            .until_told("put configmaps/calico-config calico-config")
            .await;
        assert_eq!(follower.object("ConfigMap", "passwords"), None);
    }
}

#[tokio::test]
async fn the_newest_version_that_the_server_has_is_read() {
    let cluster = Cluster::start().await;
    cluster.install(crate::cluster::Resource::new(
        "gateway.networking.k8s.io",
        &["v1beta1"],
        "gateways",
        "Gateway",
        true,
    ));
    for api_version in [
        "gateway.networking.k8s.io/v1beta1",
        "networking.x-k8s.io/v1alpha1",
    ] {
        cluster.apply(json!({
            "apiVersion": api_version, "kind": "Gateway",
            "metadata": {"namespace": "shop", "name": api_version.split_once('/').unwrap().0},
        }));
    }
    let mut follower = Follower::new(&cluster, PATIENT, &[]).await;
    let sources = follower.watcher.want(["Gateway"]);
    follower
        .until("both are listed", |follower| follower.settled(&sources))
        .await;
    // Each API has Gateways of its own, and says which they are of.
    for (name, api_version) in [
        (
            "gateway.networking.k8s.io",
            "gateway.networking.k8s.io/v1beta1",
        ),
        ("networking.x-k8s.io", "networking.x-k8s.io/v1alpha1"),
    ] {
        assert_eq!(
            follower.object("Gateway", name).unwrap()["apiVersion"],
            json!(api_version)
        );
    }
}

#[tokio::test]
async fn kinds_can_be_added_while_running() {
    let cluster = Cluster::start().await;
    cluster.apply(node("a"));
    cluster.apply(crate::cilium_node("a"));
    let mut follower = Follower::new(&cluster, PATIENT, &["Node"]).await;
    follower.until_told("listed nodes").await;

    let new: Vec<_> = follower
        .watcher
        .want(["Node", "CiliumNode"])
        .into_iter()
        .map(|source| source.kind)
        .collect();
    assert_eq!(new, ["CiliumNode"]);
    assert_eq!(
        follower.until_told("listed ciliumnodes.cilium.io").await,
        [
            "listing ciliumnodes.cilium.io",
            "put ciliumnodes.cilium.io a",
            "listed ciliumnodes.cilium.io"
        ]
    );
    assert_eq!(cluster.requests("watch", "nodes").len(), 1);
}

#[tokio::test]
async fn a_watcher_that_is_dropped_leaves_the_server_alone() {
    let cluster = Cluster::start().await;
    let mut follower = Follower::new(&cluster, PATIENT, &["Node", "Service"]).await;
    follower.until_told("listed nodes").await;
    until("both watch", || cluster.open_watches() == 2).await;

    drop(follower);
    until("no one watches", || cluster.open_watches() == 0).await;
}
