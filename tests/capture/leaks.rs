//! No name and no address of the cluster is in a redacted snapshot.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Value, json};

use crate::kube::{Cluster, USER};
use crate::{Desk, empty, findings, shop};

/// Every name has `acme` in it, wherever names can stand.
async fn acme() -> Cluster {
    let cluster = empty().await;
    let objects = json!([
        {"apiVersion": "v1", "kind": "Node",
         "metadata": {"name": "acme-worker-1.acme.example",
            "labels": {"kubernetes.io/hostname": "acme-worker-1", "acme.example/rack": "acme-r7",
                "node-role.kubernetes.io/acme-gpu": "", "topology.kubernetes.io/zone": "acme-az1",
                "kubernetes.io/os": "linux"},
            "annotations": {"acme.example/owner": "acme-ops@acme.example",
                "podroute.dev/ignore": "node/host-bits until 2030-01-31: the acme team knows, 10.9.9.9",
                "k8s.ovn.org/host-cidrs": "[\"172.31.7.21/24\"]"}},
         "spec": {"providerID": "acme:///i-1", "podCIDR": "10.77.1.0/24", "podCIDRs": ["10.77.1.0/24"]},
         "status": {"addresses": [{"type": "InternalIP", "address": "172.31.7.21"},
                {"type": "InternalIP", "address": "fd12:3456:789a::21"},
                {"type": "Hostname", "address": "acme-worker-1"}],
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady",
                "message": "acme"}],
            "nodeInfo": {"kernelVersion": "5.15.0-acme1-generic", "kubeletVersion": "v1.29.4-acme"}}},
        {"apiVersion": "cilium.io/v2", "kind": "CiliumNode",
         "metadata": {"name": "acme-worker-1.acme.example"},
         "spec": {"addresses": [{"type": "InternalIP", "ip": "172.31.7.21"}],
            "ipam": {"podCIDRs": ["10.88.1.0/24"],
                "pools": {"allocated": [{"pool": "acme-pool", "cidrs": ["10.99.0.0/26"]}]}}},
         "status": {"ipam": {"operator-status": {
            "error": "no CIDR for acme-worker-1.acme.example: acme-pool is full (172.31.7.21)"}}}},
        {"apiVersion": "v1", "kind": "ConfigMap",
         "metadata": {"namespace": "kube-system", "name": "cilium-config"},
         "data": {"ipam": "cluster-pool", "cluster-name": "acme-prod", "cluster-id": "7",
            "cluster-pool-ipv4-cidr": "10.88.0.0/16", "cluster-pool-ipv4-mask-size": "24",
            "enable-sctp": "true", "routing-mode": "native", "ipv4-native-routing-cidr": "10.88.0.0/16",
            "auto-create-cilium-pod-ip-pools": "acme-pool:ipv4-cidrs:10.99.0.0/16;ipv4-mask-size:26",
            "hubble-tls-server": "peer.acme.example:4443", "bgp-secret-file": "/etc/acme/bgp",
            "direct-routing-device": "acme0", "cluster-pool-ipv6-cidr": "fd12:3456:789a:88::/104",
            "broken": "10.88.0/16,010.88.0.0/16,10.88.0.0/77,fd12:3456::zz/64"}},
        {"apiVersion": "v1", "kind": "ConfigMap",
         "metadata": {"namespace": "avi-system", "name": "avi-k8s-config"},
         "data": {"clusterName": "acme-prod", "cniPlugin": "cilium", "controllerVersion": "22.1.2",
            "controllerIP": "172.31.9.9", "nsxtT1LR": "/infra/tier-1s/acme-t1",
            "nodeNetworkList": "[{\"networkName\":\"acme-net\",\"cidrs\":[\"172.31.7.0/24\"]}]"}},
        {"apiVersion": "apps/v1", "kind": "DaemonSet",
         "metadata": {"namespace": "kube-system", "name": "cilium"},
         "spec": {"template": {"spec": {"containers": [{"name": "cilium-agent",
            "image": "registry.acme.example:5000/acme/cilium:v1.15.6@sha256:0123456789abcdef",
            "command": ["cilium-agent"]}]}}}},
        {"apiVersion": "v1", "kind": "Service",
         "metadata": {"namespace": "acme-signalling", "name": "acme-m3ua"},
         "spec": {"type": "LoadBalancer", "selector": {"acme-app": "acme-m3ua"},
            "clusterIP": "10.66.0.10", "clusterIPs": ["10.66.0.10"],
            "ports": [{"name": "acme-port", "port": 2905, "protocol": "SCTP",
                "targetPort": "acme-port"}]}},
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"namespace": "acme-signalling", "name": "acme-m3ua-0",
            "labels": {"acme-app": "acme-m3ua"}},
         "spec": {"nodeName": "acme-worker-1.acme.example", "containers": [{"name": "acme-c",
            "image": "registry.acme.example/acme-gw:acme-1", "ports": [{"name": "acme-port",
            "containerPort": 2905, "protocol": "SCTP"}]}]},
         "status": {"phase": "Running", "podIP": "10.88.1.5", "podIPs": [{"ip": "10.88.1.5"}]}},
        {"apiVersion": "cilium.io/v2", "kind": "CiliumNodeConfig",
         "metadata": {"namespace": "kube-system", "name": "acme-override"},
         "spec": {"nodeSelector": {"matchLabels": {"acme.example/rack": "acme-r7"}},
            "defaults": {"cluster-name": "Acme_Prod"}}},
    ]);
    for object in objects.as_array().unwrap() {
        cluster.apply(object.clone());
    }
    cluster
}

/// Everything in a text that is an address or a network.
fn addresses(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '/')))
        .filter(|word| match word.split_once('/') {
            // ipnet alone would read 010.0.0.0/8, which no API server takes.
            Some((address, _)) => {
                address.parse::<IpAddr>().is_ok() && word.parse::<IpNet>().is_ok()
            }
            None => word.parse::<IpAddr>().is_ok(),
        })
        .map(str::to_owned)
        .collect()
}

async fn redacted(desk: &Desk<'_>, key: &str) -> String {
    std::fs::write(desk.path("key"), key).unwrap();
    let arguments = ["snapshot", "-o", "-", "--redact", "--redact-key", "key"];
    let run = desk.run(&arguments).await;
    assert!(matches!(run.code, 0 | 3), "{}", run.err);
    run.out
}

#[tokio::test]
async fn no_name_and_no_address_is_left() {
    let cluster = acme().await;
    cluster.forbid("list", "gateways");
    cluster.install_known("Gateway");
    let desk = Desk::at(&cluster);
    let plain = desk.run(&["snapshot", "-o", "-"]).await.out;
    assert!(plain.contains("acme") && plain.contains(USER));
    let before = addresses(&plain);
    for known in ["172.31.7.21", "10.99.0.0/26", "fd12:3456:789a:88::/104"] {
        assert!(before.contains(known), "{before:?}");
    }

    let text = redacted(&desk, "the first secret of sixteen").await;
    assert!(!text.to_lowercase().contains("acme"), "{text}");
    assert!(!text.contains(USER));
    for address in &before {
        assert!(!text.contains(address), "{address} is in {text}");
    }
    for part in ["10.88.0", "172.31.7", "fd12:3456", "sha256", "10.9.9.9"] {
        assert!(!text.contains(part), "{part} is in {text}");
    }
    assert_eq!(addresses(&text).len(), before.len());
    // What has to stay for the report.
    for kept in [
        "cilium-config",
        "cluster-pool-ipv4-cidr",
        "native",
        "22.1.2",
        "/cilium:v1.15.6\"",
        "node/host-bits until 2030-01-31:",
        "\"cluster-id\":\"7\"",
        "v1.29.4-",
    ] {
        assert!(text.contains(kept), "{kept} is not in {text}");
    }
}

#[tokio::test]
async fn the_report_is_the_same_but_for_names() {
    for cluster in [acme().await, shop().await] {
        let desk = Desk::at(&cluster);
        let live = desk.live().await;
        let text = redacted(&desk, "the second secret of sixteen").await;
        std::fs::write(desk.path("r.json"), text).unwrap();
        let report = desk.checked("r.json").await;
        assert!(!findings(&live).is_empty());
        assert_eq!(findings(&report), findings(&live));
        for list in [
            "routes",
            "withheld",
            "undecided",
            "notEvaluated",
            "problems",
            "suppressed",
        ] {
            let count = |report: &Value| report[list].as_array().map(Vec::len);
            assert_eq!(count(&report), count(&live), "{list}");
        }
    }
}

#[tokio::test]
async fn the_same_secret_gives_the_same_names_and_another_gives_others() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    let items = |text: &str| -> Vec<Value> {
        let list: Value = serde_json::from_str(text).unwrap();
        list["items"].as_array().unwrap()[1..].to_vec()
    };
    let first = items(&redacted(&desk, "the first secret of sixteen").await);
    let again = items(&redacted(&desk, "the first secret of sixteen").await);
    let other = items(&redacted(&desk, "the second secret of sixteen").await);
    assert_eq!(first, again);
    assert_ne!(first, other);
    let random = desk.run(&["snapshot", "-o", "-", "--redact"]).await.out;
    assert_ne!(items(&random), first);
}

#[tokio::test]
async fn a_secret_that_can_be_guessed_is_refused() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    std::fs::write(desk.path("key"), "short").unwrap();
    for (arguments, said) in [
        (
            ["--redact", "--redact-key", "key"],
            "at least 16 bytes, and this has 5",
        ),
        (["--redact", "--redact-key", "none"], "none: "),
    ] {
        let run = desk
            .run(&[&["snapshot", "-o", "s.json"][..], &arguments].concat())
            .await;
        assert_eq!(run.code, 2);
        assert!(run.err.contains(said), "{}", run.err);
    }
    assert_eq!(desk.files(), ["key"]);
    assert!(cluster.journal().is_empty());
}
