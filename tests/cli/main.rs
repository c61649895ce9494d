//! The command line, run as a user runs it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod config;
mod input;
mod manual;
mod others;
mod outputs;
mod pictures;
mod report;
mod settings;
mod vrf;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;

const NODE: &str = r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"worker-1","resourceVersion":"7"},
  "spec":{"podCIDR":"10.244.1.0/24","podCIDRs":["10.244.1.0/24"]},
  "status":{"addresses":[{"type":"InternalIP","address":"192.0.2.11"}],
            "conditions":[{"type":"Ready","status":"True"}]}}"#;

fn snapshots(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/snapshots")
        .join(name)
}

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
        serde_json::from_str(&self.out).expect("JSON")
    }

    fn prefixes(&self) -> Vec<String> {
        self.json()["routes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|route| route["prefix"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn podroute(arguments: &[&str]) -> Run {
    Run::of(command(arguments).output().unwrap())
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podroute"));
    command.args(arguments).env_remove("NO_COLOR");
    command
}

fn with_stdin(arguments: &[&str], input: &[u8]) -> Run {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    Run::of(child.wait_with_output().unwrap())
}

/// Checks a file with these contents; podroute runs in its folder.
fn check_file(name: &str, contents: impl AsRef<[u8]>, arguments: &[&str]) -> Run {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join(name), contents).unwrap();
    let arguments = [&["check", "--cni", "kubernetes", name], arguments].concat();
    Run::of(
        command(&arguments)
            .current_dir(folder.path())
            .output()
            .unwrap(),
    )
}
