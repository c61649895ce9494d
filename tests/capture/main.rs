//! `podroute snapshot` and `podroute check --live`: the program against a
//! simulator of the API server, over TLS.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../simulators/kube/mod.rs"]
mod kube;

mod files;
mod gaps;
mod leaks;
mod pages;
mod reaching;
mod rights;
mod same_report;
mod whole;

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use kube::{Cluster, Login, Options};
use podroute::Snapshot;
use podroute::snapshot::Input;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

fn snapshots(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/snapshots")
        .join(name)
}

/// An API server over TLS, with nothing in the cluster.
async fn empty() -> Cluster {
    Cluster::with(Options {
        tls: true,
        login: Login::Token,
    })
    .await
}

/// The cluster `shop` of the snapshots: Cilium and AKO, with mistakes.
async fn shop() -> Cluster {
    let cluster = empty().await;
    let snapshot = Snapshot::read(&[Input::Path(snapshots("shop"))]);
    assert!(!snapshot.documents.is_empty());
    for document in &snapshot.documents {
        cluster.apply(serde_json::from_str(document).unwrap());
    }
    cluster
}

/// A program that has ended.
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("not killed"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Run {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}{}", self.out, self.err))
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_podroute"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_remove("KUBECONFIG")
        .env("HOME", folder)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn podroute(folder: &Path, arguments: &[&str]) -> Run {
    command(folder, arguments).output().await.unwrap().into()
}

/// A folder to run in, and the cluster as the programs in it see it.
struct Desk<'a> {
    cluster: &'a Cluster,
    folder: TempDir,
}

impl<'a> Desk<'a> {
    fn at(cluster: &'a Cluster) -> Self {
        Self {
            cluster,
            folder: TempDir::new().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// A command that does not look at the cluster.
    async fn offline(&self, arguments: &[&str]) -> Run {
        podroute(self.folder.path(), arguments).await
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let kubeconfig = self.cluster.kubeconfig();
        let arguments = [arguments, &["--kubeconfig", kubeconfig.to_str().unwrap()]].concat();
        command(self.folder.path(), &arguments)
    }

    async fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().await.unwrap().into()
    }

    /// The report of a snapshot.
    async fn checked(&self, file: &str) -> Value {
        let check = ["check", "--format", "json", "--fail-on", "never", file];
        self.offline(&check).await.json()
    }

    /// The report of the cluster.
    async fn live(&self) -> Value {
        let check = ["check", "--live", "--format", "json", "--fail-on", "never"];
        self.run(&check).await.json()
    }

    /// The first item of a snapshot.
    fn manifest(&self, file: &str) -> Value {
        let text = std::fs::read_to_string(self.path(file)).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["items"][0].clone()
    }

    /// What a snapshot says of a kind: state and count.
    fn kind(&self, file: &str, kind: &str) -> (String, u64) {
        let manifest = self.manifest(file);
        let kinds = manifest["kinds"].as_array().unwrap();
        let found = kinds.iter().find(|one| one["kind"] == kind);
        let found = found.unwrap_or_else(|| panic!("{kind} is not in {manifest}"));
        (
            found["state"].as_str().unwrap().to_owned(),
            found["count"].as_u64().unwrap(),
        )
    }
}

/// Rules and severities of the findings, sorted.
fn findings(report: &Value) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let mut all: Vec<_> = findings
        .map(|finding| {
            let text = |field: &str| finding[field].as_str().unwrap().to_owned();
            (text("rule"), text("severity"))
        })
        .collect();
    all.sort();
    all
}
