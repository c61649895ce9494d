//! What host/deploy/kubernetes puts into a cluster.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde_json::Value;

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/kubernetes")
}

/// The documents of a YAML file.
pub(crate) fn documents(path: &Path) -> Vec<Value> {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_norway::Deserializer::from_str(&text)
        .map(|document| Value::deserialize(document).unwrap())
        .collect()
}

/// The kustomization of a part, such as `rbac/cilium`.
pub(crate) fn kustomization(part: &str) -> Value {
    let mut documents = documents(&folder().join(part).join("kustomization.yaml"));
    assert_eq!(documents.len(), 1, "{part}");
    documents.remove(0)
}

/// The objects in the files that a part lists.
pub(crate) fn objects(part: &str) -> Vec<Value> {
    let kustomization = kustomization(part);
    let files = kustomization["resources"].as_array().unwrap().iter();
    files
        .map(|file| folder().join(part).join(file.as_str().unwrap()))
        .flat_map(|path| documents(&path))
        .collect()
}
