//! `podroute webhook`, started as a user starts it.

use std::fs::File;
use std::future::Future;
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use reqwest::{Client, ClientBuilder, Response};
use serde_json::Value;
use tempfile::TempDir;

use crate::shop;

/// Far more than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A podroute that runs. Killed when dropped.
pub(crate) struct Webhook {
    child: Child,
    folder: TempDir,
    pub(crate) address: SocketAddr,
    scheme: &'static str,
}

impl Webhook {
    /// Of the cluster in tests/snapshots/shop, with further options.
    pub(crate) fn of_shop(options: &[&str]) -> Self {
        let shop = shop::path();
        let given = ["webhook", "--snapshot", shop.to_str().unwrap()];
        Self::start(&[&given[..], &["--listen", "127.0.0.1:0"], options].concat())
    }

    /// Any command that answers policy engines.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_podroute"))
            .args(arguments)
            .env("NO_COLOR", "1")
            .stderr(log)
            .spawn()
            .unwrap();
        let mut started = Self {
            child,
            folder,
            address: ([127, 0, 0, 1], 0).into(),
            scheme: "http",
        };
        let end = Instant::now() + PATIENCE;
        while started.address.port() == 0 {
            assert!(Instant::now() < end, "no address:\n{}", started.log());
            if let Some(line) = started.log().lines().find(|line| line.contains(ANSWERS)) {
                let (_, rest) = line.split_once("address=").unwrap();
                started.address = rest.split(' ').next().unwrap().parse().unwrap();
                if rest.contains("tls=true") {
                    started.scheme = "https";
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        started
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// By the name that the certificates here are for.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://localhost:{}{path}", self.scheme, self.address.port())
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        read(client().get(self.url(path)).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<String>) -> (u16, String) {
        let request = client().post(self.url(path)).body(body.into());
        let request = request.header("content-type", "application/json");
        read(request.send().await.unwrap()).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> (u16, Value) {
        let (status, text) = self.post(path, body.to_string()).await;
        (status, serde_json::from_str(&text).expect("JSON"))
    }

    pub(crate) async fn is_well(&self) {
        assert_eq!(self.get("/healthz").await, (200, "ok\n".to_owned()));
    }

    /// The value of the metric in the line that starts so.
    pub(crate) async fn metric(&self, line: &str) -> Option<f64> {
        let (_, text) = self.get("/metrics").await;
        let found = text.lines().find_map(|one| one.strip_prefix(line))?;
        found.trim().parse().ok()
    }

    /// SIGTERM, and how it ended.
    pub(crate) async fn stop(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", "TERM", &id]).status();
        assert!(sent.unwrap().success());
        for _ in 0..400 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("does not stop:\n{}", self.log());
    }
}

const ANSWERS: &str = "policy engines are answered";

impl Drop for Webhook {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn read(response: Response) -> (u16, String) {
    (response.status().as_u16(), response.text().await.unwrap())
}

/// A client that connects anew for each request.
pub(crate) fn client() -> Client {
    building().tls_certs_only([]).build().unwrap()
}

pub(crate) fn building() -> ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .timeout(PATIENCE)
}

/// Runs it to its end: the exit code and standard error.
pub(crate) fn refused(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_podroute"))
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    (output.status.code().expect("not killed"), error)
}

/// Waits until it is so.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let end = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < end, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
