//! Large clusters come in pages.

use std::time::Duration;

use crate::kube::Fault;
use crate::{Desk, empty};

#[tokio::test]
async fn five_thousand_nodes_come_in_pages_of_five_hundred() {
    let cluster = empty().await;
    cluster.apply_fleet(5000);
    let desk = Desk::at(&cluster);
    let taken = desk
        .run(&[
            "snapshot",
            "-o",
            "fleet.json.gz",
            "--request-timeout",
            "120",
        ])
        .await;
    assert_eq!((taken.code, &*taken.err), (0, ""));
    for plural in ["nodes", "ciliumnodes"] {
        let lists = cluster.requests("list", plural);
        assert_eq!(lists.len(), 10, "{plural}");
        assert!(lists.iter().all(|list| list.parameter("limit") == "500"));
        assert!(
            lists[1..]
                .iter()
                .all(|list| !list.parameter("continue").is_empty())
        );
    }
    let check = [
        "check",
        "--cni",
        "cilium",
        "--ipam",
        "cluster-pool",
        "--format",
        "json",
        "--fail-on",
        "never",
        "fleet.json.gz",
    ];
    let report = desk.offline(&check).await.json();
    assert_eq!(report["routes"].as_array().unwrap().len(), 5000);
    let size = std::fs::metadata(desk.path("fleet.json.gz")).unwrap().len();
    assert!(size < 2 << 20, "{size}");
}

#[tokio::test]
async fn a_list_that_cannot_be_continued_starts_over() {
    let cluster = empty().await;
    cluster.apply_fleet(1200);
    // The first page is only a little late; the second is gone.
    cluster.fail("list", "nodes", 1, Fault::Slow(Duration::from_millis(1)));
    cluster.fail("list", "nodes", 1, Fault::Status(410, None));
    let desk = Desk::at(&cluster);
    let taken = desk.run(&["snapshot", "-o", "fleet.json"]).await;
    assert_eq!((taken.code, &*taken.err), (0, ""));
    let lists = cluster.requests("list", "nodes");
    let asked: Vec<_> = lists
        .iter()
        .map(|list| {
            (
                list.parameter("limit"),
                !list.parameter("continue").is_empty(),
            )
        })
        .collect();
    assert_eq!(asked, [("500", false), ("500", true), ("", false)]);
    // Each once.
    assert_eq!(desk.kind("fleet.json", "Node"), ("listed".to_owned(), 1200));
    let text = std::fs::read_to_string(desk.path("fleet.json")).unwrap();
    assert_eq!(text.matches("\"kind\":\"Node\"").count(), 1200 + 1);
}

#[tokio::test]
async fn few_lists_are_under_way_at_once() {
    let cluster = empty().await;
    cluster.fail("list", "*", usize::MAX, Fault::Silent);
    let desk = Desk::at(&cluster);
    let mut child = desk.command(&["snapshot", "-o", "s.json"]).spawn().unwrap();
    crate::kube::until("lists are under way", || cluster.journal().len() >= 6).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(cluster.journal().len(), 6);
    child.kill().await.unwrap();
}
