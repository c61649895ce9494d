//! A server in front of a daemon that a test says everything for.

use std::fs;
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use clap::Parser;
use podroute::daemon::metrics::Metrics;
use podroute::daemon::server::{
    Change, Delete, Error, Limits, Options, Plan, Route, Routes, Server, Source, StartError,
    TablePlan, Withheld,
};
use podroute::daemon::status::{Board, Confirmation, Health, Held, Kind, Status};
use reqwest::{Certificate, Client, Response, StatusCode};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Far more than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) const TOKEN: &str = "0123456789abcdef-first";

pub(crate) struct Fake {
    pub(crate) board: Board,
    pub(crate) health: Health,
    /// The answer to /report. It is given as often as there are permits.
    pub(crate) report: Mutex<Result<String, Error>>,
    pub(crate) may_report: Semaphore,
    pub(crate) reports_asked: AtomicU64,
    pub(crate) confirmed: Mutex<Vec<(String, String)>>,
    pub(crate) reconciles: AtomicU64,
}

#[async_trait]
impl Source for Fake {
    async fn report(&self) -> Result<String, Error> {
        self.reports_asked.fetch_add(1, Ordering::SeqCst);
        self.may_report.acquire().await.unwrap().forget();
        self.report.lock().unwrap().clone()
    }

    async fn routes(&self) -> Result<Routes, Error> {
        Ok(Routes {
            routes: vec![route("10.244.1.0/24", "192.0.2.11", "worker-1")],
            ..Routes::default()
        })
    }

    async fn plan(&self) -> Result<Plan, Error> {
        Ok(Plan {
            tables: vec![TablePlan {
                table: "avi vrf global".to_owned(),
                read: Some("2026-01-31T12:00:00Z".parse().unwrap()),
                dry_run: false,
                adds: vec![route("10.244.1.0/24", "192.0.2.11", "worker-1")],
                changes: vec![Change {
                    to: route("10.244.2.0/24", "192.0.2.12", "worker-2"),
                    from_next_hop: Some("192.0.2.99".to_owned()),
                }],
                deletes: vec![Delete {
                    prefix: "10.244.9.0/24".to_owned(),
                    next_hop: Some("192.0.2.19".to_owned()),
                }],
                right: 3,
                foreign: 2,
                withheld: vec![Withheld {
                    prefix: "10.244.7.0/24".to_owned(),
                    next_hop: None,
                    node: "worker-7".to_owned(),
                    rule: "node/no-next-hop".to_owned(),
                }],
                held: vec![Held {
                    routes: 1,
                    why: "it has to be confirmed".to_owned(),
                }],
                confirmation: Some(Confirmation {
                    token: "5f2c".to_owned(),
                    deletes: 1,
                    share: 0.25,
                }),
            }],
        })
    }

    async fn confirm(&self, table: &str, token: &str) -> Result<(), Error> {
        match (table, token) {
            ("avi vrf global", "5f2c") => {
                let confirmed = (table.to_owned(), token.to_owned());
                self.confirmed.lock().unwrap().push(confirmed);
                Ok(())
            }
            ("avi vrf global", _) => Err(Error::Conflict("another plan waits".to_owned())),
            _ => Err(Error::Unknown(format!("there is no table {table}"))),
        }
    }

    fn status(&self) -> Arc<Status> {
        self.board.now()
    }

    fn hanging(&self) -> Vec<String> {
        self.health.hanging(Instant::now())
    }

    fn reconcile_now(&self) {
        self.reconciles.fetch_add(1, Ordering::SeqCst);
    }
}

fn route(prefix: &str, next_hop: &str, node: &str) -> Route {
    Route {
        prefix: prefix.to_owned(),
        next_hop: next_hop.to_owned(),
        node: node.to_owned(),
    }
}

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    options: Options,
}

pub(crate) fn options(arguments: &[&str]) -> Result<Options, clap::Error> {
    CommandLine::try_parse_from([&["podroute"], arguments].concat()).map(|line| line.options)
}

pub(crate) fn open(arguments: &[&str]) -> Result<Server, StartError> {
    options(arguments).expect("options").open()
}

pub(crate) struct Daemon {
    pub(crate) fake: Arc<Fake>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) address: SocketAddr,
    pub(crate) probes: Option<SocketAddr>,
    pub(crate) stop: CancellationToken,
    pub(crate) ended: JoinHandle<std::io::Result<()>>,
}

impl Daemon {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let limits = Limits {
            reread: Duration::from_millis(20),
            ..Limits::default()
        };
        Self::start_with(arguments, limits)
    }

    /// Listens on a free port of 127.0.0.1, with further options.
    pub(crate) fn start_with(arguments: &[&str], limits: Limits) -> Self {
        let arguments = [&["--listen", "127.0.0.1:0"], arguments].concat();
        let server = open(&arguments).unwrap().with_limits(limits);
        let fake = Arc::new(Fake {
            board: Board::default(),
            health: Health::default(),
            report: Mutex::new(Ok(r#"{"schema":"podroute.report/v1"}"#.to_owned())),
            may_report: Semaphore::new(1000),
            reports_asked: AtomicU64::new(0),
            confirmed: Mutex::default(),
            reconciles: AtomicU64::new(0),
        });
        fake.board.change(|status| {
            status.kinds.insert("Node".to_owned(), Kind::Synced);
        });
        let metrics = Arc::new(Metrics::new());
        let stop = CancellationToken::new();
        Self {
            address: server.address().unwrap(),
            probes: server.probe_address().unwrap(),
            ended: tokio::spawn(server.serve(fake.clone(), metrics.clone(), stop.clone())),
            fake,
            metrics,
            stop,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn https(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        client().get(self.url(path)).send().await.unwrap()
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.headers()["content-type"], "application/json");
        response.json().await.unwrap()
    }

    pub(crate) fn metric_lines(&self) -> Vec<String> {
        let text = self.metrics.text(&self.fake.board.now()).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A client that connects anew for each request.
pub(crate) fn client() -> Client {
    client_that_trusts(None)
}

/// The same, for a server with this certificate and no other.
pub(crate) fn client_that_trusts(pem: Option<&str>) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let trusted = pem.map(|pem| Certificate::from_pem(pem.as_bytes()).unwrap());
    Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .tls_certs_only(trusted)
        .timeout(PATIENCE)
        .build()
        .unwrap()
}

/// A certificate for `localhost`, in files.
pub(crate) struct SelfSigned {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl SelfSigned {
    pub(crate) fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        Self {
            certificate: made.cert.pem(),
            key: made.signing_key.serialize_pem(),
        }
    }

    pub(crate) fn write(&self, folder: &Path) {
        fs::write(folder.join("tls.crt"), &self.certificate).unwrap();
        fs::write(folder.join("tls.key"), &self.key).unwrap();
    }
}

/// Waits until it is so.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let end = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < end, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
