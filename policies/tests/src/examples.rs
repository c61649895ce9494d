//! The cluster and the changes in `policies/examples`.

use serde_json::Value;

use crate::files;

/// A change of the example cluster.
pub struct Example {
    pub file: String,
    /// The object as it is to become.
    pub object: Value,
    /// The same object as it is in the cluster.
    pub old: Option<Value>,
    /// The rule that the file's comment names.
    pub rule: Option<String>,
}

impl Example {
    /// What the API server would call the change.
    pub fn operation(&self) -> &'static str {
        if self.old.is_some() {
            "UPDATE"
        } else {
            "CREATE"
        }
    }
}

/// The examples of a folder: denied, warned or allowed.
pub fn examples(folder: &str) -> Vec<Example> {
    let folder = format!("examples/{folder}");
    let mut names: Vec<String> = std::fs::read_dir(files::policies(&folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no examples in {folder}");
    names
        .into_iter()
        .map(|name| example(&format!("{folder}/{name}")))
        .collect()
}

/// One example, by its path: denied/sctp-service.
pub fn named(path: &str) -> Example {
    example(&format!("examples/{path}.yaml"))
}

/// An object of the example cluster.
pub fn in_cluster(kind: &str, name: &str) -> Option<Value> {
    ["ako", "cilium", "nodes", "services"]
        .iter()
        .flat_map(|file| files::documents(&format!("examples/cluster/{file}.yaml")))
        .find(|object| object["kind"] == kind && object["metadata"]["name"] == name)
}

fn example(file: &str) -> Example {
    let object = files::document(file);
    let old = in_cluster(
        object["kind"].as_str().unwrap(),
        object["metadata"]["name"].as_str().unwrap(),
    );
    let text = files::text(file);
    let comment = text.lines().take_while(|line| line.starts_with('#')).last();
    let rule = comment
        .and_then(|line| line.split_once(" by "))
        .map(|(_, rule)| rule.trim_end_matches('.').to_owned());
    Example {
        file: file.to_owned(),
        object,
        old,
        rule,
    }
}
