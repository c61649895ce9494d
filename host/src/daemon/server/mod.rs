//! What is seen of the daemon from outside: probes, metrics, what it found out
//! and what it is about to do, over HTTP or HTTPS.
//!
//! The server decides nothing and keeps nothing: whatever it shows comes from
//! its [`Source`]. To add an endpoint, write its handler and a line in
//! `endpoints.rs`; TLS, the token, limits and the index follow from that, in
//! [`crate::web`].

pub mod documents;
mod endpoints;
mod handlers;
mod options;
mod probes;
mod source;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing::info;

pub use documents::{Change, Delete, Plan, Route, Routes, TablePlan, Withheld};
pub use options::Options;
pub use source::{Error, Source};

pub use crate::web::{Limits, StartError};

use super::metrics::Metrics;
use crate::web::{Shown, Tokens, WatchedTokens, listen};

/// A server that has its addresses and files, and does not answer yet.
pub struct Server {
    main: TcpListener,
    probes: Option<TcpListener>,
    certificate: Option<Shown>,
    tokens: Option<WatchedTokens>,
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
            tokens: self.tokens.as_ref().map(WatchedTokens::made),
            limits,
        });
        let tls = self.certificate.as_ref().map(Shown::config);
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
            if let Some(shown) = self.certificate {
                shown.watch(metrics.reloads(), limits.reread, &stop).await;
            }
        };
        let tokens = async {
            if let Some(watched) = self.tokens {
                watched.watch(metrics.reloads(), limits.reread, &stop).await;
            }
        };
        tokio::join!(answers, certificate, tokens).0
    }
}
