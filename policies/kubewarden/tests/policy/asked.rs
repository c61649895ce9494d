//! What the policy asks its host for: no more than the cluster needs.

use std::sync::Arc;

use serde_json::json;

use crate::module::Policy;
use crate::requests::{create, web_service};
use crate::server::PolicyServer;
use crate::yaml;

const CONFIG_MAPS: [&str; 5] = [
    "v1/ConfigMap metadata.name=cilium-config",
    "v1/ConfigMap metadata.name=avi-k8s-config",
    "v1/ConfigMap metadata.name=calico-config",
    "v1/ConfigMap metadata.name=canal-config",
    "v1/ConfigMap metadata.name=rke2-canal-config",
];

/// Asked for on every cluster, after what shows the CNI.
const ALWAYS: [&str; 7] = [
    "apps/v1/Deployment",
    "apps/v1/StatefulSet",
    "gateway.networking.k8s.io/v1/Gateway",
    "gateway.networking.k8s.io/v1/GatewayClass",
    "networking.x-k8s.io/v1alpha1/Gateway",
    "networking.x-k8s.io/v1alpha1/GatewayClass",
    "v1/Service",
];

fn asked_about(objects: Vec<serde_json::Value>, request: &serde_json::Value) -> Vec<String> {
    let server = Arc::new(PolicyServer::of(objects));
    Policy::beside(&server).validate(request, &json!({}));
    server.asked()
}

/// Without the versions that were tried in vain.
fn of_first_versions(asked: &[String]) -> Vec<&str> {
    let later = [
        "/v1beta1/",
        "/v1alpha2/",
        "cilium.io/v2alpha1/",
        "projectcalico.org/v3/",
    ];
    let mut first: Vec<&str> = asked
        .iter()
        .map(String::as_str)
        .filter(|one| !later.iter().any(|version| one.contains(version)))
        .collect();
    first.sort_unstable();
    first
}

fn expected(of_the_cni: &[&'static str]) -> Vec<&'static str> {
    let evidence = ["apps/v1/DaemonSet", "v1/Node"];
    let mut all = [&CONFIG_MAPS[..], &evidence, &ALWAYS, of_the_cni].concat();
    all.sort_unstable();
    all
}

#[test]
fn a_calico_cluster_is_not_asked_for_what_belongs_to_cilium() {
    let asked = asked_about(yaml::snapshot("calico"), &create(&web_service()));
    let of_calico = [
        "crd.projectcalico.org/v1/BlockAffinity",
        "crd.projectcalico.org/v1/IPPool",
        "operator.tigera.io/v1/Installation",
    ];
    assert_eq!(of_first_versions(&asked), expected(&of_calico));
}

#[test]
fn a_cilium_cluster_is_not_asked_for_what_belongs_to_calico() {
    let asked = asked_about(
        yaml::snapshot("cilium-cluster-pool"),
        &create(&web_service()),
    );
    let of_cilium = [
        "cilium.io/v2/CiliumNode",
        "cilium.io/v2/CiliumNodeConfig",
        "cilium.io/v2/CiliumPodIPPool",
    ];
    assert_eq!(of_first_versions(&asked), expected(&of_cilium));
}

#[test]
fn a_change_that_brings_in_another_cni_is_judged_with_that_ones_objects() {
    let kindnet = yaml::snapshot("kindnet");
    let asked = asked_about(kindnet.clone(), &create(&web_service()));
    assert_eq!(of_first_versions(&asked), expected(&[]));

    let cilium = json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"namespace": "kube-system", "name": "cilium"},
    });
    let asked = asked_about(kindnet, &create(&cilium));
    assert!(
        asked.contains(&"cilium.io/v2/CiliumNode".to_owned()),
        "{asked:?}"
    );
}

#[test]
fn the_cni_is_found_before_anything_that_belongs_to_one_is_asked_for() {
    let asked = asked_about(yaml::snapshot("calico"), &create(&web_service()));
    let first = [&CONFIG_MAPS[..], &["apps/v1/DaemonSet", "v1/Node"]].concat();
    assert_eq!(asked[..first.len()], first);
}

#[test]
fn what_nobody_reads_costs_nothing() {
    let lease = json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"namespace": "kube-node-lease", "name": "worker-1"},
    });
    let application = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "shop", "name": "web"}, "data": {"ipam": "x"},
    });
    let istio = json!({
        "apiVersion": "networking.istio.io/v1", "kind": "Gateway",
        "metadata": {"namespace": "shop", "name": "web"},
    });
    for object in [lease, application, istio] {
        let server = Arc::new(PolicyServer::of(yaml::snapshot("calico")));
        let answer = Policy::beside(&server).validate(&create(&object), &json!({}));
        assert_eq!(answer, json!({"accepted": true}));
        assert_eq!(server.asked(), [""; 0], "{object}");
    }
}
