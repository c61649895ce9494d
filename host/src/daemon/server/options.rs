//! Where the server listens and how it is protected.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use clap::Args;

use super::files::Watched;
use super::{Limits, Server};

const HEADING: &str = "Server";

#[derive(Args, Clone, Debug)]
#[group(id = "server-options")]
pub struct Options {
    /// Where to serve status, metrics and probes; anywhere but on a loopback address it takes --tls-cert, --tls-key and --token-file
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080",
          env = "PODROUTE_LISTEN", help_heading = HEADING)]
    listen: SocketAddr,

    /// Where to serve /healthz and /readyz, and nothing else, without TLS
    #[arg(long, value_name = "ADDRESS:PORT",
          env = "PODROUTE_PROBE_LISTEN", help_heading = HEADING)]
    probe_listen: Option<SocketAddr>,

    /// The certificate with its chain, PEM; taken over when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key",
          env = "PODROUTE_TLS_CERT", help_heading = HEADING)]
    tls_cert: Option<PathBuf>,

    /// The certificate's key, PEM; taken over when it changes
    #[arg(long, value_name = "FILE", requires = "tls_cert",
          env = "PODROUTE_TLS_KEY", help_heading = HEADING)]
    tls_key: Option<PathBuf>,

    /// Bearer tokens, one per line, of which everything but probes takes one; taken over when it changes
    #[arg(long, value_name = "FILE",
          env = "PODROUTE_TOKEN_FILE", help_heading = HEADING)]
    token_file: Option<PathBuf>,
}

/// Why the server cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "--listen {address} is reached from other machines: there it takes TLS and a token; give {missing} too, or listen on 127.0.0.1 (for probes alone there is --probe-listen)"
    )]
    Unprotected {
        address: SocketAddr,
        missing: String,
    },
    #[error("{missing} is missing: TLS takes both --tls-cert and --tls-key")]
    HalfTls { missing: &'static str },
    #[error("{option}: {reason}")]
    File {
        option: &'static str,
        reason: String,
    },
    #[error("{option} {address}: cannot listen there: {source}; choose another address or port")]
    Listen {
        option: &'static str,
        address: SocketAddr,
        source: io::Error,
    },
}

impl Options {
    /// Takes the addresses and reads the files. Clients may connect from now
    /// on; they are answered when the server is told to serve.
    pub fn open(&self) -> Result<Server, StartError> {
        let files = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            (Some(_), None) => {
                return Err(StartError::HalfTls {
                    missing: "--tls-key",
                });
            }
            (None, Some(_)) => {
                return Err(StartError::HalfTls {
                    missing: "--tls-cert",
                });
            }
        };
        self.check_protection()?;

        let certificate = files
            .map(|(certificate, key)| {
                Watched::open("certificate", [certificate.clone(), key.clone()])
                    .map_err(|reason| in_option("--tls-cert, --tls-key", reason))
            })
            .transpose()?;
        let tokens = self
            .token_file
            .as_ref()
            .map(|path| {
                Watched::open("tokens", [path.clone()])
                    .map_err(|reason| in_option("--token-file", reason))
            })
            .transpose()?;
        Ok(Server {
            main: listen("--listen", self.listen)?,
            probes: self
                .probe_listen
                .map(|address| listen("--probe-listen", address))
                .transpose()?,
            certificate,
            tokens,
            limits: Limits::default(),
        })
    }

    fn check_protection(&self) -> Result<(), StartError> {
        let missing: Vec<_> = [
            (self.tls_cert.is_none(), "--tls-cert and --tls-key"),
            (self.token_file.is_none(), "--token-file"),
        ]
        .into_iter()
        .filter_map(|(missing, option)| missing.then_some(option))
        .collect();
        if missing.is_empty() || self.listen.ip().to_canonical().is_loopback() {
            return Ok(());
        }
        Err(StartError::Unprotected {
            address: self.listen,
            missing: missing.join(" and "),
        })
    }
}

fn in_option(option: &'static str, reason: String) -> StartError {
    StartError::File { option, reason }
}

fn listen(option: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    let opened = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    opened.map_err(|source| StartError::Listen {
        option,
        address,
        source,
    })
}
