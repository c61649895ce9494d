//! Objects of the kinds that detection and mapping read.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::addresses::{address, cidr, created, node_name};

/// A name and the value that it has, such as of an annotation.
pub(crate) type Pair = (String, String);

/// `name`, and what many objects have.
pub(crate) fn metadata(name: impl Strategy<Value = &'static str>) -> impl Strategy<Value = Value> {
    (name, created(), 0_u8..4).prop_map(|(name, created, version)| {
        let mut metadata = json!({"name": name});
        if let Some(created) = created {
            metadata["creationTimestamp"] = json!(created);
        }
        if version > 0 {
            metadata["resourceVersion"] = json!(version.to_string());
        }
        metadata
    })
}

/// A Node with the annotations that its CNI writes, and maybe others.
pub(crate) fn node(annotations: impl Strategy<Value = Vec<Pair>>) -> impl Strategy<Value = Value> {
    let reason = prop_oneof![
        40 => Just(None),
        2 => select(vec![
            Some("CiliumIsUp"), Some("CalicoIsUp"), Some("FlannelIsUp"), Some("AntreaIsUp"),
            Some("RouteCreated"),
        ]),
    ];
    let kind =
        prop_oneof![12 => Just("InternalIP"), 1 => Just("ExternalIP"), 1 => Just("Hostname")];
    (
        metadata(node_name()),
        vec(cidr(), 0..4),
        vec((kind, address()), 1..5),
        annotations,
        option::of(select(vec!["a", "b"])),
        reason,
        any::<bool>(),
    )
        .prop_map(
            |(mut metadata, cidrs, addresses, annotations, zone, reason, has_list)| {
                let annotations: Map<String, Value> = annotations
                    .into_iter()
                    .map(|(name, value)| (name, Value::String(value)))
                    .collect();
                metadata["annotations"] = Value::Object(annotations);
                if let Some(zone) = zone {
                    metadata["labels"] = json!({"zone": zone, "rack": 7});
                }
                let addresses: Vec<Value> = addresses
                    .into_iter()
                    .map(|(kind, address)| json!({"type": kind, "address": address}))
                    .collect();
                let mut node = json!({
                    "apiVersion": "v1", "kind": "Node", "metadata": metadata,
                    "spec": {"podCIDR": cidrs.first()},
                    "status": {"addresses": addresses, "conditions": []},
                });
                if has_list {
                    node["spec"]["podCIDRs"] = json!(cidrs);
                }
                if let Some(reason) = reason {
                    node["status"]["conditions"] = json!([
                        {"type": "NetworkUnavailable", "status": "False", "reason": reason}
                    ]);
                }
                node
            },
        )
}

pub(crate) fn cilium_node() -> impl Strategy<Value = Value> {
    (
        metadata(node_name()),
        vec(cidr(), 0..3),
        vec((select(vec!["default", "other"]), vec(cidr(), 0..3)), 0..2),
        option::of(cidr()),
    )
        .prop_map(|(metadata, cidrs, pools, released)| {
            let pools: Vec<Value> = pools
                .into_iter()
                .map(|(pool, cidrs)| json!({"pool": pool, "cidrs": cidrs}))
                .collect();
            let mut node = json!({
                "apiVersion": "cilium.io/v2", "kind": "CiliumNode", "metadata": metadata,
                "spec": {"ipam": {"podCIDRs": cidrs, "pools": {"allocated": pools}}},
            });
            if let Some(cidr) = released {
                node["status"] = json!({"ipam": {"pod-cidrs": {cidr: {"status": "released"}}}});
            }
            node
        })
}

pub(crate) const BLOCKS: [&str; 5] = ["b0", "b1", "b2", "b3", "b4"];

/// A block of Calico's, which may go to another node under the same name.
pub(crate) fn block_affinity() -> impl Strategy<Value = Value> {
    let state = prop_oneof![6 => Just("confirmed"), 1 => Just(""), 1 => Just("pending"), 1 => Just("pendingDeletion")];
    let deleted = prop_oneof![8 => Just(json!("false")), 1 => Just(json!(true))];
    let kind = prop_oneof![8 => Just("host"), 1 => Just("virtual")];
    let node = prop_oneof![12 => node_name(), 1 => Just("")];
    (
        metadata(select(&BLOCKS[..])),
        cidr(),
        node,
        state,
        deleted,
        kind,
    )
        .prop_map(|(metadata, cidr, node, state, deleted, kind)| {
            json!({
                "apiVersion": "crd.projectcalico.org/v1", "kind": "BlockAffinity",
                "metadata": metadata,
                "spec": {"cidr": cidr, "node": node, "state": state, "deleted": deleted, "type": kind},
            })
        })
}

/// A HostSubnet, which need not have its node's name.
pub(crate) fn host_subnet() -> impl Strategy<Value = Value> {
    let host = prop_oneof![12 => node_name(), 1 => Just("")];
    (metadata(node_name()), host, cidr()).prop_map(|(metadata, host, subnet)| {
        json!({
            "apiVersion": "network.openshift.io/v1", "kind": "HostSubnet", "metadata": metadata,
            "host": host, "hostIP": "192.0.2.9", "subnet": subnet,
        })
    })
}

pub(crate) fn config_map(namespace: &str, name: &str, data: &Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": namespace, "name": name}, "data": data,
    })
}

pub(crate) fn cilium_config(
    ipam: impl Strategy<Value = &'static str>,
) -> impl Strategy<Value = Value> {
    let switch = || option::weighted(0.3, select(vec!["true", "false", " false ", "maybe"]));
    let chaining = option::weighted(0.1, select(vec!["none", "flannel", "generic-veth"]));
    let namespace = prop_oneof![12 => Just("kube-system"), 1 => Just("cilium")];
    (namespace, ipam, switch(), switch(), chaining).prop_map(
        |(namespace, ipam, ipv4, ipv6, chaining)| {
            let mut data = json!({});
            let values = [
                ("ipam", Some(ipam).filter(|ipam| !ipam.is_empty())),
                ("enable-ipv4", ipv4),
                ("enable-ipv6", ipv6),
                ("cni-chaining-mode", chaining),
            ];
            for (key, value) in values {
                if let Some(value) = value {
                    data[key] = json!(value);
                }
            }
            config_map(namespace, "cilium-config", &data)
        },
    )
}

/// Calico's configuration, or Canal's, with the IPAM plugin that it names.
pub(crate) fn calico_config() -> impl Strategy<Value = Value> {
    let name = select(vec!["calico-config", "canal-config", "rke2-canal-config"]);
    (name, select(vec!["calico-ipam", "host-local", "other"])).prop_map(|(name, ipam)| {
        let template = format!(r#"{{"mtu": __CNI_MTU__, "ipam": {{"type": "{ipam}"}}}}"#);
        config_map(
            "kube-system",
            name,
            &json!({"cni_network_config": template}),
        )
    })
}

/// AKO's settings, whose networks settle next hops and are protected.
pub(crate) fn ako_config() -> impl Strategy<Value = Value> {
    let nodes = select(vec![
        "",
        "null",
        "broken",
        r#"[{"networkName":"nodes","cidrs":["192.0.2.0/24"]}]"#,
        r#"[{"networkName":"nodes","cidrs":["198.51.100.0/24","2001:db8::/64"]}]"#,
        r#"[{"networkName":"nodes","cidrs":["10.0.4.0/24"]}]"#,
    ]);
    let vips = select(vec![
        "",
        "[]",
        r#"[{"networkName":"vips","cidr":"10.0.6.0/23"}]"#,
        r#"[{"networkName":"vips","v6cidr":"fd00:0:0:2::/64"}]"#,
    ]);
    (select(vec!["avi-system", "other"]), nodes, vips).prop_map(|(namespace, nodes, vips)| {
        let data = json!({"clusterName": "shop", "nodeNetworkList": nodes, "vipNetworkList": vips});
        config_map(namespace, "avi-k8s-config", &data)
    })
}

/// A CiliumNodeConfig that switches a family for the nodes of a zone.
pub(crate) fn cilium_node_config() -> impl Strategy<Value = Value> {
    let selector = select(vec![
        json!({}),
        json!({"matchLabels": {"zone": "a"}}),
        json!({"matchLabels": {"zone": "b"}}),
        json!({"matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]}),
    ]);
    let namespace = prop_oneof![12 => Just("kube-system"), 1 => Just("cilium")];
    (
        namespace,
        select(vec!["first", "second"]),
        selector,
        select(vec!["enable-ipv4", "enable-ipv6", "mtu"]),
        select(vec!["true", "false"]),
    )
        .prop_map(|(namespace, name, selector, key, value)| {
            json!({
                "apiVersion": "cilium.io/v2", "kind": "CiliumNodeConfig",
                "metadata": {"namespace": namespace, "name": name},
                "spec": {"nodeSelector": selector, "defaults": {key: value}},
            })
        })
}

pub(crate) fn daemon_set(name: &str, desired: u8) -> Value {
    let image = format!("quay.io/cilium/cilium:v1.{}.0", 14 + desired * 3);
    json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"namespace": "kube-system", "name": name},
        "spec": {"template": {"spec": {"containers": [{"name": "cilium-agent", "image": image}]}}},
        "status": {"desiredNumberScheduled": desired},
    })
}

pub(crate) fn installation(cni: &str, ipam: Option<&str>) -> Value {
    let mut installation = json!({
        "apiVersion": "operator.tigera.io/v1", "kind": "Installation",
        "metadata": {"name": "default"}, "spec": {"cni": {"type": cni}},
    });
    if let Some(ipam) = ipam {
        installation["spec"]["cni"]["ipam"] = json!({"type": ipam});
    }
    installation
}

pub(crate) fn ip_pool() -> impl Strategy<Value = Value> {
    cidr().prop_map(|cidr| {
        json!({
            "apiVersion": "crd.projectcalico.org/v1", "kind": "IPPool",
            "metadata": {"name": "pool"}, "spec": {"cidr": cidr},
        })
    })
}
