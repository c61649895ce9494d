//! The commands that compare and explain: diff, baselines, trace, plan, and
//! several clusters at once, run as a user runs them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod baseline;
mod clusters;
mod diff;
mod plan;
mod trace;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

fn podroute(arguments: &[&str], input: &str) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_podroute"))
        .args(arguments)
        .env_remove("NO_COLOR")
        .env_remove("PODROUTE_CLUSTER_NAME")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().expect("not killed"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Files of a test.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Writes a file and returns its path.
    fn file(&self, name: &str, contents: &str) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, contents).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Writes a snapshot of these objects.
    fn snapshot(&self, name: &str, objects: &[Value]) -> String {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
        self.file(name, &list.to_string())
    }

    /// Writes the report on a snapshot.
    fn report(&self, name: &str, snapshot: &str) -> String {
        let run = podroute(&["check", "--format", "json", snapshot], "");
        self.file(name, &run.out)
    }
}

fn shop() -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/snapshots/shop");
    path.to_str().unwrap().to_owned()
}

/// A flannel cluster: what tells the CNI, so that there is a verdict.
fn flannel() -> Value {
    json!({"apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"namespace": "kube-flannel", "name": "kube-flannel-ds"},
        "spec": {"template": {"spec": {"containers": [
            {"name": "kube-flannel", "image": "docker.io/flannel/flannel:v0.25.1"}]}}},
        "status": {"desiredNumberScheduled": 2, "numberReady": 2}})
}

fn node(name: &str, cidr: &str, address: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name},
        "spec": {"podCIDR": cidr, "podCIDRs": [cidr]},
        "status": {"addresses": [{"type": "InternalIP", "address": address}],
                   "conditions": [{"type": "Ready", "status": "True"}]}})
}

/// Nodes `a` and `b`.
fn two_nodes() -> [Value; 3] {
    [
        flannel(),
        node("a", "10.244.0.0/24", "192.0.2.1"),
        node("b", "10.244.1.0/24", "192.0.2.2"),
    ]
}

/// Asserts that a document is what its schema says.
#[track_caller]
fn assert_valid(name: &str, value: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../wit/schema")
        .join(format!("podroute.{name}.v1.json"));
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(schema["$id"], format!("podroute.{name}/v1"));
    let schema = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = schema
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}
