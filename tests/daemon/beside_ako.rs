//! AKO keeps a VRF of its own under the same name, and podroute another one.

use serde_json::{Value, json};

use crate::avi::Controller;
use crate::cluster::{add_nodes, cilium};
use crate::kube::until;
use crate::podroute::Start;
use crate::vrf::{of_nodes, routes, with};

#[tokio::test(flavor = "multi_thread")]
async fn what_ako_writes_elsewhere_is_left_to_ako() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    cluster.apply(json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "avi-system", "name": "avi-k8s-config"},
        "data": {"clusterName": "shop", "cniPlugin": "cilium", "serviceType": "ClusterIP"},
    }));
    let controller = Controller::start();
    controller.set_vrf(&with(&[
        ("shop-0", "10.0.1.0/24", "192.0.2.1", Some("shop")),
        ("shop-1", "10.0.2.0/24", "192.0.2.2", Some("shop")),
    ]));
    let before = controller.vrf("global");
    let mut blue: Value = serde_json::from_str(&with(&[])).unwrap();
    blue["name"] = json!("blue");
    blue["uuid"] = json!("vrfcontext-2");
    controller.set_vrf(&blue.to_string());
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--beside-ako", "--drift-interval", "1"])
        .with_target(&["--vrf", "blue"])
        .run();
    podroute.ready().await;
    until("both routes in blue", || {
        let blue = controller.vrf("blue");
        blue.contains("10.0.1.0") && blue.contains("10.0.2.0")
    })
    .await;
    podroute.says("disableStaticRouteSync").await;
    // It looks for routes of its own in other tables before it reads its own.
    let reads = r#"podroute_table_reads_total{table="avi vrf blue",result="ok"}"#;
    let now = podroute.metric(reads).await.unwrap();
    while podroute.metric(reads).await.unwrap() < now + 3.0 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(controller.vrf("global"), before);
    assert_eq!(routes(&controller), of_nodes(1..=2));
}
