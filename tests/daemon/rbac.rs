//! What the shipped RBAC allows is what podroute needs: with it everything
//! works, and nothing of it is left over.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::avi::Controller;
use crate::cluster::{add_nodes, cilium, cilium_node, node};
use crate::kube::{Cluster, Grant, Resource, Streaming, grants, until};
use crate::manifests;
use crate::podroute::{Podroute, Start};
use crate::vrf::{of_nodes, routes, with};

const NAMESPACE: &str = "podroute";
const POD: &str = "podroute-5d9c7b6f4-x2x7p";

/// The objects that are there when these parts are applied to a cluster.
fn applied(parts: &[&str]) -> Vec<Value> {
    let all = ["base", "rbac/common"].iter().chain(parts);
    all.flat_map(|part| manifests::objects(part)).collect()
}

/// Gives podroute what the parts give to the account of its pods.
fn grant(cluster: &Cluster, parts: &[&str]) {
    let objects = applied(parts);
    let deployment = objects.iter().find(|one| one["kind"] == "Deployment");
    let pod = &deployment.unwrap()["spec"]["template"]["spec"];
    let account = pod["serviceAccountName"].as_str().unwrap();
    cluster.grant_only(grants(&objects, NAMESPACE, account));
    // Lists that are not streamed take `list` and `watch`.
    cluster.streaming(Streaming::Off);
    cluster.install_known("ClusterReport");
}

/// In a pod of the Deployment.
fn start(cluster: &Cluster, controller: &Controller) -> Start {
    Start::avi(cluster, controller).with_environment(&[
        ("POD_NAMESPACE", NAMESPACE),
        ("POD_NAME", POD),
        ("POD_UID", "6d7f1a2e-0000-4000-8000-000000000001"),
    ])
}

/// Nothing was refused, and what is written is written.
async fn assert_all_works(cluster: &Cluster, podroute: Podroute) {
    until("a ClusterReport", || {
        cluster.get("ClusterReport", "", "podroute-shop").is_some()
    })
    .await;
    // The Lease is renewed, and given back.
    until("the Lease is renewed", || {
        !cluster.requests("update", "leases").is_empty()
    })
    .await;
    assert!(podroute.stop().await.success());
    let lease = cluster.get("Lease", NAMESPACE, "podroute").unwrap();
    assert_eq!(lease["spec"]["holderIdentity"], "");
    let journal = cluster.journal();
    let refused: Vec<_> = journal.iter().filter(|one| one.code == Some(403)).collect();
    assert!(refused.is_empty(), "{refused:?}");
}

/// How often Events of this reason happened, about objects of this kind.
fn events(cluster: &Cluster, namespace: &str, reason: &str, kind: &str) -> u64 {
    let events = cluster.all("Event");
    let events = events.iter().filter(|event| {
        event["metadata"]["namespace"] == namespace
            && event["reason"] == reason
            && event["regarding"]["kind"] == kind
    });
    events
        .map(|event| event["series"]["count"].as_u64().unwrap_or(1))
        .sum()
}

/// Somebody changes the routes, and podroute is told to look.
async fn repair(cluster: &Cluster, controller: &Controller, podroute: &Podroute, times: u64) {
    let right = controller.vrf("global");
    controller.set_vrf(&right.replace("192.0.2.1\"", "192.0.2.99\""));
    podroute.post("/reconcile", &json!({})).await;
    until("the drift is repaired and told", || {
        events(cluster, NAMESPACE, "DriftRepaired", "Pod") == times
    })
    .await;
}

/// Two nodes claim one pod CIDR, until they do not.
async fn clash(cluster: &Cluster, podroute: &Podroute, times: u64) {
    cluster.apply(cilium_node("w3", "10.0.2.0/24"));
    until("the Node has an Event", || {
        events(cluster, "default", "RouteWithheld", "Node") == times
    })
    .await;
    cluster.apply(cilium_node("w3", "10.0.3.0/24"));
    while podroute
        .metric(r#"podroute_findings{rule="route/duplicate-prefix",severity="error"}"#)
        .await
        .is_some_and(|count| count > 0.0)
    {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

async fn with_cilium() -> BTreeSet<Grant> {
    let cluster = cilium().await;
    for (group, version) in [
        ("gateway.networking.k8s.io", "v1"),
        ("networking.x-k8s.io", "v1alpha1"),
    ] {
        let install = |plural, kind, namespaced| {
            cluster.install(Resource::new(group, &[version], plural, kind, namespaced));
        };
        install("gateways", "Gateway", true);
        install("gatewayclasses", "GatewayClass", false);
    }
    grant(&cluster, &["rbac/cilium", "rbac/pods"]);
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = start(&cluster, &controller).with(&["--watch-pods"]).run();
    podroute.ready().await;
    until("three routes", || routes(&controller) == of_nodes(1..=3)).await;
    for times in 1..=2 {
        clash(&cluster, &podroute, times).await;
        until("three routes", || routes(&controller) == of_nodes(1..=3)).await;
        repair(&cluster, &controller, &podroute, times).await;
    }
    assert_all_works(&cluster, podroute).await;
    cluster.unused_grants()
}

fn daemon_set(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"template": {"spec": {"containers": []}}},
        "status": {"desiredNumberScheduled": 1},
    })
}

/// A cluster with one node `w1`, of another CNI.
async fn one_node(parts: &[&str], objects: Vec<Value>) -> BTreeSet<Grant> {
    let cluster = Cluster::start().await;
    // Left from a CNI that was here before, and nothing to podroute.
    cluster.install_known("CiliumNode");
    cluster.install_known("CiliumNodeConfig");
    grant(&cluster, parts);
    cluster.apply(node("w1", "192.0.2.1"));
    for object in objects {
        cluster.apply(object);
    }
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = start(&cluster, &controller).run();
    podroute.ready().await;
    until("the route", || routes(&controller) == of_nodes([1])).await;
    assert_all_works(&cluster, podroute).await;
    cluster.unused_grants()
}

/// By Calico's CRDs, and by its API server.
async fn with_calico(api_version: &str) -> BTreeSet<Grant> {
    one_node(
        &["rbac/calico"],
        vec![
            daemon_set("calico-system", "calico-node"),
            json!({
                "apiVersion": "operator.tigera.io/v1", "kind": "Installation",
                "metadata": {"name": "default"},
                "spec": {"cni": {"type": "Calico", "ipam": {"type": "Calico"}}},
            }),
            json!({
                "apiVersion": api_version, "kind": "IPPool",
                "metadata": {"name": "pool"}, "spec": {"cidr": "10.0.0.0/16"},
            }),
            json!({
                "apiVersion": api_version, "kind": "BlockAffinity",
                "metadata": {"name": "w1-10-0-1-0-24"},
                "spec": {"cidr": "10.0.1.0/24", "node": "w1", "state": "confirmed", "deleted": "false"},
            }),
        ],
    )
    .await
}

async fn with_openshift_sdn() -> BTreeSet<Grant> {
    one_node(
        &["rbac/openshift"],
        vec![
            daemon_set("openshift-sdn", "sdn"),
            json!({
                "apiVersion": "network.openshift.io/v1", "kind": "HostSubnet",
                "metadata": {"name": "w1"},
                "host": "w1", "hostIP": "192.0.2.1", "subnet": "10.0.1.0/24",
            }),
        ],
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_rbac_is_enough_and_no_more() {
    let (cilium, crds, server, openshift) = tokio::join!(
        with_cilium(),
        with_calico("crd.projectcalico.org/v1"),
        with_calico("projectcalico.org/v3"),
        with_openshift_sdn(),
    );
    // What is common to all is all used by the first of them, and what is not
    // is used by one with that CNI.
    assert_eq!(cilium, BTreeSet::new());
    let only = |unused: &BTreeSet<Grant>, group: &str| -> BTreeSet<Grant> {
        let of_group = unused.iter().filter(|one| one.group.contains(group));
        of_group.cloned().collect()
    };
    let calico: BTreeSet<_> = crds.intersection(&server).cloned().collect();
    assert_eq!(only(&calico, "calico"), BTreeSet::new());
    assert_eq!(only(&calico, "tigera"), BTreeSet::new());
    assert_eq!(only(&openshift, "openshift"), BTreeSet::new());
}

#[test]
fn every_part_is_what_its_kustomization_says() {
    for part in [
        "base",
        "rbac/common",
        "rbac/cilium",
        "rbac/calico",
        "rbac/openshift",
        "rbac/pods",
        "tls",
        "network-policy",
        "cleanup",
    ] {
        let kustomization = manifests::kustomization(part);
        let kind = if part == "base" {
            "Kustomization"
        } else {
            "Component"
        };
        assert_eq!(kustomization["kind"], kind, "{part}");
        let listed = kustomization["resources"].as_array().unwrap().iter();
        let patches = kustomization["patches"].as_array().into_iter().flatten();
        let mut listed: Vec<_> = listed
            .chain(patches.map(|patch| &patch["path"]))
            .map(|file| file.as_str().unwrap().to_owned())
            .chain(["kustomization.yaml".to_owned()])
            .collect();
        listed.sort();
        let mut there: Vec<_> = std::fs::read_dir(manifests::folder().join(part))
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        there.sort();
        assert_eq!(listed, there, "{part}");
        // Components name the namespace themselves: kustomize's `namespace:`
        // would move the Role that is in `default`.
        assert_eq!(kustomization["namespace"], Value::Null, "{part}");
    }
}
