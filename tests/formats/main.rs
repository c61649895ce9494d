//! Reports in the formats that other programs read, written by the command
//! line. What those programs say of them is asked in consumers/.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod csv;
mod github;
mod gitlab;
mod integrations;
mod junit;
mod limits;
mod markdown;
mod routes;
mod sarif;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The top of the repository.
fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What `podroute check --format FORMAT` writes, run in this folder.
fn check_in(folder: &Path, format: &str, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_podroute"))
        .args(["check", "--format", format])
        .args(arguments)
        .current_dir(folder)
        .env_remove("PODROUTE_CLUSTER_NAME")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The snapshot with planted mistakes, from the top of the repository.
fn shop(format: &str) -> String {
    check_in(&top(), format, &["tests/snapshots/shop"])
}

fn from_stdin(format: &str, input: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_podroute"))
        .args(["check", "--format", format, "--cni", "kubernetes", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// A node that is as it should be, in a cluster whose CNI is given.
fn node(name: &str, pod_cidr: &str, address: &str) -> String {
    format!(
        "apiVersion: v1
kind: Node
metadata:
  name: {name}
spec:
  podCIDR: {pod_cidr}
  podCIDRs: [{pod_cidr}]
status:
  addresses: [{{type: InternalIP, address: \"{address}\"}}]
  conditions: [{{type: Ready, status: \"True\"}}]
"
    )
}

/// An info finding for the field in line 7: host bits are set.
fn host_bits() -> String {
    node("worker-1", "10.244.1.7/24", "192.0.2.11")
}

/// A profile that accepts it.
const ACCEPTED: &str = r#"
[[suppressions]]
rule = "node/host-bits"
object = { kind = "Node", name = "worker-1" }
reason = "written by hand | see <OPS-7>"
"#;

/// What is checked without a CNI that could be detected has no verdict.
const UNDECIDED: &[&str] = &["nodes.yaml"];
