//! `cilium sysdump`, new and old, as folder and as zip.

use super::packing::zip;
use super::*;

const TIME: &str = "20250903-101112";

/// The shop as cilium-cli writes it. AKO is not in a sysdump; its ConfigMap
/// was put beside it by hand, as was the gateway's Deployment.
fn sysdump() -> Files {
    let shop = shop();
    let file = |name: &str| format!("cilium-sysdump-{TIME}/{name}-{TIME}.yaml");
    let one = |kind: &str, called: &str| {
        let of_kind = of_kind(&shop, kind);
        yaml(
            of_kind
                .iter()
                .find(|object| name(object) == called)
                .unwrap(),
        )
    };
    let list =
        |api_version: &str, kind: &str| yaml(&typed_list(api_version, kind, &of_kind(&shop, kind)));
    let cilium = of_kind(&shop, "DaemonSet")[..1].to_vec();
    assert_eq!(name(&cilium[0]), "cilium");
    let added: Vec<String> = shop
        .iter()
        .filter(|object| {
            let kind = object["kind"].as_str().unwrap();
            ["Deployment", "StatefulSet"].contains(&kind)
                || name(object) == "avi-k8s-config"
                || name(object) == "kube-proxy"
        })
        .map(yaml)
        .collect();
    let mut files: Files = [
        (file("k8s-nodes"), list("v1", "Node")),
        (file("k8s-services"), list("v1", "Service")),
        (file("ciliumnodes"), list("cilium.io/v2", "CiliumNode")),
        (file("cilium-configmap"), one("ConfigMap", "cilium-config")),
        (
            file("cilium-daemonset"),
            yaml(&typed_list("apps/v1", "DaemonSet", &cilium)),
        ),
        // None of these is an object, or of a kind that is looked at.
        (
            file("cilium-helm-values"),
            "ipam:\n  mode: cluster-pool\n".to_owned(),
        ),
        (
            file("k8s-events"),
            "apiVersion: v1\nitems: []\nkind: EventList\n".to_owned(),
        ),
    ]
    .into();
    let folder = format!("cilium-sysdump-{TIME}");
    for (name, text) in [
        (
            format!("logs-cilium-abc-cilium-agent-{TIME}.log"),
            "level=info",
        ),
        (format!("logs-cilium-abc-cilium-agent-{TIME}-prev.log"), "x"),
        (format!("k8s-version-{TIME}.txt"), "v1.29.4"),
        (
            format!("hubble-flows-cilium-abc-{TIME}.json"),
            "{\"flow\":{}}\n{\"flow\":{}}",
        ),
        (
            format!("cilium-bugtool-cilium-abc-{TIME}/cmd/status.json"),
            "{\"a\":1}",
        ),
        (format!("cilium-bugtool-cilium-def-{TIME}.tar.gz"), "broken"),
        (
            "cilium-sysdump.log".to_owned(),
            "Collecting Kubernetes nodes\n",
        ),
    ] {
        files.insert(format!("{folder}/{name}"), text.to_owned());
    }
    files.insert(format!("{folder}/added.yaml"), added.join("---\n"));
    files
}

#[test]
fn says_what_the_plain_folder_says() {
    let files = sysdump();
    let expected = plain_shop().verdict();
    let folder = detect_folder(&files);
    assert_eq!(folder.verdict(), expected);
    assert_eq!(
        folder.err,
        "note: in: is a Cilium sysdump; 7 files were read, and 8 that hold no objects that \
         podroute looks at were not\n"
    );
    let archive = detect("dump.zip", &zip(&files));
    assert_eq!(archive.out, folder.out);
    assert_eq!(archive.err, folder.err.replace("in:", "dump.zip:"));
}

#[test]
fn a_kind_that_was_refused_is_a_gap() {
    for (line, kind) in [
        (
            format!("⚠️ [13] Collecting Cilium nodes: failed to collect Cilium nodes: {}", refusal("ciliumnodes", "cilium.io")),
            "CiliumNode",
        ),
        (
            "⚠️ [13] Collecting Cilium nodes: failed to collect Cilium nodes: context deadline exceeded".to_owned(),
            "CiliumNode",
        ),
        (format!("E0903 {}", refusal("configmaps", "")), "ConfigMap"),
    ] {
        let mut files = sysdump();
        let log = format!("cilium-sysdump-{TIME}/cilium-sysdump.log");
        files.insert(log.clone(), format!("fine\n{line}\n"));
        let run = detect_folder(&files);
        let undecided = run.json()["undecided"].to_string();
        assert!(
            undecided.contains(&format!("{kind} could not be read: in/{log}: ")),
            "{undecided}"
        );
    }
}

#[test]
fn a_kind_that_the_cluster_does_not_have_is_no_gap() {
    let mut files = sysdump();
    files.insert(
        format!("cilium-sysdump-{TIME}/cilium-sysdump.log"),
        "⚠️ [18] Collecting Cilium nodes: failed to collect Cilium nodes: the server could not \
         find the requested resource (get ciliumnodes.cilium.io)\n"
            .to_owned(),
    );
    assert_eq!(detect_folder(&files).verdict(), plain_shop().verdict());
}

/// The Python tool: JSON and YAML of kubectl, each file with a time of its own.
#[test]
fn of_the_python_tool() {
    let shop = shop();
    let list = |kind: &str| serde_json::json!({"apiVersion": "v1", "kind": "List", "items": of_kind(&shop, kind)});
    let rest: Vec<String> = shop
        .iter()
        .filter(|object| {
            let kind = object["kind"].as_str().unwrap();
            !["Node", "CiliumNode", "Service"].contains(&kind)
        })
        .map(yaml)
        .collect();
    let files = files([
        (
            "cilium-sysdump-1/nodes-20210903-101112.json",
            list("Node").to_string(),
        ),
        (
            "cilium-sysdump-1/ciliumnodes-20210903-101114.yaml",
            yaml(&list("CiliumNode")),
        ),
        (
            "cilium-sysdump-1/services-20210903-101119.yaml",
            yaml(&list("Service")),
        ),
        ("cilium-sysdump-1/gops-20210903-101120.txt", "x".to_owned()),
        ("rest.yaml", rest.join("---\n")),
    ]);
    let folder = detect_folder(&files);
    assert_eq!(folder.verdict(), plain_shop().verdict());
    assert_eq!(detect("old.zip", &zip(&files)).out, folder.out);
}

#[test]
fn missing_files_are_missing_evidence() {
    let mut files = sysdump();
    files.retain(|path, _| !path.contains("/ciliumnodes-"));
    let run = detect_folder(&files);
    assert_eq!(run.json()["routes"], serde_json::json!([]));
    assert!(run.json()["undecided"].to_string().contains("CiliumNode"));
}
