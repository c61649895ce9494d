//! What the account may not do.

use crate::cluster::{Cluster, Streaming, USER};
use crate::follower::Follower;
use crate::{PATIENT, cilium_node, node};

#[tokio::test]
async fn a_forbidden_kind_is_told_at_once_with_what_to_allow() {
    let cluster = Cluster::start().await;
    cluster.apply(cilium_node("a"));
    cluster.forbid("watch", "ciliumnodes");
    let mut follower = Follower::new(&cluster, PATIENT, &["CiliumNode"]).await;
    assert_eq!(
        follower.until_unreadable("CiliumNode").await,
        format!(
            "forbidden to watch ciliumnodes.cilium.io (ciliumnodes.cilium.io is forbidden: User \
             \"{USER}\" cannot watch resource \"ciliumnodes\" in API group \"cilium.io\" at the \
             cluster scope); allow list and watch of it to this account"
        )
    );

    cluster.allow("watch", "ciliumnodes");
    follower.until_told("listed ciliumnodes.cilium.io").await;
    assert_eq!(follower.names("CiliumNode"), ["a"]);
    assert_eq!(follower.unreadable("CiliumNode"), None);
}

#[tokio::test]
async fn where_lists_are_not_streamed_the_right_to_list_matters_too() {
    let cluster = Cluster::start().await;
    cluster.streaming(Streaming::Off);
    cluster.forbid("list", "nodes");
    let mut follower = Follower::new(&cluster, PATIENT, &["Node"]).await;
    assert_eq!(
        follower.until_unreadable("Node").await,
        format!(
            "forbidden to list nodes (nodes is forbidden: User \"{USER}\" cannot list resource \
             \"nodes\" in API group \"\" at the cluster scope); allow list and watch of it to \
             this account"
        )
    );
}

#[tokio::test]
async fn a_right_that_is_taken_away_for_a_while_costs_no_list() {
    let cluster = Cluster::start().await;
    cluster.apply(node("a"));
    let mut follower = Follower::new(&cluster, PATIENT, &["Node"]).await;
    follower.until_told("listed nodes").await;
    cluster.forbid("*", "nodes");
    cluster.drop_watches();
    follower.until_unreadable("Node").await;
    // What was read still counts.
    assert_eq!(follower.names("Node"), ["a"]);

    cluster.apply(node("b"));
    cluster.allow("*", "nodes");
    assert_eq!(
        follower.until_told("put nodes b").await,
        ["readable nodes", "put nodes b"]
    );
}

#[tokio::test]
async fn a_kind_that_is_forbidden_but_not_installed_is_empty() {
    let cluster = Cluster::start().await;
    cluster.forbid("*", "ciliumnodes");
    cluster.forbid("*", "blockaffinities");
    // The other Calico kind makes the group known.
    cluster.install_known("IPPool");
    let mut follower = Follower::new(&cluster, PATIENT, &[]).await;
    let sources = follower.watcher.want(["CiliumNode", "BlockAffinity"]);
    follower
        .until("both are known", |follower| follower.settled(&sources))
        .await;
    assert_eq!(follower.unreadable("CiliumNode"), None);
    assert_eq!(follower.unreadable("BlockAffinity"), None);

    // Once it is installed it is a gap.
    cluster.install_known("BlockAffinity");
    follower.until_unreadable("BlockAffinity").await;
}
