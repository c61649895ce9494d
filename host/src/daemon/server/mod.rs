//! What is seen of the daemon from outside: probes, metrics, what it found out
//! and what it is about to do, over HTTP or HTTPS.
//!
//! The server decides nothing and keeps nothing: whatever it shows comes from
//! its [`Source`]. To add an endpoint, write its handler and a line in
//! `endpoints.rs`; TLS, the token, limits and the index follow from that.

mod answer;
mod connection;
pub mod documents;
mod endpoints;
mod files;
mod handlers;
mod limits;
mod options;
mod probes;
mod source;
mod tls;
mod tokens;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;
use tokio_util::sync::CancellationToken;
use tracing::info;

pub use documents::{Change, Delete, Plan, Route, Routes, TablePlan, Withheld};
pub use limits::Limits;
pub use options::{Options, StartError};
pub use source::{Error, Source};

use super::metrics::Metrics;
use connection::Capped;
use files::Watched;
use tls::Certificate;
use tokens::Tokens;

/// A server that has its addresses and files, and does not answer yet.
pub struct Server {
    main: TcpListener,
    probes: Option<TcpListener>,
    certificate: Option<Watched<Certificate, 2>>,
    tokens: Option<Watched<Tokens, 1>>,
    limits: Limits,
}

/// What every handler gets.
struct Context {
    source: Arc<dyn Source>,
    metrics: Arc<Metrics>,
    tokens: Option<Tokens>,
    limits: Limits,
}

impl Server {
    /// The address that it listens on: with port 0 the one that it was given.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.main.local_addr()
    }

    /// The same for `--probe-listen`.
    pub fn probe_address(&self) -> io::Result<Option<SocketAddr>> {
        self.probes
            .as_ref()
            .map(TcpListener::local_addr)
            .transpose()
    }

    /// The same server under other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Answers until told to stop. Requests that are under way then are
    /// finished, if they are soon.
    pub async fn serve(
        self,
        source: Arc<dyn Source>,
        metrics: Arc<Metrics>,
        stop: CancellationToken,
    ) -> io::Result<()> {
        if let Ok(address) = self.address() {
            let (tls, tokens) = (self.certificate.is_some(), self.tokens.is_some());
            info!(%address, tls, tokens, "the server answers");
        }
        // The caller decides what follows from a server that has failed.
        let stop = stop.child_token();
        let limits = self.limits;
        let context = Arc::new(Context {
            source,
            metrics: Arc::clone(&metrics),
            tokens: self.tokens.as_ref().map(Watched::made),
            limits,
        });
        let tls = self
            .certificate
            .as_ref()
            .map(|watched| watched.made().config());
        let main = listen(self.main, tls, endpoints::all(&context), limits, &stop);
        let probes = async {
            match self.probes {
                None => Ok(()),
                Some(listener) => {
                    let router = endpoints::only_probes(&context);
                    listen(listener, None, router, limits, &stop).await
                }
            }
        };
        let answers = async {
            let ended = tokio::try_join!(main, probes);
            stop.cancel();
            ended.map(drop)
        };
        let certificate = async {
            if let Some(watched) = self.certificate {
                watched.watch(&metrics, limits.reread, &stop).await;
            }
        };
        let tokens = async {
            if let Some(watched) = self.tokens {
                watched.watch(&metrics, limits.reread, &stop).await;
            }
        };
        tokio::join!(answers, certificate, tokens).0
    }
}

async fn listen(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    router: Router,
    limits: Limits,
    stop: &CancellationToken,
) -> io::Result<()> {
    let handle = Handle::new();
    let mut server = axum_server::from_tcp(listener)?
        .acceptor(Capped::new(limits))
        .handle(handle.clone());
    server
        .http_builder()
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header);
    let app = router.into_make_service();
    let serve = async {
        match tls {
            None => server.http1_only().serve(app).await,
            Some(tls) => {
                let server = server.map(|capped| RustlsAcceptor::new(tls).acceptor(capped));
                server.http1_only().serve(app).await
            }
        }
    };
    let shut_down = async {
        stop.cancelled().await;
        handle.graceful_shutdown(Some(limits.shutdown));
        std::future::pending().await
    };
    tokio::select! {
        ended = serve => ended,
        never = shut_down => never,
    }
}
