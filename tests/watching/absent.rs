//! Kinds that the server does not know, or no longer, or not yet.

use serde_json::json;

use crate::cluster::{Cluster, Fault, Resource};
use crate::follower::Follower;
use crate::{IMPATIENT, PATIENT, cilium_node};

const LISTED: &str = "listed ciliumnodes.cilium.io";

#[tokio::test]
async fn a_kind_that_is_not_installed_has_no_objects_until_it_is() {
    let cluster = Cluster::start().await;
    let mut follower = Follower::new(&cluster, PATIENT, &["CiliumNode"]).await;
    assert_eq!(
        follower.until_told(LISTED).await,
        ["listing ciliumnodes.cilium.io", LISTED]
    );

    cluster.install_known("CiliumNode");
    cluster.apply(cilium_node("a"));
    follower
        .until("it is there", |follower| {
            !follower.names("CiliumNode").is_empty()
        })
        .await;
    // It was not told again and again that there are none.
    let lists = follower.diary.iter().filter(|line| *line == LISTED).count();
    assert!(lists <= 1, "{:#?}", follower.diary);
}

#[tokio::test]
async fn a_kind_is_read_in_the_version_that_there_is() {
    let cluster = Cluster::start().await;
    for (kind, plural) in [("BlockAffinity", "blockaffinities"), ("IPPool", "ippools")] {
        cluster.install(Resource::new(
            "projectcalico.org",
            &["v3"],
            plural,
            kind,
            false,
        ));
        cluster.apply(json!({
            "apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": {"name": "a"},
        }));
    }
    let mut follower = Follower::new(&cluster, PATIENT, &["BlockAffinity", "IPPool"]).await;
    follower
        .until("both are there", |follower| {
            ["BlockAffinity", "IPPool"]
                .iter()
                .all(|kind| follower.names(kind) == ["a"])
        })
        .await;
    assert_eq!(
        follower.object("IPPool", "a").unwrap()["apiVersion"],
        json!("projectcalico.org/v3")
    );
}

#[tokio::test]
async fn a_kind_can_move_to_another_version() {
    let resource = |version| {
        Resource::new(
            "cilium.io",
            &[version],
            "ciliumpodippools",
            "CiliumPodIPPool",
            false,
        )
    };
    let cluster = Cluster::start().await;
    cluster.install(resource("v2alpha1"));
    cluster.apply(json!({
        "apiVersion": "cilium.io/v2alpha1", "kind": "CiliumPodIPPool",
        "metadata": {"name": "default"},
    }));
    let mut follower = Follower::new(&cluster, PATIENT, &["CiliumPodIPPool"]).await;
    follower
        .until_told("listed ciliumpodippools.cilium.io")
        .await;

    cluster.install(resource("v2"));
    cluster.end_watches();
    assert_eq!(
        follower
            .until_told("listed ciliumpodippools.cilium.io")
            .await,
        [
            "listing ciliumpodippools.cilium.io",
            "put ciliumpodippools.cilium.io default",
            "listed ciliumpodippools.cilium.io"
        ]
    );
    assert_eq!(
        follower.object("CiliumPodIPPool", "default").unwrap()["apiVersion"],
        json!("cilium.io/v2")
    );
}

#[tokio::test]
async fn a_server_that_does_not_know_its_crds_yet_takes_no_objects_away() {
    let mut cluster = Cluster::start().await;
    cluster.apply(cilium_node("a"));
    let mut follower = Follower::new(&cluster, PATIENT, &["CiliumNode"]).await;
    follower.until_told(LISTED).await;
    cluster.stop().await;
    cluster.fail(
        "*",
        "ciliumnodes",
        5,
        Fault::Text(404, "404 page not found\n"),
    );
    cluster.resume().await;

    assert_eq!(
        follower.until_told(LISTED).await,
        [
            "listing ciliumnodes.cilium.io",
            "put ciliumnodes.cilium.io a",
            LISTED
        ]
    );
}

#[tokio::test]
async fn a_kind_that_stays_away_is_gone_in_the_end() {
    let cluster = Cluster::start().await;
    cluster.apply(cilium_node("a"));
    let mut follower = Follower::new(&cluster, IMPATIENT, &["CiliumNode"]).await;
    follower.until_told(LISTED).await;
    cluster.uninstall("CiliumNode");
    assert_eq!(
        follower.until_told(LISTED).await,
        [
            "gone ciliumnodes.cilium.io a",
            "listing ciliumnodes.cilium.io",
            LISTED
        ]
    );
}

#[tokio::test]
async fn nodes_are_never_absent() {
    let cluster = Cluster::start().await;
    cluster.fail(
        "*",
        "nodes",
        usize::MAX,
        Fault::Text(404, "404 page not found\n"),
    );
    let mut follower = Follower::new(&cluster, IMPATIENT, &["Node"]).await;
    assert_eq!(
        follower.until_unreadable("Node").await,
        "the server has no nodes (404 page not found); check that the configured server is the \
         API server of a cluster"
    );
}
