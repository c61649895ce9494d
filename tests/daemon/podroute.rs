//! The program, started with its options, watched through its log and its
//! server, and stopped or killed.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::avi::Controller;
use crate::kube::{Cluster, until};

/// A podroute that runs. Killed when dropped.
pub(crate) struct Podroute {
    child: Child,
    folder: TempDir,
    port: u16,
}

/// How to start one.
pub(crate) struct Start {
    options: Vec<String>,
    target: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Start {
    /// Of the cluster `shop`, with the VRF `global` as its target.
    pub(crate) fn avi(cluster: &Cluster, controller: &Controller) -> Self {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        Self::target(
            cluster,
            &[
                "avi",
                "--controller",
                &controller.url(),
                "--credentials",
                &text(controller.credentials()),
                "--ca-file",
                &text(&controller.ca_pem_path()),
            ],
        )
    }

    /// Of the cluster `shop`, with any target and its options.
    pub(crate) fn target(cluster: &Cluster, target: &[&str]) -> Self {
        let kubeconfig = cluster.kubeconfig();
        Self {
            options: [
                "--cluster-name",
                "shop",
                "--kubeconfig",
                kubeconfig.to_str().unwrap(),
                "--lease-namespace",
                "podroute",
                "--log-level",
                "debug",
            ]
            .map(str::to_owned)
            .to_vec(),
            target: target.iter().map(ToString::to_string).collect(),
            environment: Vec::new(),
        }
    }

    /// With more options, before those of the target. Of an option that is
    /// given twice the later counts where clap lets it.
    pub(crate) fn with(mut self, options: &[&str]) -> Self {
        self.options.extend(options.iter().map(ToString::to_string));
        self
    }

    /// With another value of an option.
    pub(crate) fn set(mut self, option: &str, value: &str) -> Self {
        let at = self.options.iter().position(|one| one == option);
        let at = at.expect("the option is there") + 1;
        value.clone_into(&mut self.options[at]);
        self
    }

    /// With more options of the target.
    pub(crate) fn with_target(mut self, options: &[&str]) -> Self {
        self.target.extend(options.iter().map(ToString::to_string));
        self
    }

    /// With these environment variables.
    pub(crate) fn with_environment(mut self, variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter().copied();
        self.environment
            .extend(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
        self
    }

    /// Starts the daemon.
    pub(crate) fn run(self) -> Podroute {
        // For this test's own requests; fails where there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let log = File::create(folder.path().join("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_podroute"))
            .arg("run")
            .args(&self.options)
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(&self.target)
            .envs(self.environment)
            .stderr(log)
            .spawn()
            .unwrap();
        Podroute {
            child,
            folder,
            port,
        }
    }

    /// Runs it with `--once` to its end. Returns the exit code, standard
    /// output and standard error.
    pub(crate) async fn once(self) -> (i32, String, String) {
        let child = tokio::process::Command::new(env!("CARGO_BIN_EXE_podroute"))
            .arg("run")
            .args(&self.options)
            .arg("--once")
            .args(&self.target)
            .envs(self.environment)
            .output();
        let output = child.await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code().unwrap(),
            text(output.stdout),
            text(output.stderr),
        )
    }
}

impl Podroute {
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap()
    }

    pub(crate) fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// What a path of its server answers: the status and the body.
    pub(crate) async fn get(&self, path: &str) -> Option<(u16, String)> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let answer = reqwest::get(url).await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await.expect("the server answers");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, String) {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let answer = reqwest::Client::new().post(url).json(body).send();
        let answer = answer.await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The value of a metric without labels, or of the line that starts so.
    pub(crate) async fn metric(&self, line: &str) -> Option<f64> {
        let (_, text) = self.get("/metrics").await?;
        let found = text.lines().find_map(|one| one.strip_prefix(line))?;
        found.trim().parse().ok()
    }

    pub(crate) async fn ready(&self) {
        for _ in 0..600 {
            if matches!(self.get("/readyz").await, Some((200, _))) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not ready in time; the log:\n{}", self.log());
    }

    /// Waits until its log has a text.
    pub(crate) async fn says(&self, text: &str) {
        until(&format!("the log says {text:?}"), || {
            self.log().contains(text)
        })
        .await;
    }

    /// SIGTERM, and how it ended.
    pub(crate) async fn stop(mut self) -> ExitStatus {
        self.signal("TERM");
        for _ in 0..400 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("does not stop; the log:\n{}", self.log());
    }

    /// SIGKILL: no chance to put anything in order.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// The process, for the benchmark, which looks at its memory.
    #[allow(dead_code)]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Podroute {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
