//! Routes follow the cluster.

use crate::avi::Controller;
use crate::cluster::{add_nodes, cilium, cilium_node, node, remove_nodes};
use crate::kube::until;
use crate::podroute::Start;
use crate::vrf::{of_nodes, routes, with, writes};

#[tokio::test(flavor = "multi_thread")]
async fn routes_follow_the_cluster_and_stay_when_podroute_stops() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    podroute.ready().await;
    until("three routes", || routes(&controller) == of_nodes(1..=3)).await;
    assert_eq!(writes(&controller), 1, "one write for all");

    // A node comes, one moves, one goes.
    add_nodes(&cluster, [4]);
    until("four routes", || routes(&controller) == of_nodes(1..=4)).await;
    cluster.apply(node("w2", "192.0.2.22"));
    until("the new next hop", || {
        routes(&controller).contains(&"10.0.2.0/24 via 192.0.2.22 (shop)".to_owned())
    })
    .await;
    cluster.apply(cilium_node("w2", "10.0.9.0/24"));
    until("the new pod CIDR", || {
        routes(&controller).contains(&"10.0.9.0/24 via 192.0.2.22 (shop)".to_owned())
    })
    .await;
    remove_nodes(&cluster, [2]);
    until("three again", || routes(&controller) == of_nodes([1, 3, 4])).await;

    assert!(podroute.stop().await.success());
    assert_eq!(routes(&controller), of_nodes([1, 3, 4]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_right_already_is_not_written_and_what_is_not_ours_stays() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    // As AKO wrote them, and two of other people.
    controller.set_vrf(&with(&[
        ("shop-6a7c2b52-0", "10.0.1.0/24", "192.0.2.1", Some("shop")),
        ("shop-0b3e0ccd-0", "10.0.2.0/24", "192.0.2.2", Some("shop")),
        ("1", "0.0.0.0/0", "192.0.2.254", None),
        ("shop-2-x-0", "10.9.0.0/24", "192.0.2.9", Some("shop-2")),
    ]));
    let before = controller.vrf("global");
    let podroute = Start::avi(&cluster, &controller).run();
    podroute.ready().await;
    podroute.stop().await;
    assert_eq!(controller.vrf("global"), before);
    assert_eq!(writes(&controller), 0);
}
