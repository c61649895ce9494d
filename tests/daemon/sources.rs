//! Wherever pod CIDRs and node addresses are written down, routes follow them.

use serde_json::{Value, json};

use crate::avi::Controller;
use crate::cluster::{cilium, cilium_config, cilium_node, node};
use crate::kube::{Cluster, Fault, until};
use crate::podroute::Start;
use crate::vrf::{routes, with};

/// A cluster without a CNI that could be detected, which `--cni` says.
async fn plain() -> Cluster {
    Cluster::start().await
}

fn annotated(name: &str, address: &str, key: &str, value: &str) -> Value {
    let mut node = node(name, address);
    node["metadata"]["annotations"] = json!({key: value});
    node
}

fn shop(prefix: &str, next_hop: &str) -> String {
    format!("{prefix} via {next_hop} (shop)")
}

#[tokio::test(flavor = "multi_thread")]
async fn second_pod_cidrs_and_second_addresses_are_followed() {
    let cluster = cilium().await;
    let mut config = cilium_config("cluster-pool");
    config["data"]["enable-ipv6"] = json!("true");
    config["data"]["ipv6-native-routing-cidr"] = json!("fd00::/16");
    cluster.apply(config);
    let dual = |second: &str| {
        let mut node = node("w1", "192.0.2.1");
        let second = json!({"type": "InternalIP", "address": second});
        node["status"]["addresses"]
            .as_array_mut()
            .unwrap()
            .push(second);
        node
    };
    let pods = |second: &str| {
        let mut node = cilium_node("w1", "10.0.1.0/24");
        node["spec"]["ipam"]["podCIDRs"] = json!(["10.0.1.0/24", second]);
        node
    };
    cluster.apply(dual("2001:db8::1"));
    cluster.apply(pods("fd00:1::/64"));
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    let first = shop("10.0.1.0/24", "192.0.2.1");
    let both = |prefix, next_hop| vec![first.clone(), shop(prefix, next_hop)];
    until("both families", || {
        routes(&controller) == both("fd00:1::/64", "2001:db8::1")
    })
    .await;

    cluster.apply(dual("2001:db8::2"));
    until("the second address", || {
        routes(&controller) == both("fd00:1::/64", "2001:db8::2")
    })
    .await;
    cluster.apply(pods("fd00:2::/64"));
    until("the second pod CIDR", || {
        routes(&controller) == both("fd00:2::/64", "2001:db8::2")
    })
    .await;
    cluster.apply(pods("10.0.3.0/24"));
    until("a second one of the same family", || {
        routes(&controller) == [first.clone(), shop("10.0.3.0/24", "192.0.2.1")]
    })
    .await;
    drop(podroute);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_annotation_of_ovn_kubernetes_is_followed_in_either_form() {
    const KEY: &str = "k8s.ovn.org/node-subnets";
    let cluster = plain().await;
    let subnets = |value: &str| annotated("w1", "192.0.2.1", KEY, value);
    cluster.apply(subnets(r#"{"default":"10.128.2.0/23"}"#));
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--cni", "ovn-kubernetes"])
        .run();
    for (value, expected) in [
        (r#"{"default":"10.128.2.0/23"}"#, &["10.128.2.0/23"][..]),
        (r#"{"default":["10.128.4.0/23"]}"#, &["10.128.4.0/23"]),
        (
            r#"{"default":["10.128.4.0/23","10.128.6.0/23"]}"#,
            &["10.128.4.0/23", "10.128.6.0/23"],
        ),
    ] {
        cluster.apply(subnets(value));
        let expected: Vec<String> = expected.iter().map(|one| shop(one, "192.0.2.1")).collect();
        until(value, || routes(&controller) == expected).await;
    }
    drop(podroute);
}

fn block(name: &str, node: &str, cidr: &str) -> Value {
    json!({
        "apiVersion": "crd.projectcalico.org/v1", "kind": "BlockAffinity",
        "metadata": {"name": name},
        "spec": {"cidr": cidr, "node": node, "state": "confirmed", "deleted": "false"},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_of_calico_come_change_and_go() {
    let cluster = plain().await;
    cluster.apply(node("w1", "192.0.2.1"));
    cluster.apply(node("w2", "192.0.2.2"));
    cluster.apply(block("a", "w1", "10.90.0.0/26"));
    cluster.apply(block("b", "w1", "10.90.0.64/26"));
    cluster.apply(block("c", "w2", "10.90.0.128/26"));
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--cni", "calico"])
        .run();
    let (a, c) = (
        shop("10.90.0.0/26", "192.0.2.1"),
        shop("10.90.0.128/26", "192.0.2.2"),
    );
    let b = |next_hop| shop("10.90.0.64/26", next_hop);
    until("several blocks of a node", || {
        routes(&controller) == [a.clone(), c.clone(), b("192.0.2.1")]
    })
    .await;

    // An affinity that changes in place.
    cluster.apply(block("b", "w2", "10.90.0.64/26"));
    until("the block's new node", || {
        routes(&controller) == [a.clone(), c.clone(), b("192.0.2.2")]
    })
    .await;
    // The address that Calico says.
    let key = "projectcalico.org/IPv4Address";
    cluster.apply(annotated("w1", "192.0.2.1", key, "198.51.100.1/24"));
    let a = shop("10.90.0.0/26", "198.51.100.1");
    until("the annotation", || {
        routes(&controller) == [a.clone(), c.clone(), b("192.0.2.2")]
    })
    .await;
    // One that goes while nobody is told.
    cluster.fail("*", "blockaffinities", 1, Fault::Closed);
    cluster.drop_watches();
    cluster.delete("BlockAffinity", "", "b");
    cluster.expire_history();
    until("the block that went unseen", || {
        routes(&controller) == [a.clone(), c.clone()]
    })
    .await;
    drop(podroute);
}

#[tokio::test(flavor = "multi_thread")]
async fn host_subnets_of_openshift_are_followed() {
    let cluster = plain().await;
    let subnet = |cidr: &str| {
        json!({
            "apiVersion": "network.openshift.io/v1", "kind": "HostSubnet",
            "metadata": {"name": "w1"},
            "host": "w1", "hostIP": "192.0.2.1", "subnet": cidr,
        })
    };
    cluster.apply(node("w1", "192.0.2.1"));
    cluster.apply(subnet("10.128.0.0/23"));
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--cni", "openshift-sdn"])
        .run();
    for cidr in ["10.128.0.0/23", "10.129.2.0/23"] {
        cluster.apply(subnet(cidr));
        until(cidr, || routes(&controller) == [shop(cidr, "192.0.2.1")]).await;
    }
    drop(podroute);
}
