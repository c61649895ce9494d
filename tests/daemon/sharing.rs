//! Several clusters in one VRF.

use std::time::Duration;

use crate::avi::{Controller, Fault};
use crate::cluster::{add_nodes, cilium, cilium_node, node, remove_nodes};
use crate::kube::{Cluster, until};
use crate::podroute::Start;
use crate::vrf::{of_nodes, routes, with};

const PUT: &str = "PUT /api/vrfcontext/";

/// Nodes of the other cluster.
fn add_others(cluster: &Cluster, numbers: impl IntoIterator<Item = u8>) {
    for number in numbers {
        let name = format!("w{number}");
        cluster.apply(node(&name, &format!("198.51.100.{number}")));
        cluster.apply(cilium_node(&name, &format!("10.7.{number}.0/24")));
    }
}

fn of_others(numbers: impl IntoIterator<Item = u8>) -> Vec<String> {
    let route = |number| format!("10.7.{number}.0/24 via 198.51.100.{number} (shop-2)");
    numbers.into_iter().map(route).collect()
}

/// Nodes come one by one, and two of them go.
async fn grow(cluster: &Cluster, add: impl Fn(&Cluster, [u8; 1])) {
    for number in 1..=8 {
        add(cluster, [number]);
        if number > 6 {
            remove_nodes(cluster, [number - 6]);
        }
        tokio::time::sleep(Duration::from_millis(120)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clusters_in_one_vrf_lose_nothing() {
    let (shop, shop_2) = (cilium().await, cilium().await);
    let controller = Controller::start();
    controller.set_vrf(&with(&[
        ("shop-2", "203.0.113.0/24", "192.0.2.254", None),
        ("shop-20", "198.18.0.0/15", "192.0.2.254", Some("shop-20")),
    ]));
    let by_others = routes(&controller);
    // Time for the other one to write in between.
    controller.fail_times(12, PUT, Fault::Delay(Duration::from_millis(150)));
    let of_shop = Start::avi(&shop, &controller)
        .with(&["--window", "0"])
        .run();
    let of_shop_2 = Start::avi(&shop_2, &controller)
        .set("--cluster-name", "shop-2")
        .with(&["--window", "0"])
        .run();
    of_shop.ready().await;
    of_shop_2.ready().await;
    tokio::join!(grow(&shop, add_nodes), grow(&shop_2, add_others));

    let mut expected = of_nodes(3..=8);
    expected.extend(of_others(3..=8));
    expected.extend(by_others);
    expected.sort();
    until("both have their routes", || routes(&controller) == expected).await;
    of_shop.looks_again().await;
    of_shop_2.looks_again().await;
    assert_eq!(routes(&controller), expected);

    let puts = controller.requests(PUT);
    let answered = |status| puts.iter().filter(|put| put.status == Some(status)).count();
    // Each change is written once at most, and whoever was turned away had
    // been overtaken by a write of the other.
    assert!(answered(200) <= 20, "{}", answered(200));
    assert!(answered(412) > 0, "they never met");
    assert!(answered(412) <= answered(200), "{}", answered(412));
    assert_eq!(answered(200) + answered(412), puts.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_begins_like_another_makes_nobodys_routes_ours() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    controller.set_vrf(&with(&[
        (
            "orange-new-1",
            "10.9.1.0/24",
            "192.0.2.91",
            Some("orange-new"),
        ),
        ("x-orange-1", "10.9.2.0/24", "192.0.2.92", Some("x-orange")),
        ("orange-2", "10.9.3.0/24", "192.0.2.93", None),
        ("ORANGE-1", "10.9.4.0/24", "192.0.2.94", Some("ORANGE")),
        ("orange-3", "10.9.5.0/24", "192.0.2.95", Some("orange")),
    ]));
    let start = || Start::avi(&cluster, &controller).set("--cluster-name", "orange");
    let podroute = start().run();
    let expected = [
        "10.0.1.0/24 via 192.0.2.1 (orange)",
        "10.0.2.0/24 via 192.0.2.2 (orange)",
        "10.9.1.0/24 via 192.0.2.91 (orange-new)",
        "10.9.2.0/24 via 192.0.2.92 (x-orange)",
        "10.9.3.0/24 via 192.0.2.93 (nobody)",
        "10.9.4.0/24 via 192.0.2.94 (ORANGE)",
    ];
    until("only its own has gone", || routes(&controller) == expected).await;
    podroute.stop().await;

    // Clusters `a` and `a-b`: neither finds anything to write again and again.
    let writes = crate::vrf::writes(&controller);
    let podroute = start().run();
    podroute.ready().await;
    podroute.looks_again().await;
    assert_eq!(crate::vrf::writes(&controller), writes);
}
