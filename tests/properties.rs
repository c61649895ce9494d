//! Properties of the component: the order of objects does not matter, and
//! no input breaks it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::sync::LazyLock;

use podroute::Policy;
use podroute::policy::Settings;
use proptest::prelude::*;
use serde_json::{Value, json};

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::built_in().unwrap());

fn request(objects: &[Value]) -> String {
    json!({"objects": objects, "settings": {"connectedNetworks": ["192.0.2.0/24"], "routeLimit": 5}})
        .to_string()
}

fn cidr() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (0_u8..4, 0_u8..6, 16_u8..=26).prop_map(|(a, b, length)| format!("10.{a}.{b}.0/{length}")),
        3 => (0_u8..4, 62_u8..=66).prop_map(|(a, length)| format!("fd00:0:0:{a}::/{length}")),
        1 => Just("10.0.0.5/24".to_owned()),
        1 => "[0-9a-f.:/]{0,12}",
    ]
}

fn node() -> impl Strategy<Value = Value> {
    let address = prop_oneof![
        (1_u8..20).prop_map(|last| format!("192.0.2.{last}")),
        (1_u8..20).prop_map(|last| format!("2001:db8::{last}")),
        Just("fe80::1".to_owned()),
        Just("nonsense".to_owned()),
    ];
    (
        0_u8..8,
        proptest::collection::vec(cidr(), 0..3),
        proptest::collection::vec(address, 0..3),
        proptest::option::of(any::<bool>()),
        proptest::option::of(cidr()),
        0_u32..3,
    )
        .prop_map(|(name, cidrs, addresses, ready, annotation, version)| {
            let addresses: Vec<_> = addresses
                .iter()
                .map(|address| json!({"type": "InternalIP", "address": address}))
                .collect();
            let mut node = json!({
                "apiVersion": "v1", "kind": "Node",
                "metadata": {"name": format!("node-{name}"), "resourceVersion": version.to_string(),
                             "creationTimestamp": format!("2025-01-0{}T00:00:00Z", version + 1)},
                "spec": {"podCIDR": cidrs.first(), "podCIDRs": cidrs},
                "status": {"addresses": addresses, "nodeInfo": {"kernelVersion": "5.1.0"}},
            });
            if let Some(ready) = ready {
                let status = if ready { "True" } else { "False" };
                node["status"]["conditions"] = json!([{"type": "Ready", "status": status}]);
            }
            if let Some(annotation) = annotation {
                node["metadata"]["annotations"] = json!({"ako.vmware.com/pod-cidrs": annotation});
            }
            node
        })
}

fn cilium_node() -> impl Strategy<Value = Value> {
    (
        0_u8..8,
        proptest::collection::vec(cidr(), 0..3),
        proptest::collection::vec(cidr(), 0..3),
        proptest::option::of("[a-z ]{1,9}"),
    )
        .prop_map(|(name, cidrs, pool, error)| {
            json!({
                "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
                "metadata": {"name": format!("node-{name}")},
                "spec": {"ipam": {"podCIDRs": cidrs, "pools": {"allocated": [{"pool": "default", "cidrs": pool}]}}},
                "status": {"ipam": {"operator-status": {"error": error}}},
            })
        })
}

fn settings_objects() -> impl Strategy<Value = Vec<Value>> {
    let mode = prop_oneof![
        Just("cluster-pool"),
        Just("kubernetes"),
        Just("multi-pool"),
        Just("cluster-pool-v2beta"),
        Just("eni"),
        Just("foo"),
    ];
    let plugin = prop_oneof![Just(""), Just("cilium"), Just("calico"), Just("weave")];
    (proptest::option::of(mode), proptest::option::of(plugin), any::<bool>()).prop_map(
        |(mode, plugin, sctp)| {
            let mut objects = Vec::new();
            if let Some(mode) = mode {
                objects.push(json!({"apiVersion": "v1", "kind": "ConfigMap",
                    "metadata": {"namespace": "kube-system", "name": "cilium-config"},
                    "data": {"ipam": mode, "enable-sctp": sctp.to_string()}}));
                objects.push(json!({"apiVersion": "apps/v1", "kind": "DaemonSet",
                    "metadata": {"namespace": "kube-system", "name": "cilium"},
                    "spec": {"template": {"spec": {"containers": [
                        {"name": "cilium-agent", "image": "quay.io/cilium/cilium:v1.14.3"}]}}}}));
            }
            if let Some(plugin) = plugin {
                objects.push(json!({"apiVersion": "v1", "kind": "ConfigMap",
                    "metadata": {"namespace": "avi-system", "name": "avi-k8s-config"},
                    "data": {"cniPlugin": plugin, "clusterName": "c"}}));
            }
            if sctp {
                objects.push(json!({"apiVersion": "v1", "kind": "Service",
                    "metadata": {"namespace": "d", "name": "s"},
                    "spec": {"type": "LoadBalancer", "ports": [{"port": 1, "targetPort": 2, "protocol": "SCTP"}]}}));
            }
            objects
        },
    )
}

/// A cluster's objects, in two orders.
fn shuffled() -> impl Strategy<Value = (Vec<Value>, Vec<Value>)> {
    (
        proptest::collection::vec(node(), 0..10),
        proptest::collection::vec(cilium_node(), 0..10),
        settings_objects(),
    )
        .prop_map(|(nodes, cilium_nodes, settings)| [nodes, cilium_nodes, settings].concat())
        .prop_flat_map(|objects| (Just(objects.clone()), Just(objects).prop_shuffle()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_order_of_objects_does_not_matter((one, other) in shuffled()) {
        let first = POLICY.evaluate_json(&request(&one)).unwrap();
        prop_assert_eq!(&first, &POLICY.evaluate_json(&request(&other)).unwrap());
        // Nor does it matter whether they come as one list.
        let list = json!({"kind": "List", "items": other});
        prop_assert_eq!(&first, &POLICY.evaluate_json(&request(&[list])).unwrap());
    }

    #[test]
    fn routes_never_overlap_between_nodes((objects, _) in shuffled()) {
        let report = POLICY.evaluate_json(&request(&objects)).unwrap();
        let report: Value = serde_json::from_str(&report).unwrap();
        let routes: Vec<(ipnet::IpNet, &str)> = report["routes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|route| (
                route["prefix"].as_str().unwrap().parse().unwrap(),
                route["node"].as_str().unwrap(),
            ))
            .collect();
        for (prefix, node) in &routes {
            prop_assert_eq!(prefix.trunc(), *prefix);
            for (other, owner) in &routes {
                let disjoint = !prefix.contains(other) && !other.contains(prefix);
                prop_assert!(node == owner || disjoint, "{} {}", prefix, other);
            }
        }
    }

    #[test]
    fn no_text_breaks_the_component(text in any::<String>(), json in "[\\[\\]{}\",:a-z0-9 ]{0,60}") {
        for document in [text, json] {
            POLICY
                .evaluate(std::slice::from_ref(&document), &Settings::default())
                .unwrap();
            // Refused or answered, but never a crash.
            let answered = POLICY.evaluate_json(&document);
            let refused = matches!(answered, Err(podroute::policy::Error::InvalidRequest(_)));
            prop_assert!(answered.is_ok() || refused);
        }
    }
}
