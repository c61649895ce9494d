//! A healthy cluster of many nodes and Services, and changes of it.

use podroute::policy::Change;
use serde_json::{Value, json};

/// A name, and the n-th change of that sort.
pub(crate) type Sort = (&'static str, fn(usize, usize) -> Change);

/// What people and controllers do all day, and what people do now and then.
pub(crate) const SORTS: [Sort; 10] = [
    ("Service", |_, at| put(&service(at, "TCP"))),
    ("Service with SCTP", |_, at| put(&service(at, "SCTP"))),
    ("Node, as it is", |size, at| put(&node(at % size))),
    ("Node, another address", |size, at| {
        put(&with(
            node(at % size),
            "/status/addresses/0/address",
            &json!("172.31.0.1"),
        ))
    }),
    ("CiliumNode, as it is", |size, at| {
        put(&cilium_node(at % size))
    }),
    ("CiliumNode, another CIDR", |size, at| {
        put(&with(
            cilium_node(at % size),
            "/spec/ipam/podCIDRs/0",
            &json!("10.254.0.0/24"),
        ))
    }),
    ("enable-sctp on", |_, _| {
        put(&cilium_config("enable-sctp", "true"))
    }),
    ("cniPlugin wrong", |_, _| put(&ako_config("calico"))),
    ("pool CIDR edited", |_, _| {
        put(&cilium_config("cluster-pool-ipv4-cidr", "10.1.0.0/16"))
    }),
    ("ipam changed", |_, _| {
        put(&cilium_config("ipam", "kubernetes"))
    }),
];

/// Every object of the cluster.
pub(crate) fn objects(size: usize) -> Vec<String> {
    let image = |name: &str, image: &str| json!([{"name": name, "image": image}]);
    let workload = |kind: &str, namespace: &str, name: &str, containers: &Value| {
        json!({
            "apiVersion": "apps/v1", "kind": kind,
            "metadata": {"namespace": namespace, "name": name},
            "spec": {"template": {"spec": {"containers": containers}}},
        })
    };
    let mut objects = vec![
        cilium_config("debug", "false"),
        ako_config("cilium"),
        workload(
            "DaemonSet",
            "kube-system",
            "cilium",
            &image("cilium-agent", "quay.io/cilium/cilium:v1.16.3"),
        ),
        workload(
            "StatefulSet",
            "avi-system",
            "ako",
            &image("ako", "projects.packages.broadcom.com/ako/ako:1.12.3"),
        ),
    ];
    for number in 0..size {
        objects.push(node(number));
        objects.push(cilium_node(number));
        objects.push(service(number, "TCP"));
    }
    objects.iter().map(Value::to_string).collect()
}

fn put(object: &Value) -> Change {
    Change::Put(object.to_string())
}

fn with(mut object: Value, path: &str, value: &Value) -> Value {
    *object.pointer_mut(path).unwrap() = value.clone();
    object
}

fn name(number: usize) -> String {
    format!("node-{number:05}")
}

fn address(number: usize) -> String {
    format!(
        "172.{}.{}.{}",
        16 + (number >> 16),
        (number >> 8) & 255,
        number & 255
    )
}

pub(crate) fn node(number: usize) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": name(number), "resourceVersion": "1",
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": {"kubernetes.io/hostname": name(number), "kubernetes.io/os": "linux"},
        },
        "spec": {},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": address(number)},
                {"type": "InternalIP", "address": format!("fd01::{number:x}")},
                {"type": "Hostname", "address": name(number)},
            ],
            "conditions": [{"type": "Ready", "status": "True"}],
            "nodeInfo": {"kernelVersion": "5.15.0-91-generic", "kubeletVersion": "v1.31.2"},
        },
    })
}

pub(crate) fn cilium_node(number: usize) -> Value {
    let (high, low) = ((number * 256) >> 16, (number * 256) & 0xffff);
    json!({
        "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
        "metadata": {
            "name": name(number), "resourceVersion": "1",
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {
            "addresses": [
                {"type": "InternalIP", "ip": address(number)},
                {"type": "InternalIP", "ip": format!("fd01::{number:x}")},
            ],
            "ipam": {"podCIDRs": [
                format!("10.{}.{}.0/24", number >> 8, number & 255),
                format!("fd00::{high:x}:{low:x}/120"),
            ]},
        },
    })
}

fn service(number: usize, protocol: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": "shop", "name": format!("service-{number}")},
        "spec": {
            "type": "ClusterIP",
            "clusterIP": format!("192.168.{}.{}", (number >> 8) & 255, number & 255),
            "clusterIPs": [format!("192.168.{}.{}", (number >> 8) & 255, number & 255)],
            "selector": {"app": "shop"},
            "ports": [{"name": "main", "port": 8080, "protocol": protocol, "targetPort": 8080}],
        },
    })
}

fn cilium_config(key: &str, value: &str) -> Value {
    let mut config = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "kube-system", "name": "cilium-config"},
        "data": {
            "ipam": "cluster-pool",
            "cluster-pool-ipv4-cidr": "10.0.0.0/8", "cluster-pool-ipv4-mask-size": "24",
            "cluster-pool-ipv6-cidr": "fd00::/104", "cluster-pool-ipv6-mask-size": "120",
            "enable-ipv4": "true", "enable-ipv6": "true", "enable-sctp": "false",
            "routing-mode": "tunnel", "tunnel-protocol": "vxlan",
            "kube-proxy-replacement": "true", "cluster-name": "default", "cluster-id": "0",
        },
    });
    config["data"][key] = value.into();
    config
}

fn ako_config(plugin: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "avi-system", "name": "avi-k8s-config"},
        "data": {
            "cniPlugin": plugin, "clusterName": "shop", "serviceType": "ClusterIP",
            "disableStaticRouteSync": "false", "controllerVersion": "22.1.4",
        },
    })
}
