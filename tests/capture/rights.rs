//! The ClusterRole of docs/snapshot.md is all that is needed, and no more.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::kube::grants;
use crate::{Desk, empty};

#[tokio::test]
async fn the_documented_rights_are_enough_and_all_are_used() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/snapshot.md");
    let page = std::fs::read_to_string(page).unwrap();
    let manifest = page.split("```yaml\n").nth(1).unwrap();
    let manifest = manifest.split("```").next().unwrap();
    let objects: Vec<Value> = serde_norway::Deserializer::from_str(manifest)
        .map(|document| Value::deserialize(document).unwrap())
        .collect();

    let cluster = empty().await;
    for kind in [
        "BlockAffinity",
        "CiliumNode",
        "CiliumNodeConfig",
        "CiliumPodIPPool",
        "Gateway",
        "GatewayClass",
        "HostSubnet",
        "Installation",
        "IPPool",
    ] {
        cluster.install_known(kind);
    }
    for object in [
        ("projectcalico.org/v3", "IPPool", ""),
        ("projectcalico.org/v3", "BlockAffinity", ""),
        ("networking.x-k8s.io/v1alpha1", "Gateway", "a"),
        ("networking.x-k8s.io/v1alpha1", "GatewayClass", ""),
    ] {
        let (api_version, kind, namespace) = object;
        let mut metadata = serde_json::json!({"name": "x"});
        if !namespace.is_empty() {
            metadata["namespace"] = namespace.into();
        }
        cluster.apply(serde_json::json!({
            "apiVersion": api_version, "kind": kind, "metadata": metadata,
        }));
    }
    cluster.grant_only(grants(&objects, "podroute", "podroute"));
    let desk = Desk::at(&cluster);
    let run = desk.run(&["snapshot", "--all", "-o", "s.json"]).await;
    assert_eq!((run.code, &*run.err), (0, ""));

    // Calico's objects are read at the first place that has them.
    cluster.uninstall("IPPool");
    cluster.uninstall("BlockAffinity");
    for kind in ["IPPool", "BlockAffinity"] {
        cluster.apply(serde_json::json!({
            "apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": {"name": "x"},
        }));
    }
    desk.run(&["snapshot", "--all", "-o", "s.json"]).await;
    assert_eq!(cluster.unused_grants().into_iter().collect::<Vec<_>>(), []);
}
