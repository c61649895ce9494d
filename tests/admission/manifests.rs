//! The files of policies/admission.

use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde_json::Value;

pub(crate) const COMPONENTS: [&str; 7] = [
    "cert-manager",
    "fail-closed",
    "network-policy",
    "rbac/calico",
    "rbac/cilium",
    "rbac/openshift",
    "self-signed",
];

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/admission")
}

/// The documents of a YAML file.
pub(crate) fn documents(path: &Path) -> Vec<Value> {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_norway::Deserializer::from_str(&text)
        .map(|document| Value::deserialize(document).unwrap())
        .collect()
}

/// The only document of a file.
pub(crate) fn document(file: &str) -> Value {
    let mut documents = documents(&folder().join(file));
    assert_eq!(documents.len(), 1, "{file}");
    documents.remove(0)
}

/// The files that a part such as `rbac/cilium` lists.
pub(crate) fn files(part: &str, list: &str) -> Vec<String> {
    let kustomization = document(&format!("{part}/kustomization.yaml"));
    let listed = kustomization[list].as_array().into_iter().flatten();
    listed
        .map(|file| file["path"].as_str().or(file.as_str()).unwrap().to_owned())
        .collect()
}

/// The objects in the files that a part lists.
pub(crate) fn objects(part: &str) -> Vec<Value> {
    let files = files(part, "resources").into_iter();
    files
        .flat_map(|file| documents(&folder().join(part).join(file)))
        .collect()
}

pub(crate) fn find(objects: &[Value], kind: &str, name: &str) -> Value {
    let mut found = objects
        .iter()
        .filter(|object| object["kind"] == kind && object["metadata"]["name"] == name);
    let only = found.next().unwrap_or_else(|| panic!("no {kind} {name}"));
    assert!(found.next().is_none(), "{kind} {name}");
    only.clone()
}

pub(crate) fn texts(list: &Value) -> Vec<&str> {
    let texts = list.as_array().into_iter().flatten();
    texts.map(|text| text.as_str().unwrap()).collect()
}
