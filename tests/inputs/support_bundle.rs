//! Support bundles of troubleshoot.sh.

use serde_json::json;

use super::packing::{add, gzip, tar};
use super::*;

const NAMESPACES: [&str; 4] = ["avi-system", "default", "kube-system", "signalling"];

fn in_bundle(path: &str) -> String {
    format!("bundle/cluster-resources/{path}")
}

/// The shop as the collector of cluster resources writes it.
fn bundle() -> Files {
    let shop = shop();
    let mut files = Files::new();
    let mut put = |path: String, value: &Value| {
        files.insert(path, serde_json::to_string_pretty(value).unwrap());
    };
    let names = NAMESPACES.map(|name| json!({"metadata": {"name": name}}));
    put(
        in_bundle("namespaces.json"),
        &json!({"kind": "NamespaceList", "apiVersion": "v1", "items": names}),
    );
    put(
        in_bundle("nodes.json"),
        &json!({"kind": "NodeList", "apiVersion": "v1", "items": of_kind(&shop, "Node")}),
    );
    for (folder, api_version, kind) in [
        ("configmaps", "v1", "ConfigMap"),
        ("daemonsets", "apps/v1", "DaemonSet"),
        ("deployments", "apps/v1", "Deployment"),
        ("pods", "v1", "Pod"),
        ("services", "v1", "Service"),
        ("statefulsets", "apps/v1", "StatefulSet"),
        ("events", "v1", "Event"),
    ] {
        for namespace in NAMESPACES {
            let items = in_namespace(&of_kind(&shop, kind), namespace);
            // What is empty is null.
            let items = if items.is_empty() {
                Value::Null
            } else {
                items.into()
            };
            put(
                in_bundle(&format!("{folder}/{namespace}.json")),
                &json!({"kind": format!("{kind}List"), "apiVersion": api_version, "items": items}),
            );
        }
    }
    let cilium_nodes = Value::from(of_kind(&shop, "CiliumNode"));
    put(
        in_bundle("custom-resources/ciliumnodes.cilium.io.json"),
        &cilium_nodes,
    );
    put(
        in_bundle("custom-resources/charts.example.com/default.json"),
        &json!([{"apiVersion": "example.com/v1", "kind": "Chart"}]),
    );
    put(in_bundle("auth-cani-list/default.json"), &json!([]));
    put(
        in_bundle("resources.json"),
        &json!([{"kind": "APIResourceList"}]),
    );
    put(
        "bundle/run-example/run-example.json".to_owned(),
        &json!({"kind": "Pod"}),
    );
    put("bundle/analysis.json".to_owned(), &json!([]));
    for (path, text) in [
        (
            "custom-resources/ciliumnodes.cilium.io.yaml",
            yaml(&cilium_nodes),
        ),
        ("pods/logs/default/web/web.log", "x".to_owned()),
    ] {
        files.insert(in_bundle(path), text);
    }
    let version = "apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\n".to_owned();
    files.insert("bundle/version.yaml".to_owned(), version);
    files
}

#[test]
fn says_what_the_plain_folder_says() {
    let files = bundle();
    let folder = detect_folder(&files);
    assert_eq!(folder.verdict(), plain_shop().verdict());
    // Nodes, CiliumNodes, namespaces, and six kinds in four namespaces.
    assert_eq!(
        folder.err,
        "note: in: is a support bundle; 27 files were read, and 12 that hold no objects that \
         podroute looks at were not\n"
    );
    let archive = detect("bundle.tar.gz", &gzip(&tar(&files)));
    assert_eq!(archive.out, folder.out);
    // All namespaces were listed: that there are no Pods is known.
    assert!(folder.is_evaluated("pod/wrong-node"), "{}", folder.out);
}

#[test]
fn copies_as_yaml_may_be_links() {
    let mut files = bundle();
    let link = in_bundle("custom-resources/ciliumnodes.cilium.io.yaml");
    files.remove(&link);
    let mut builder = tar::Builder::new(Vec::new());
    for (path, text) in &files {
        add(&mut builder, path, text.as_bytes());
    }
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder
        .append_link(&mut header, &link, "ciliumnodes.cilium.io.json")
        .unwrap();
    let run = detect("b.tgz", &gzip(&builder.into_inner().unwrap()));
    assert_eq!(run.verdict(), plain_shop().verdict());
}

#[test]
fn kinds_that_were_refused_are_gaps() {
    let refused = refusal("x", "");
    for (path, errors, kind) in [
        ("nodes-errors.json", json!([refused]), "Node"),
        (
            "daemonsets-errors.json",
            json!({"signalling": refused}),
            "DaemonSet",
        ),
        ("namespaces-errors.json", json!([refused]), "ConfigMap"),
        (
            "custom-resources/custom-resources-errors.json",
            json!({"ciliumnodes.cilium.io": refused, "charts.example.com": refused}),
            "CiliumNode",
        ),
        (
            "custom-resources/custom-resources-errors.json",
            json!({"crdList": refused}),
            "CiliumNode",
        ),
    ] {
        let mut files = bundle();
        files.insert(in_bundle(path), errors.to_string());
        let run = detect_folder(&files);
        let undecided = run.json()["undecided"].to_string();
        let place = format!("in/{}", in_bundle(path));
        assert!(
            undecided.contains(&format!("{kind} could not be read: {place}: ")),
            "{path}: {undecided}"
        );
    }
}

#[test]
fn a_namespace_without_a_list_is_a_gap() {
    let mut files = bundle();
    files.remove(&in_bundle("services/signalling.json"));
    let run = detect_folder(&files);
    assert!(!run.is_evaluated("sctp/target-port"), "{}", run.out);
    assert_eq!(run.json()["undecided"], json!([]));
}

#[test]
fn some_namespaces_are_not_all() {
    let mut files = bundle();
    // Asked for by name they stand in an array.
    let names = json!([{"metadata": {"name": "default"}}, {"metadata": {"name": "kube-system"}}]);
    files.insert(in_bundle("namespaces.json"), names.to_string());
    files
        .retain(|path, _| !path.ends_with("avi-system.json") && !path.ends_with("signalling.json"));
    let run = detect_folder(&files);
    for rule in [
        "pod/wrong-node",
        "sctp/target-port",
        "ako/cni-plugin-mismatch",
    ] {
        assert!(!run.is_evaluated(rule), "{rule}: {}", run.out);
    }
    assert_eq!(run.json()["undecided"], json!([]));
}

#[test]
fn a_namespace_may_be_called_like_a_file_of_errors() {
    let mut files = bundle();
    let names = NAMESPACES.map(|name| json!({"metadata": {"name": name}}));
    let mut names = names.to_vec();
    names.push(json!({"metadata": {"name": "app-errors"}}));
    files.insert(
        in_bundle("namespaces.json"),
        json!({"kind": "NamespaceList", "items": names}).to_string(),
    );
    for folder in [
        "configmaps",
        "daemonsets",
        "deployments",
        "pods",
        "services",
        "statefulsets",
    ] {
        files.insert(
            in_bundle(&format!("{folder}/app-errors.json")),
            json!({"kind": "List", "items": null}).to_string(),
        );
    }
    assert_eq!(detect_folder(&files).verdict(), plain_shop().verdict());
}

/// Bundles of old: bare arrays without kinds, and ConfigMaps only where a
/// collector was told their names.
#[test]
fn of_old() {
    let shop = shop();
    let mut files = bundle();
    let mut nodes = Value::from(of_kind(&shop, "Node"));
    for node in nodes.as_array_mut().unwrap() {
        node.as_object_mut().unwrap().remove("kind");
        node.as_object_mut().unwrap().remove("apiVersion");
    }
    files.insert(in_bundle("nodes.json"), nodes.to_string());
    files.retain(|path, _| !path.contains("/configmaps/"));
    for config in of_kind(&shop, "ConfigMap") {
        let namespace = config["metadata"]["namespace"].as_str().unwrap();
        let collected = json!({
            "namespace": namespace, "name": name(&config), "configMapExists": true,
            "keyExists": false, "data": config["data"],
        });
        files.insert(
            format!("bundle/configmaps/{namespace}/{}.json", name(&config)),
            serde_json::to_string_pretty(&collected).unwrap(),
        );
    }
    let run = detect_folder(&files);
    let json = run.json();
    assert_eq!(json["routes"], plain_shop().json()["routes"]);
    assert_eq!(json["cluster"]["ipamMode"], "cluster-pool");
}

/// Nothing but a name in common.
#[test]
fn another_folder_of_that_name_is_read_as_any_folder() {
    let files = files([
        ("cluster-resources/nodes.json", NODE.to_owned()),
        (
            "cluster-resources/extra/more.yaml",
            "kind: Namespace\n".to_owned(),
        ),
    ]);
    let run = check_folder(&files);
    assert_eq!(
        (run.prefixes(), run.err.as_str()),
        (vec!["10.244.1.0/24".to_owned()], "")
    );
}
