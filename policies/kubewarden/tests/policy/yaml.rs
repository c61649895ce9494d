//! Objects from YAML files.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

/// A file or folder of the repository, by its path from the top.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// A file of this folder: `metadata.yml`.
pub(crate) fn own(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

pub(crate) fn documents(text: &str) -> Vec<Value> {
    serde_norway::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).unwrap())
        .filter(|document| !document.is_null())
        .collect()
}

/// The objects of a file, those in lists included.
pub(crate) fn objects(text: &str) -> Vec<Value> {
    documents(text).into_iter().flat_map(unpack).collect()
}

fn unpack(document: Value) -> Vec<Value> {
    match document.get("items") {
        Some(items) => items.as_array().unwrap().clone(),
        None => vec![document],
    }
}

/// The objects of a folder of `tests/snapshots`.
pub(crate) fn snapshot(name: &str) -> Vec<Value> {
    let folder = repository("tests/snapshots").join(name);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let read = |path: &PathBuf| objects(&fs::read_to_string(path).unwrap());
    files.iter().flat_map(read).collect()
}
