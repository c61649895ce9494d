//! API servers that restart, have too much to do, or are not there.

use std::time::Duration;

use podroute::daemon::watch::Timing;

use crate::cluster::{Cluster, Fault, Options, until};
use crate::follower::Follower;
use crate::{IMPATIENT, NEVER, PATIENT, cilium_node, node};

#[tokio::test]
async fn a_restart_of_the_server_is_nothing_to_talk_about() {
    for tls in [false, true] {
        let mut cluster = Cluster::with(Options {
            tls,
            ..Options::default()
        })
        .await;
        cluster.apply(node("a"));
        cluster.apply(cilium_node("a"));
        let mut follower = Follower::new(&cluster, PATIENT, &["Node", "CiliumNode"]).await;
        follower.until_told("listed nodes").await;
        follower
            .until("in sync", |follower| {
                !follower.names("CiliumNode").is_empty()
            })
            .await;
        until("both watch", || cluster.open_watches() == 2).await;
        follower.diary.clear();
        cluster.forget();

        cluster.restart().await;
        cluster.apply(node("b"));
        follower.until_told("put nodes b").await;
        assert!(follower.diary.is_empty());
        assert!(cluster.journal().iter().all(|one| !one.is_streamed_list()));
    }
}

#[tokio::test]
async fn a_long_outage_is_told_once_and_so_is_its_end() {
    let mut cluster = Cluster::start().await;
    cluster.apply(node("a"));
    let mut follower = Follower::new(&cluster, IMPATIENT, &["Node"]).await;
    follower.until_told("listed nodes").await;

    cluster.stop().await;
    let reason = follower.until_unreadable("Node").await;
    assert!(
        reason.starts_with("the API server cannot be reached (") && reason.contains("refused"),
        "{reason}"
    );
    let stats = follower.watcher.stats();
    until("it was tried often", || {
        stats.of("Node").unwrap().failures() > 4
    })
    .await;
    cluster.delete("Node", "", "a");
    cluster.apply(node("b"));
    cluster.resume().await;

    // Missed nothing, and was not told again in between.
    let told = follower.until_told("put nodes b").await;
    assert_eq!(told, ["readable nodes", "gone nodes a", "put nodes b"]);
    assert_eq!(follower.unreadable("Node"), None);
}

#[tokio::test]
async fn a_list_ends_an_outage_too() {
    let mut cluster = Cluster::start().await;
    cluster.apply(node("a"));
    let mut follower = Follower::new(&cluster, IMPATIENT, &["Node"]).await;
    follower.until_told("listed nodes").await;
    cluster.stop().await;
    follower.until_unreadable("Node").await;
    cluster.expire_history();
    cluster.resume().await;

    assert_eq!(
        follower.until_told("listed nodes").await,
        ["listing nodes", "put nodes a", "listed nodes"]
    );
    assert_eq!(follower.unreadable("Node"), None);
}

#[tokio::test]
async fn a_server_in_trouble_is_asked_until_it_answers() {
    for fault in [
        Fault::Status(429, Some(0)),
        Fault::Status(500, None),
        Fault::Status(503, None),
        Fault::Status(504, None),
        Fault::Text(502, "<html>Bad Gateway</html>"),
        Fault::Closed,
        Fault::Slow(Duration::from_millis(50)),
    ] {
        let cluster = Cluster::start().await;
        cluster.apply(node("a"));
        cluster.fail("*", "nodes", 3, fault.clone());
        let mut follower = Follower::new(&cluster, PATIENT, &["Node"]).await;
        assert_eq!(
            follower.until_told("listed nodes").await,
            ["listing nodes", "put nodes a", "listed nodes"],
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_unreadable_and_asked_again() {
    let cluster = Cluster::start().await;
    cluster.apply(node("a"));
    cluster.fail("watch", "nodes", 1, Fault::Silent);
    let timing = Timing {
        answer: Duration::from_millis(200),
        first: Duration::from_millis(200),
        ..PATIENT
    };
    let mut follower = Follower::new(&cluster, timing, &["Node"]).await;
    assert_eq!(
        follower.until_unreadable("Node").await,
        "the API server did not answer to watch nodes within 200ms; check its load, and what is \
         between it and podroute"
    );
    follower.until_told("listed nodes").await;
    assert_eq!(follower.unreadable("Node"), None);
}

#[tokio::test]
async fn what_was_never_read_is_sooner_unreadable_than_what_was() {
    let cluster = Cluster::start().await;
    let timing = Timing {
        first: Duration::ZERO,
        patience: NEVER,
        ..PATIENT
    };
    cluster.fail("watch", "nodes", 2, Fault::Status(503, None));
    let mut follower = Follower::new(&cluster, timing, &["Node"]).await;
    follower.until_unreadable("Node").await;
    follower.until_told("listed nodes").await;

    cluster.fail("watch", "nodes", 2, Fault::Status(503, None));
    cluster.drop_watches();
    cluster.apply(node("a"));
    assert_eq!(follower.until_told("put nodes a").await, ["put nodes a"]);
}

#[tokio::test]
async fn a_server_that_asks_to_be_left_alone_is() {
    let cluster = Cluster::start().await;
    let timing = Timing {
        longest_pause: NEVER,
        ..IMPATIENT
    };
    cluster.fail("watch", "nodes", 9, Fault::Status(429, Some(3600)));
    let mut follower = Follower::new(&cluster, timing, &["Node"]).await;
    let reason = follower.until_unreadable("Node").await;
    assert_eq!(
        reason,
        "the API server has too much to do to watch nodes (the simulator was told to fail); see \
         its API priority and fairness if this lasts"
    );
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(cluster.requests("watch", "nodes").len(), 1);
}

#[tokio::test]
async fn a_single_look_ends_when_every_source_is_read_or_unreadable() {
    let cluster = Cluster::start().await;
    cluster.apply(node("a"));
    cluster.forbid("*", "services");
    cluster.fail("watch", "daemonsets", usize::MAX, Fault::Status(500, None));
    let timing = Timing {
        first: Duration::from_millis(50),
        ..PATIENT
    };
    let mut follower = Follower::new(&cluster, timing, &[]).await;
    let sources = follower
        .watcher
        .want(["Node", "CiliumNode", "Service", "DaemonSet"]);
    follower
        .until("all is known", |follower| follower.settled(&sources))
        .await;
    assert_eq!(follower.names("Node"), ["a"]);
    let unreadable = ["Node", "CiliumNode", "Service", "DaemonSet"]
        .map(|kind| follower.unreadable(kind).is_some());
    assert_eq!(unreadable, [false, false, true, true]);
}

#[tokio::test]
async fn a_list_that_expires_again_and_again_is_unreadable() {
    let cluster = Cluster::start().await;
    cluster.fail("watch", "nodes", 3, Fault::Error(410));
    let mut follower = Follower::new(&cluster, IMPATIENT, &["Node"]).await;
    assert_eq!(
        follower.until_unreadable("Node").await,
        "the API server no longer has what it has to send to watch nodes (the simulator was told \
         to fail); see its log if this lasts"
    );
    follower.until_told("listed nodes").await;
    assert_eq!(follower.unreadable("Node"), None);
}

#[tokio::test]
async fn a_server_with_the_wrong_certificate_is_not_trusted() {
    let tls = Options {
        tls: true,
        ..Options::default()
    };
    let cluster = Cluster::with(tls).await;
    let other = Cluster::with(tls).await;
    let authority = |cluster: &Cluster| cluster.kubeconfig().with_file_name("ca.crt");
    std::fs::copy(authority(&other), authority(&cluster)).unwrap();
    let mut follower = Follower::new(&cluster, IMPATIENT, &["Node"]).await;
    let reason = follower.until_unreadable("Node").await;
    assert!(reason.contains("invalid peer certificate"), "{reason}");
    assert!(cluster.journal().is_empty());
}
