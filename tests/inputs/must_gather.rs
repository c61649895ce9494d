//! `oc adm must-gather` and `oc adm inspect`.

use serde_json::json;

use super::packing::{gzip, tar, zip};
use super::*;

const IMAGE: &str = "must-gather.local.1/quay-io-x";

/// The shop as `oc adm inspect` writes it: Nodes and CiliumNodes in a file
/// each, the rest in a list per namespace.
fn gathered() -> Files {
    let shop = shop();
    let mut files = Files::new();
    for (kind, folder) in [
        ("Node", "core/nodes"),
        ("CiliumNode", "cilium.io/ciliumnodes"),
    ] {
        for object in of_kind(&shop, kind) {
            let path = format!(
                "{IMAGE}/cluster-scoped-resources/{folder}/{}.yaml",
                name(&object)
            );
            files.insert(path, format!("---\n{}", yaml(&object)));
        }
    }
    for namespace in ["avi-system", "default", "kube-system", "signalling"] {
        let folder = format!("{IMAGE}/namespaces/{namespace}");
        let own = format!("---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: {namespace}\n");
        files.insert(format!("{folder}/{namespace}.yaml"), own);
        for (kind, file, api_version) in [
            ("ConfigMap", "core/configmaps", "v1"),
            ("Service", "core/services", "v1"),
            ("Pod", "core/pods", "v1"),
            ("DaemonSet", "apps/daemonsets", "apps/v1"),
            ("Deployment", "apps/deployments", "apps/v1"),
            ("StatefulSet", "apps/statefulsets", "apps/v1"),
            ("Secret", "core/secrets", "v1"),
        ] {
            let objects = in_namespace(&of_kind(&shop, kind), namespace);
            let list =
                json!({"apiVersion": api_version, "kind": format!("{kind}List"), "items": objects});
            files.insert(
                format!("{folder}/{file}.yaml"),
                format!("---\n{}", yaml(&list)),
            );
        }
        // What a list has already is there once more by itself.
        for object in in_namespace(&of_kind(&shop, "Service"), namespace) {
            let path = format!("{folder}/core/services/{}.yaml", name(&object));
            files.insert(path, yaml(&object));
        }
        files.insert(
            format!("{folder}/pods/web/web.yaml"),
            format!("kind: Pod\napiVersion: v1\nmetadata: {{name: web, namespace: {namespace}}}\n"),
        );
        files.insert(
            format!("{folder}/pods/web/web/web/logs/current.log"),
            "x".to_owned(),
        );
    }
    for (path, text) in [
        (
            "cluster-scoped-resources/config.openshift.io/networks.yaml",
            "kind: NetworkList\n",
        ),
        ("network_logs/ovn.json", "{}"),
        ("version", "4.16"),
    ] {
        files.insert(format!("{IMAGE}/{path}"), text.to_owned());
    }
    files.insert(
        format!("{IMAGE}/gather.logs"),
        "Gathering data for ns/default...\n".to_owned(),
    );
    files
}

#[test]
fn routes_are_those_of_the_plain_folder() {
    let files = gathered();
    let expected = plain_shop().json();
    let folder = detect_folder(&files);
    let json = folder.json();
    assert_eq!(json["routes"], expected["routes"]);
    assert_eq!(json["withheld"], expected["withheld"]);
    assert_eq!(json["undecided"], json!([]));
    assert_eq!(json["problems"], json!([]), "nothing is read twice");
    let own = |report: &Value| {
        let findings = report["findings"].as_array().unwrap().iter();
        let of_nodes = findings.filter(|finding| {
            let rule = finding["rule"].as_str().unwrap();
            ["ako/", "node/", "route/"]
                .iter()
                .any(|group| rule.starts_with(group))
        });
        of_nodes.cloned().collect::<Vec<_>>()
    };
    assert_eq!(own(&json), own(&expected));
    assert_eq!(folder.err.lines().count(), 1, "{}", folder.err);
    assert!(
        folder.err.starts_with("note: in: is a must-gather; "),
        "{}",
        folder.err
    );
    for (name, bytes) in [("m.tar.gz", gzip(&tar(&files))), ("m.zip", zip(&files))] {
        assert_eq!(detect(name, &bytes).out, folder.out, "{name}");
    }
}

#[test]
fn namespaces_that_were_not_gathered_are_unknown() {
    let run = detect_folder(&gathered());
    for rule in ["pod/wrong-node", "sctp/target-port"] {
        assert!(!run.is_evaluated(rule), "{rule}");
    }
    // Without AKO's namespace nobody can say that there is no AKO.
    let mut files = gathered();
    files.retain(|path, _| !path.contains("avi-system"));
    assert!(!detect_folder(&files).is_evaluated("ako/cni-plugin-mismatch"));
}

#[test]
fn refusals_in_its_logs_are_gaps() {
    for log in [
        format!("{IMAGE}/gather.logs"),
        "must-gather.local.1/must-gather.logs".to_owned(),
    ] {
        let mut files = gathered();
        files.insert(
            log.clone(),
            format!(
                "error: skipping gathering x due to error: {}\n",
                refusal("nodes", "")
            ),
        );
        let run = detect_folder(&files);
        let undecided = run.json()["undecided"].to_string();
        assert!(
            undecided.contains("Node could not be read: in/must-gather.local.1/"),
            "{undecided}"
        );
        assert!(run.code == 1 || run.code == 3, "{}", run.code);
    }
}

#[test]
fn pods_of_a_namespace_without_a_list_are_read_one_by_one() {
    let mut files = gathered();
    files.retain(|path, _| !path.ends_with("core/pods.yaml"));
    let run = detect_folder(&files);
    assert_eq!(run.code, detect_folder(&gathered()).code, "{}", run.err);
}

/// A repository of manifests has folders of such names, too.
#[test]
fn another_folder_of_that_name_is_read_as_any_folder() {
    let files = files([
        (
            "namespaces/web/web.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n".to_owned(),
        ),
        ("namespaces/web/node.json", NODE.to_owned()),
    ]);
    let run = check_folder(&files);
    assert_eq!(
        (run.prefixes(), run.err.as_str()),
        (vec!["10.244.1.0/24".to_owned()], "")
    );
}
