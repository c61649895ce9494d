//! A large cluster.

use crate::cluster::{Cluster, Streaming};
use crate::follower::Follower;
use crate::{PATIENT, node_with};

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_nodes_arrive_and_arrive_again() {
    for streaming in [Streaming::Supported, Streaming::Off] {
        let mut cluster = Cluster::start().await;
        cluster.streaming(streaming);
        cluster.apply_fleet(5000);
        let mut follower =
            Follower::with_room(&cluster, PATIENT, &["Node", "CiliumNode"], 256).await;
        follower
            .until("all are listed", |follower| follower.lists == 2)
            .await;
        assert_eq!(follower.names("Node").len(), 5000);
        assert_eq!(follower.names("CiliumNode").len(), 5000);

        cluster.stop().await;
        cluster.delete("Node", "", "worker-7");
        cluster.apply(node_with("worker-8", "10.200.0.0/24"));
        cluster.expire_history();
        cluster.resume().await;
        follower
            .until("all are listed again", |follower| follower.lists == 4)
            .await;
        assert_eq!(follower.names("Node").len(), 4999);
        assert_eq!(
            follower.object("Node", "worker-8").unwrap()["spec"]["podCIDR"],
            "10.200.0.0/24"
        );
    }
}
