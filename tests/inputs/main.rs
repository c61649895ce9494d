//! What `podroute check PATH` reads beside plain files: archives and the
//! layouts of what collects clusters, built here; and what it does with what
//! it cannot read.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod archives;
mod broken;
mod must_gather;
mod packing;
mod support_bundle;
mod sysdump;
mod twice;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

/// Contents of files by their paths.
type Files = BTreeMap<String, String>;

const NODE: &str = r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"worker-1","resourceVersion":"7"},
  "spec":{"podCIDR":"10.244.1.0/24","podCIDRs":["10.244.1.0/24"]},
  "status":{"addresses":[{"type":"InternalIP","address":"192.0.2.11"}],
            "conditions":[{"type":"Ready","status":"True"}]}}"#;

const NODES_ALONE: [&str; 2] = ["--cni", "kubernetes"];

struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("not killed"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}{}", self.out, self.err))
    }

    fn prefixes(&self) -> Vec<String> {
        let routes = self.json()["routes"].as_array().unwrap().clone();
        let prefixes = routes.iter().map(|route| route["prefix"].as_str().unwrap());
        prefixes.map(str::to_owned).collect()
    }

    /// What does not depend on how much else was collected: routes, and
    /// findings but the one that lists what is missing.
    fn verdict(&self) -> Value {
        let mut report = self.json();
        let findings = report["findings"].as_array_mut().unwrap();
        findings.retain(|finding| finding["rule"] != "snapshot/partial");
        serde_json::json!({
            "routes": report["routes"],
            "withheld": report["withheld"],
            "findings": report["findings"],
            "undecided": report["undecided"],
        })
    }

    /// Kinds for want of which a rule was not evaluated.
    fn is_evaluated(&self, rule: &str) -> bool {
        let report = self.json();
        let open = report["notEvaluated"].as_array().unwrap();
        !open.iter().any(|entry| entry["rule"] == rule)
    }
}

fn command(folder: &Path, path: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podroute"));
    command
        .args(["check", "--format", "json", path])
        .env_remove("NO_COLOR")
        .current_dir(folder);
    command
}

/// Checks a path in a folder, with the CNI found from what is there; podroute
/// runs in that folder.
fn detect_in(folder: &Path, path: &str) -> Run {
    Run::of(command(folder, path).output().unwrap())
}

/// The same where Nodes are all there is.
fn check_in(folder: &Path, path: &str) -> Run {
    let mut command = command(folder, path);
    Run::of(command.args(NODES_ALONE).output().unwrap())
}

/// Checks one file of these contents.
fn check(name: &str, bytes: &[u8]) -> Run {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    check_in(folder.path(), name)
}

fn detect(name: &str, bytes: &[u8]) -> Run {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    detect_in(folder.path(), name)
}

/// Checks a folder called `in` with these files.
fn check_folder(files: &Files) -> Run {
    check_in(folder_of(files).path(), "in")
}

fn detect_folder(files: &Files) -> Run {
    detect_in(folder_of(files).path(), "in")
}

fn folder_of(files: &Files) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join("in").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn check_stdin(bytes: &[u8]) -> Run {
    let mut child = command(Path::new("."), "-")
        .args(NODES_ALONE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have read enough before all is written.
    let _ = child.stdin.take().unwrap().write_all(bytes);
    Run::of(child.wait_with_output().unwrap())
}

fn files<const N: usize>(files: [(&str, String); N]) -> Files {
    files.map(|(path, text)| (path.to_owned(), text)).into()
}

/// The shop of tests/snapshots, with its planted mistakes, as a plain folder.
fn plain_shop() -> Run {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    detect_in(&root, "tests/snapshots/shop")
}

/// All objects of the shop.
fn shop() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/snapshots/shop");
    let mut objects = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        for document in serde_norway::Deserializer::from_str(&text) {
            match Value::deserialize(document).unwrap() {
                Value::Object(mut object) if object["kind"].as_str().unwrap().ends_with("List") => {
                    objects.extend(object["items"].take().as_array().unwrap().clone());
                }
                object => objects.push(object),
            }
        }
    }
    objects
}

fn of_kind(objects: &[Value], kind: &str) -> Vec<Value> {
    let of_kind = objects.iter().filter(|object| object["kind"] == kind);
    of_kind.cloned().collect()
}

fn in_namespace(objects: &[Value], namespace: &str) -> Vec<Value> {
    let inside = objects
        .iter()
        .filter(|object| object["metadata"]["namespace"] == namespace);
    inside.cloned().collect()
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap()
}

fn yaml(value: &Value) -> String {
    serde_norway::to_string(value).unwrap()
}

/// A list as the Go client writes it: of a type, whose items carry none.
fn typed_list(api_version: &str, kind: &str, objects: &[Value]) -> Value {
    let mut items = objects.to_vec();
    for item in &mut items {
        let item = item.as_object_mut().unwrap();
        item.remove("kind");
        item.remove("apiVersion");
    }
    serde_json::json!({"apiVersion": api_version, "items": items, "kind": format!("{kind}List")})
}

fn refusal(resource: &str, group: &str) -> String {
    format!(
        "{resource} is forbidden: User \"ci\" cannot list resource \"{resource}\" in API group \"{group}\" at the cluster scope"
    )
}
