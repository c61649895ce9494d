//! Routes in a file that another program reads.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::time::sleep;

use crate::cluster::{add_nodes, cilium, cilium_node, node, remove_nodes};
use crate::kube::{Cluster, until};
use crate::podroute::{Podroute, Start};

/// FRR's folder: the file `routes.conf`, and what the reload command makes of
/// it: `taken` is the file that FRR runs with, `reloads` a line for each time.
struct Frr(TempDir);

/// Fails as long as there is a file `broken`.
const RELOAD: &str = r#"cd "${PODROUTE_FILE%/*}" && test ! -e broken && cp routes.conf taken && echo once >> reloads"#;

impl Frr {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Empty where there is no such file.
    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn reloads(&self) -> usize {
        self.text("reloads").lines().count()
    }

    /// Which file it is, and when it was written.
    fn identity(&self, name: &str) -> (u64, i64, i64) {
        let metadata = fs::metadata(self.path(name)).unwrap();
        (metadata.ino(), metadata.mtime(), metadata.mtime_nsec())
    }

    /// Alone, and looking at the file twice a second.
    fn podroute(&self, cluster: &Cluster) -> Podroute {
        let output = self.path("routes.conf");
        let output = output.to_str().unwrap();
        let target = ["file", "--template", "frr", "--output", output];
        Start::target(cluster, &target)
            .with(&["--leader-elect=false", "--window", "0.1"])
            .with(&["--drift-interval", "0.5"])
            .with_target(&["--reload", RELOAD])
            .run()
    }

    /// What `/status` says of the table.
    async fn status(&self, podroute: &Podroute) -> Value {
        let name = format!("file {}", self.path("routes.conf").display());
        podroute.json("/status").await["tables"][name].clone()
    }

    /// The same, once podroute has found the file right or made it so.
    async fn settled(&self, podroute: &Podroute) -> Value {
        podroute.ready().await;
        for _ in 0..600 {
            let status = self.status(podroute).await;
            if status["lastSuccess"].is_string() {
                return status;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("not settled in time; the log:\n{}", podroute.log());
    }

    /// Waits until the reload command has taken over these routes.
    async fn runs_with(&self, routes: &[(&str, &str)]) {
        let mut text =
            "! podroute: routes to the pods of shop. Changes by hand are undone.\n".to_owned();
        for (prefix, next_hop) in routes {
            text.push_str(&["ip route ", prefix, " ", next_hop, "\n"].concat());
        }
        until(&format!("FRR runs with {text}"), || {
            self.text("taken") == text
        })
        .await;
        assert_eq!(self.text("routes.conf"), text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_follows_the_cluster_and_its_reader_is_told() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let frr = Frr::new();
    let podroute = frr.podroute(&cluster);
    frr.runs_with(&[("10.0.1.0/24", "192.0.2.1"), ("10.0.2.0/24", "192.0.2.2")])
        .await;
    assert_eq!(frr.reloads(), 1, "one for both");

    add_nodes(&cluster, [3]);
    frr.runs_with(&[
        ("10.0.1.0/24", "192.0.2.1"),
        ("10.0.2.0/24", "192.0.2.2"),
        ("10.0.3.0/24", "192.0.2.3"),
    ])
    .await;
    cluster.apply(node("w1", "192.0.2.11"));
    cluster.apply(cilium_node("w2", "10.0.9.0/24"));
    let moved = [
        ("10.0.1.0/24", "192.0.2.11"),
        ("10.0.3.0/24", "192.0.2.3"),
        ("10.0.9.0/24", "192.0.2.2"),
    ];
    frr.runs_with(&moved).await;

    // Changes by hand are undone, and the reader is told of that, too.
    fs::remove_file(frr.path("taken")).unwrap();
    fs::write(frr.path("routes.conf"), "ip route 0.0.0.0/0 192.0.2.66\n").unwrap();
    frr.runs_with(&moved).await;

    remove_nodes(&cluster, [3]);
    let two = [("10.0.1.0/24", "192.0.2.11"), ("10.0.9.0/24", "192.0.2.2")];
    frr.runs_with(&two).await;
    assert!(podroute.stop().await.success());
    frr.runs_with(&two).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_that_fails_is_an_error_until_it_succeeds() {
    let cluster = cilium().await;
    add_nodes(&cluster, [1]);
    let frr = Frr::new();
    fs::write(frr.path("broken"), "").unwrap();
    let podroute = frr.podroute(&cluster);
    podroute.says("--reload command").await;
    // The file is right, the program that reads it does not know yet.
    assert!(frr.text("routes.conf").contains("10.0.1.0/24 192.0.2.1"));
    let status = frr.status(&podroute).await;
    let error = status["error"]["text"].as_str().unwrap();
    assert!(
        error.contains("is written, but the --reload command"),
        "{error}"
    );
    assert_eq!(status["lastSuccess"], Value::Null);
    assert_eq!(frr.reloads(), 0);

    fs::remove_file(frr.path("broken")).unwrap();
    frr.runs_with(&[("10.0.1.0/24", "192.0.2.1")]).await;
    let status = frr.settled(&podroute).await;
    assert_eq!(status["error"], Value::Null);
    assert_eq!(frr.reloads(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_started_again_it_changes_only_what_is_wrong() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let frr = Frr::new();
    let podroute = frr.podroute(&cluster);
    let two = [("10.0.1.0/24", "192.0.2.1"), ("10.0.2.0/24", "192.0.2.2")];
    frr.runs_with(&two).await;
    frr.settled(&podroute).await;
    podroute.kill();

    // Everything is right: nothing is written, nobody is told.
    let files = ["routes.conf", "routes.conf.podroute.json"];
    let before = files.map(|name| frr.identity(name));
    let podroute = frr.podroute(&cluster);
    let status = frr.settled(&podroute).await;
    assert_eq!(status["lastWrite"], Value::Null);
    assert_eq!(files.map(|name| frr.identity(name)), before);
    assert_eq!(frr.reloads(), 1);

    // What changes in the meantime is made up for.
    podroute.kill();
    remove_nodes(&cluster, [2]);
    add_nodes(&cluster, [4]);
    let podroute = frr.podroute(&cluster);
    frr.runs_with(&[("10.0.1.0/24", "192.0.2.1"), ("10.0.4.0/24", "192.0.2.4")])
        .await;
    frr.settled(&podroute).await;
    assert_eq!(frr.reloads(), 2);
}
