//! Watches end in many ways. None loses a change, and only one that cannot be
//! taken up leads to a new list.

use std::time::Duration;

use podroute::daemon::watch::Timing;

use crate::cluster::{Cluster, Fault, until};
use crate::follower::Follower;
use crate::{IMPATIENT, NEVER, PATIENT, node};

async fn following_nodes(cluster: &Cluster, timing: Timing) -> Follower {
    cluster.apply(node("a"));
    let mut follower = Follower::new(cluster, timing, &["Node"]).await;
    follower.until_told("listed nodes").await;
    cluster.forget();
    follower
}

#[tokio::test]
async fn a_dropped_watch_is_taken_up_where_it_was() {
    let cluster = Cluster::start().await;
    let mut follower = following_nodes(&cluster, PATIENT).await;
    cluster.drop_watches();
    cluster.apply(node("b"));
    assert_eq!(follower.until_told("put nodes b").await, ["put nodes b"]);

    let [request] = &cluster.journal()[..] else {
        panic!("{:#?}", cluster.journal());
    };
    assert_eq!(request.verb, "watch");
    assert!(!request.is_streamed_list());
    // The cluster starts at 1000; the node was the next revision.
    assert_eq!(request.parameter("resourceVersion"), "1001");
    let stats = follower.watcher.stats();
    let counts = stats.of("Node").unwrap();
    assert_eq!(
        (counts.lists(), counts.watches(), counts.events()),
        (1, 2, 2)
    );
}

#[tokio::test]
async fn a_watch_that_the_server_ends_is_taken_up() {
    let cluster = Cluster::start().await;
    let mut follower = following_nodes(&cluster, IMPATIENT).await;
    for name in ["b", "c", "d"] {
        until("it is watched", || cluster.open_watches() == 1).await;
        cluster.apply(node(name));
        follower.until_told(&format!("put nodes {name}")).await;
        cluster.end_watches();
    }
    cluster.apply(node("e"));
    assert_eq!(follower.until_told("put nodes e").await, ["put nodes e"]);
    assert!(cluster.requests("list", "nodes").is_empty());
}

#[tokio::test]
async fn half_a_line_is_no_event() {
    let cluster = Cluster::start().await;
    cluster.fail("watch", "nodes", 1, Fault::HalfLine(3));
    let mut follower = following_nodes(&cluster, PATIENT).await;
    // Line by line: the node a, the end of the list, b, and half of c.
    cluster.apply(node("b"));
    follower.until_told("put nodes b").await;
    cluster.apply(node("c"));
    assert_eq!(follower.until_told("put nodes c").await, ["put nodes c"]);
    assert!(cluster.journal().iter().all(|one| !one.is_streamed_list()));
}

#[tokio::test]
async fn a_streamed_list_that_breaks_off_starts_over() {
    let cluster = Cluster::start().await;
    cluster.fail("watch", "nodes", 1, Fault::Broken(1));
    cluster.apply(node("a"));
    cluster.apply(node("b"));
    let mut follower = Follower::new(&cluster, PATIENT, &["Node"]).await;
    assert_eq!(
        follower.until_told("listed nodes").await,
        [
            "listing nodes",
            "put nodes a",
            "listing nodes",
            "put nodes a",
            "put nodes b",
            "listed nodes"
        ]
    );
}

#[tokio::test]
async fn bookmarks_move_the_place_to_go_on_from() {
    let cluster = Cluster::start().await;
    let mut follower = following_nodes(&cluster, PATIENT).await;
    // Revision 1002 is no node's.
    cluster.apply(crate::config_map("default", "other"));
    cluster.bookmark();
    cluster.end_watches();
    until("it is taken up", || {
        !cluster.requests("watch", "nodes").is_empty()
    })
    .await;
    cluster.apply(node("b"));
    follower.until_told("put nodes b").await;
    assert_eq!(
        cluster.requests("watch", "nodes")[0].parameter("resourceVersion"),
        "1002"
    );
}

#[tokio::test]
async fn a_watch_that_comes_too_late_begins_with_a_new_list() {
    for as_status in [false, true] {
        let mut cluster = Cluster::start().await;
        cluster.gone_as_status(as_status);
        cluster.apply(node("b"));
        let mut follower = following_nodes(&cluster, PATIENT).await;
        cluster.stop().await;
        cluster.delete("Node", "", "a");
        cluster.apply(node("c"));
        cluster.expire_history();
        cluster.resume().await;

        assert_eq!(
            follower.until_told("listed nodes").await,
            [
                "listing nodes",
                "put nodes b",
                "put nodes c",
                "listed nodes"
            ],
            "as a status: {as_status}"
        );
        assert_eq!(follower.names("Node"), ["b", "c"]);
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_read_leads_to_a_new_list() {
    let cluster = Cluster::start().await;
    let mut follower = following_nodes(&cluster, IMPATIENT).await;
    cluster.fail("watch", "nodes", 1, Fault::Garbage);
    cluster.drop_watches();
    assert_eq!(
        follower.until_unreadable("Node").await,
        "the answer to watch nodes is not what an API server sends (no event); check that the \
         configured server is one, and what is between it and podroute"
    );
    assert_eq!(
        follower.until_told("listed nodes").await,
        ["listing nodes", "put nodes a", "listed nodes"]
    );
}

#[tokio::test]
async fn an_error_event_is_a_failure_and_the_watch_is_taken_up() {
    let cluster = Cluster::start().await;
    let mut follower = following_nodes(&cluster, IMPATIENT).await;
    cluster.fail("watch", "nodes", 1, Fault::Error(500));
    cluster.drop_watches();
    let reason = follower.until_unreadable("Node").await;
    assert!(
        reason.starts_with("the API server answered 500 to watch nodes"),
        "{reason}"
    );
    assert_eq!(
        follower.until_told("readable nodes").await,
        ["readable nodes"]
    );
    assert!(cluster.journal().iter().all(|one| !one.is_streamed_list()));
}

#[tokio::test]
async fn watches_that_end_as_soon_as_they_are_opened_are_failures() {
    let cluster = Cluster::start().await;
    let mut follower = following_nodes(&cluster, IMPATIENT).await;
    cluster.fail("watch", "nodes", 3, Fault::Ended);
    cluster.drop_watches();
    assert_eq!(
        follower.until_unreadable("Node").await,
        "the watch of nodes ends as soon as it is opened; check what is between the API server \
         and podroute"
    );
    assert_eq!(
        follower.until_told("readable nodes").await,
        ["readable nodes"]
    );
}

#[tokio::test]
async fn failures_are_not_repeated_without_a_pause() {
    let cluster = Cluster::start().await;
    let timing = Timing {
        shortest_pause: NEVER,
        longest_pause: NEVER,
        settled: NEVER,
        ..IMPATIENT
    };
    // The pause is endless, so that the requests are the ones before it.
    for fault in [
        Fault::Ended,
        Fault::Error(410),
        Fault::Error(500),
        Fault::Status(429, None),
        Fault::Status(503, None),
        Fault::Closed,
    ] {
        let mut follower = following_nodes(&cluster, timing).await;
        cluster.fail("watch", "services", 9, fault.clone());
        follower.watcher.want(["Service"]);
        let stats = follower.watcher.stats();
        until("it has failed", || {
            let services = cluster.requests("watch", "services");
            services.iter().any(|one| one.code.is_some())
                && stats.of("Service").unwrap().failures() == 1
        })
        .await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(cluster.requests("watch", "services").len(), 1, "{fault:?}");
        cluster.heal();
    }
}

#[tokio::test]
async fn a_watch_on_which_nothing_comes_is_opened_anew() {
    let cluster = Cluster::start().await;
    let timing = Timing {
        idle: Duration::from_millis(100),
        ..IMPATIENT
    };
    let mut follower = following_nodes(&cluster, timing).await;
    // Its connection is open, and dead.
    cluster.fail("watch", "nodes", 1, Fault::Deaf);
    cluster.drop_watches();
    until("it is deaf", || {
        cluster
            .requests("watch", "nodes")
            .iter()
            .any(|one| one.code.is_some())
    })
    .await;
    cluster.apply(node("b"));
    assert_eq!(follower.until_told("put nodes b").await, ["put nodes b"]);
}
