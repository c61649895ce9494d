//! The files of the repository.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A path below the folder `policies`.
pub fn policies(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The text of a file below the folder `policies`.
pub fn text(path: &str) -> String {
    let path = policies(path);
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

/// The documents of a YAML file below the folder `policies`.
pub fn documents(path: &str) -> Vec<Value> {
    text(path)
        .split("\n---\n")
        .map(|document| {
            serde_norway::from_str(document)
                .unwrap_or_else(|error| panic!("{path} is no YAML: {error}"))
        })
        .collect()
}

/// The one document of a YAML file below the folder `policies`.
pub fn document(path: &str) -> Value {
    let mut documents = documents(path);
    assert_eq!(documents.len(), 1, "documents in {path}");
    documents.remove(0)
}
