//! Where the server listens and how it is protected.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{Limits, Server};
use crate::web::{Names, Place, StartError, bind, is_local};

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

const NAMES: Names = Names {
    listen: "--listen",
    tls_cert: "--tls-cert",
    tls_key: "--tls-key",
    client_ca: "--client-ca",
    token_file: "--token-file",
};

impl Options {
    /// Takes the addresses and reads the files. Clients may connect from now
    /// on; they are answered when the server is told to serve.
    pub fn open(&self) -> Result<Server, StartError> {
        let place = Place {
            names: NAMES,
            tls_cert: self.tls_cert.as_deref(),
            tls_key: self.tls_key.as_deref(),
            client_ca: None,
            token_file: self.token_file.as_deref(),
        };
        self.check_protection()?;
        Ok(Server {
            certificate: place.certificate()?,
            tokens: place.tokens()?,
            main: bind(NAMES.listen, self.listen)?,
            probes: self
                .probe_listen
                .map(|address| bind("--probe-listen", address))
                .transpose()?,
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
        if missing.is_empty() || is_local(self.listen) {
            return Ok(());
        }
        Err(StartError::Unprotected {
            option: NAMES.listen,
            address: self.listen,
            takes: "TLS and a token",
            missing: missing.join(" and "),
            besides: " (for probes alone there is --probe-listen)",
        })
    }
}
