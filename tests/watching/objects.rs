//! What becomes of an object on its way.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use podroute::daemon::kinds::{kinds, sources};
use podroute::daemon::watch::ObjectKey;
use podroute_policy::objects::Kind;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Streaming};
use crate::follower::Follower;
use crate::{PATIENT, node};

/// The object as it comes out at the other end.
async fn passed_on(object: Value) -> Value {
    let kind = object["kind"].as_str().unwrap().to_owned();
    let name = object["metadata"]["name"].as_str().unwrap().to_owned();
    let cluster = Cluster::start().await;
    cluster.apply(object);
    let mut follower = Follower::new(&cluster, PATIENT, &[&kind]).await;
    follower
        .until("it is there", |follower| {
            follower.object(&kind, &name).is_some()
        })
        .await;
    let mut object = follower.object(&kind, &name).unwrap().clone();
    // Made by the simulator.
    let metadata = object["metadata"].as_object_mut().unwrap();
    assert!(metadata.remove("creationTimestamp").is_some());
    object
}

#[tokio::test]
async fn a_node_comes_without_its_images_and_heartbeats() {
    let came = passed_on(json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": "a",
            "labels": {"zone": "a"},
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{}",
                "podroute.dev/next-hop": "192.0.2.1",
            },
            "managedFields": [{"manager": "kubelet"}],
            "ownerReferences": [{"kind": "Machine", "name": "a"}],
            "generation": 7,
        },
        "spec": {"podCIDR": "10.0.0.0/24", "podCIDRs": ["10.0.0.0/24"]},
        "status": {
            "addresses": [{"type": "InternalIP", "address": "192.0.2.11"}],
            "images": [{"names": ["registry.example/a"]}],
            "volumesInUse": ["a"],
            "volumesAttached": [{"name": "a"}],
            "capacity": {"cpu": "32"},
            "conditions": [{
                "type": "Ready", "status": "True", "reason": "KubeletReady",
                "message": "kubelet is posting ready status",
                "lastHeartbeatTime": "2026-02-03T10:11:12Z",
                "lastTransitionTime": "2026-01-02T03:04:05Z",
            }],
            "nodeInfo": {"kubeletVersion": "v1.34.0"},
        },
    }))
    .await;
    assert_eq!(
        came,
        json!({
            "apiVersion": "v1", "kind": "Node",
            "metadata": {
                "name": "a",
                "labels": {"zone": "a"},
                "annotations": {"podroute.dev/next-hop": "192.0.2.1"},
            },
            "spec": {"podCIDR": "10.0.0.0/24", "podCIDRs": ["10.0.0.0/24"]},
            "status": {
                "addresses": [{"type": "InternalIP", "address": "192.0.2.11"}],
                "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
                "nodeInfo": {"kubeletVersion": "v1.34.0"},
            },
        })
    );
}

/// As Cilium writes it on AWS, where every Pod changes it.
#[tokio::test]
async fn a_cilium_node_comes_without_the_addresses_of_pods() {
    let came = passed_on(json!({
        "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
        "metadata": {"name": "a", "labels": {"zone": "a"}},
        "spec": {
            "addresses": [{"type": "InternalIP", "ip": "192.0.2.11"}],
            "bootid": "0c7c9f5a",
            "eni": {"vpc-id": "vpc-1"},
            "ipam": {"pool": {"192.0.2.50": {"resource": "eni-1"}}, "podCIDRs": ["10.0.0.0/24"]},
        },
        "status": {
            "eni": {"enis": {"eni-1": {"addresses": ["192.0.2.50"]}}},
            "ipam": {
                "used": {"192.0.2.50": {"owner": "shop/web"}},
                "operator-status": {"error": "no more"},
            },
        },
    }))
    .await;
    assert_eq!(
        came,
        json!({
            "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
            "metadata": {"name": "a"},
            "spec": {
                "addresses": [{"type": "InternalIP", "ip": "192.0.2.11"}],
                "ipam": {"podCIDRs": ["10.0.0.0/24"]},
            },
            "status": {"ipam": {"operator-status": {"error": "no more"}}},
        })
    );
}

#[tokio::test]
async fn a_pod_comes_without_its_environment() {
    let came = passed_on(json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": "shop", "name": "a", "deletionTimestamp": "2026-01-31T12:00:00Z"},
        "spec": {
            "nodeName": "worker-1",
            "hostNetwork": true,
            "volumes": [{"name": "data"}],
            "containers": [{
                "name": "web",
                "image": "registry.example/web:1",
                "command": ["/bin/web", "--token=secret"],
                "env": [{"name": "TOKEN", "value": "secret"}],
                "ports": [{"containerPort": 8080}],
            }],
        },
        "status": {
            "phase": "Running",
            "podIP": "10.0.0.1",
            "podIPs": [{"ip": "10.0.0.1"}],
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "web"}],
        },
    }))
    .await;
    assert_eq!(
        came,
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "namespace": "shop", "name": "a", "deletionTimestamp": "2026-01-31T12:00:00Z",
            },
            "spec": {
                "nodeName": "worker-1",
                "hostNetwork": true,
                "containers": [{
                    "name": "web",
                    "image": "registry.example/web:1",
                    "command": ["/bin/web"],
                    "ports": [{"containerPort": 8080}],
                }],
            },
            "status": {
                "phase": "Running",
                "podIP": "10.0.0.1",
                "podIPs": [{"ip": "10.0.0.1"}],
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        })
    );
}

#[tokio::test]
async fn a_workload_comes_as_its_containers() {
    let came = passed_on(json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"namespace": "kube-system", "name": "cilium"},
        "spec": {
            "selector": {"matchLabels": {"k8s-app": "cilium"}},
            "template": {
                "metadata": {"labels": {"k8s-app": "cilium"}},
                "spec": {
                    "hostNetwork": true,
                    "initContainers": [{"name": "config"}],
                    "containers": [{"name": "agent", "image": "cilium:v1.18.0", "args": ["x"]}],
                },
            },
        },
        "status": {"desiredNumberScheduled": 3, "numberReady": 3},
    }))
    .await;
    assert_eq!(
        came,
        json!({
            "apiVersion": "apps/v1", "kind": "DaemonSet",
            "metadata": {"namespace": "kube-system", "name": "cilium"},
            "spec": {
                "selector": {"matchLabels": {"k8s-app": "cilium"}},
                "template": {
                    "spec": {
                        "hostNetwork": true,
                        "containers": [{"name": "agent", "image": "cilium:v1.18.0"}],
                    },
                },
            },
            "status": {"desiredNumberScheduled": 3, "numberReady": 3},
        })
    );
}

#[tokio::test]
async fn the_items_of_a_plain_list_say_what_they_are() {
    let cluster = Cluster::start().await;
    cluster.streaming(Streaming::Off);
    cluster.apply(node("a"));
    let mut follower = Follower::new(&cluster, PATIENT, &["Node"]).await;
    follower.until_told("listed nodes").await;
    let came = follower.object("Node", "a").unwrap();
    assert_eq!(
        (&came["apiVersion"], &came["kind"]),
        (&json!("v1"), &json!("Node"))
    );
}

#[tokio::test]
async fn fields_of_the_wrong_type_stop_nothing() {
    for streaming in [Streaming::Supported, Streaming::Off] {
        let cluster = Cluster::start().await;
        cluster.streaming(streaming);
        let broken = |name: &str| {
            json!({
                "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
                "metadata": {
                    "name": name, "labels": ["none"], "generation": "many",
                    "creationTimestamp": 7, "annotations": 1, "managedFields": "all",
                },
                "spec": "nothing",
                "status": {"ipam": 3},
            })
        };
        cluster.apply(broken("a"));
        cluster.apply(crate::cilium_node("b"));
        let mut follower = Follower::new(&cluster, PATIENT, &["CiliumNode"]).await;
        follower.until_told("listed ciliumnodes.cilium.io").await;
        cluster.apply(broken("c"));
        cluster.apply(crate::cilium_node("d"));
        follower.until_told("put ciliumnodes.cilium.io d").await;
        assert_eq!(follower.names("CiliumNode"), ["a", "b", "c", "d"]);
        // The policy sees them as they are, and says what is wrong.
        assert_eq!(
            follower.object("CiliumNode", "c").unwrap()["spec"],
            json!("nothing")
        );
    }
}

#[tokio::test]
async fn an_object_without_a_name_is_named_as_well_as_can_be_and_left_out() {
    let nameless = [
        json!({"metadata": {"namespace": "shop"}, "spec": {}}),
        json!({"metadata": {"name": 7}}),
        json!({"metadata": null}),
        json!({}),
    ];
    for streaming in [Streaming::Supported, Streaming::Off] {
        for object in &nameless {
            let cluster = Cluster::start().await;
            cluster.streaming(streaming);
            cluster.apply_broken("nodes", "broken", object.clone());
            cluster.apply(node("a"));
            let mut follower = Follower::new(&cluster, PATIENT, &["Node"]).await;
            let place = if object["metadata"]["namespace"].is_string() {
                " in namespace shop"
            } else {
                ""
            };
            let unusable = format!(
                "unusable nodes: the API server sent a Node{place} without metadata.name, which \
                 is left out: find it with `kubectl get nodes --all-namespaces -o json` and \
                 delete or mend it"
            );
            let mut told = follower.until_told("listed nodes").await;
            told.sort();
            assert_eq!(
                told,
                ["listed nodes", "listing nodes", "put nodes a", &unusable]
            );

            cluster.apply_broken("nodes", "broken", object.clone());
            cluster.apply(node("b"));
            assert_eq!(
                follower.until_told("put nodes b").await,
                [unusable.as_str(), "put nodes b"]
            );
        }
    }
}

/// The objects of the snapshots, each as a document of its own.
fn snapshots() -> Vec<Value> {
    fn files(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found);
            } else if path
                .extension()
                .is_some_and(|end| end == "yaml" || end == "json")
            {
                found.push(fs::read_to_string(path).unwrap());
            }
        }
    }
    fn flatten(document: Value, objects: &mut Vec<Value>) {
        match document["items"].as_array() {
            Some(items) => items.iter().for_each(|item| flatten(item.clone(), objects)),
            None => objects.push(document),
        }
    }
    let mut texts = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/snapshots");
    files(&folder, &mut texts);
    let mut objects = Vec::new();
    for text in texts {
        for document in serde_norway::Deserializer::from_str(&text) {
            if let Ok(document) = Value::deserialize(document) {
                flatten(document, &mut objects);
            }
        }
    }
    objects
}

#[tokio::test]
async fn nothing_is_lost_that_the_policy_reads() {
    let mut compared = 0;
    let mut seen = BTreeSet::new();
    let cluster = Cluster::start().await;
    let mut follower = Follower::with_room(&cluster, PATIENT, &kinds(), 256).await;
    for object in snapshots() {
        let api_version = object["apiVersion"].as_str().unwrap_or_default().to_owned();
        let kind = object["kind"].as_str().unwrap_or_default();
        let Some(kind) = Kind::of(&api_version, kind) else {
            continue;
        };
        let (namespace, name) = (
            object["metadata"]["namespace"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            object["metadata"]["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let has_source = sources(kind.name()).iter().any(|source| {
            // Of several groups with the same objects only the first is read.
            source.versions[0].group == group && source.name.is_none_or(|one| one == name)
        });
        if name.is_empty() || !has_source {
            continue;
        }
        cluster.apply(object);
        let mut whole = cluster.get(kind.name(), &namespace, &name).unwrap();
        // Not passed on: it changes when nothing that is read does.
        whole["metadata"]["resourceVersion"].take();
        let is_it = |key: &ObjectKey| {
            key.kind == kind.name()
                && key.name == name
                && key.namespace.as_deref().unwrap_or_default() == namespace
        };
        follower
            .until("it came", |follower| {
                follower.objects().any(|(key, _)| is_it(key))
            })
            .await;
        let (_, came) = follower.objects().find(|(key, _)| is_it(key)).unwrap();
        assert_eq!(
            kind.read(&came.to_string())
                .map_err(|error| error.to_string()),
            kind.read(&whole.to_string())
                .map_err(|error| error.to_string()),
        );
        // Another snapshot may have one of the same name.
        cluster.delete(kind.name(), &namespace, &name);
        follower
            .until("it is gone", |follower| {
                !follower.objects().any(|(key, _)| is_it(key))
            })
            .await;
        seen.insert(kind.name());
        compared += 1;
    }
    // So that this test cannot pass by finding no snapshots.
    assert!(compared > 100, "{compared}");
    for kind in [
        "Node",
        "CiliumNode",
        "ConfigMap",
        "DaemonSet",
        "Service",
        "Pod",
    ] {
        assert!(seen.contains(kind), "{seen:?}");
    }
}
