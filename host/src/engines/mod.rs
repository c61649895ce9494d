//! What policy engines ask: a server of reviews and evaluations over HTTP.
//!
//! Reviews of changes to a cluster come from a [`Reviewer`], which has the
//! cluster; evaluations of objects that a request brings itself come from the
//! policy, from a fresh instance each. To add an endpoint, write its handler, a
//! line in `endpoints.rs` and its description in
//! wit/schema/podroute.openapi.v1.json.

mod admission;
mod body;
mod endpoints;
mod gatekeeper;
mod key;
mod limits;
mod metrics;
mod openapi;
mod options;
mod own;
mod probes;
pub mod reviewer;
mod run_options;
mod snapshot;
mod stateless;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing::info;

pub use crate::web::StartError;
pub use limits::Limits;
pub use openapi::description;
pub use options::Options;
pub use reviewer::{Reviewer, Unanswered};
pub use run_options::RunOptions;
pub use snapshot::FromSnapshot;

use crate::Policy;
use crate::admission::Admission;
use crate::web::{Shown, WatchedTokens, listen};
use metrics::Metrics;
use own::OwnCertificate;

/// A server that has its address and files, and does not answer yet.
pub struct Server {
    listener: TcpListener,
    certificate: Certificate,
    tokens: Option<WatchedTokens>,
    limits: Limits,
}

/// Where the certificate comes from.
enum Certificate {
    /// Plain HTTP.
    None,
    Shown(Shown),
    Own(Box<OwnCertificate>),
}

/// What answers.
#[derive(Clone)]
pub struct Sources {
    pub reviewer: Arc<dyn Reviewer>,
    /// Evaluates what requests bring themselves.
    pub policy: Policy,
    /// How admission reviews are answered.
    pub admission: crate::admission::Options,
}

/// What every handler gets.
struct Context {
    reviewer: Arc<dyn Reviewer>,
    policy: Policy,
    admission: Admission,
    metrics: Metrics,
}

impl Server {
    /// The address that it listens on: with port 0 the one that it was given.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until told to stop. Requests that are under way then are
    /// finished, if they are soon.
    pub async fn serve(self, sources: Sources, stop: CancellationToken) -> io::Result<()> {
        let address = self.address()?;
        let certificate = tokio::select! {
            certificate = self.certificate.begin() => certificate.map_err(io::Error::other)?,
            () = stop.cancelled() => return Ok(()),
        };
        let (tls, tokens) = (certificate.is_some(), self.tokens.is_some());
        let certificates = certificate.as_ref().is_some_and(Shown::is_mutual);
        info!(%address, tls, tokens, client_certificates = certificates, "policy engines are answered");
        // The caller decides what follows from a server that has failed.
        let stop = stop.child_token();
        let limits = self.limits.of_server;
        let admission = Admission::new(sources.admission);
        let metrics = Metrics::new(&admission);
        let reloads = metrics.reloads().clone();
        let context = Arc::new(Context {
            reviewer: sources.reviewer,
            policy: sources.policy.with_limits(self.limits.policy),
            admission,
            metrics,
        });
        let doors = endpoints::Doors {
            tokens: self.tokens.as_ref().map(WatchedTokens::made),
            certificates,
            local: crate::web::is_local(address),
        };
        let router = endpoints::all(&context, doors, self.limits);
        let tls = certificate.as_ref().map(Shown::config);
        let answers = async {
            let ended = listen(self.listener, tls, router, limits, &stop).await;
            stop.cancel();
            ended
        };
        let certificate = async {
            if let Some(shown) = certificate {
                shown.watch(&reloads, limits.reread, &stop).await;
            }
        };
        let tokens = async {
            if let Some(watched) = self.tokens {
                watched.watch(&reloads, limits.reread, &stop).await;
            }
        };
        tokio::join!(answers, certificate, tokens).0
    }
}

impl Certificate {
    /// One that lies in the cluster may have to be waited for.
    async fn begin(self) -> Result<Option<Shown>, String> {
        match self {
            Self::None => Ok(None),
            Self::Shown(shown) => Ok(Some(shown)),
            Self::Own(own) => own.begin().await.map(Some),
        }
    }
}
