//! The same of the server for policy engines beside `podroute run`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use kube::Client;

use super::limits::LimitOptions;
use super::options::open;
use super::{Server, StartError};
use crate::admission;
use crate::admission::certificate::{self, SelfSigned};
use crate::web::{Names, Place};

const HEADING: &str = "Server for policy engines";

#[derive(Args, Clone, Debug)]
#[group(id = "engine-run-options")]
pub struct RunOptions {
    /// Where to answer policy engines, as `podroute webhook` does; without it they are not answered
    #[arg(long, value_name = "ADDRESS:PORT", env = "PODROUTE_WEBHOOK_LISTEN", help_heading = HEADING)]
    webhook_listen: Option<SocketAddr>,

    /// The certificate for them with its chain, PEM; taken over when it changes
    #[arg(long, value_name = "FILE", conflicts_with = "names",
          env = "PODROUTE_WEBHOOK_TLS_CERT", help_heading = HEADING)]
    webhook_tls_cert: Option<PathBuf>,

    /// The certificate's key, PEM; taken over when it changes
    #[arg(long, value_name = "FILE", conflicts_with = "names",
          env = "PODROUTE_WEBHOOK_TLS_KEY", help_heading = HEADING)]
    webhook_tls_key: Option<PathBuf>,

    /// The authority of their certificates, PEM: everything but probes then takes one, or a token; taken over when it changes
    #[arg(long, value_name = "FILE", env = "PODROUTE_WEBHOOK_CLIENT_CA", help_heading = HEADING)]
    webhook_client_ca: Option<PathBuf>,

    /// Bearer tokens for them, one per line: /v1/*, /gatekeeper and /metrics take one, or a client certificate; taken over when it changes
    #[arg(long, value_name = "FILE", env = "PODROUTE_WEBHOOK_TOKEN_FILE", help_heading = HEADING)]
    webhook_token_file: Option<PathBuf>,

    #[command(flatten)]
    pub certificate: certificate::Options,

    #[command(flatten)]
    pub admission: admission::Options,

    #[command(flatten)]
    limits: LimitOptions,
}

const NAMES: Names = Names {
    listen: "--webhook-listen",
    tls_cert: "--webhook-tls-cert",
    tls_key: "--webhook-tls-key",
    client_ca: "--webhook-client-ca",
    token_file: "--webhook-token-file",
};

impl RunOptions {
    /// Takes the address and reads the files; nothing where none is served.
    pub fn open(&self, client: &Client) -> Result<Option<Server>, StartError> {
        let Some(address) = self.webhook_listen else {
            return Ok(None);
        };
        let place = Place {
            names: NAMES,
            tls_cert: self.webhook_tls_cert.as_deref(),
            tls_key: self.webhook_tls_key.as_deref(),
            client_ca: self.webhook_client_ca.as_deref(),
            token_file: self.webhook_token_file.as_deref(),
        };
        let signed = SelfSigned::new(client, &self.certificate);
        open(&place, address, self.limits.into(), signed).map(Some)
    }
}
