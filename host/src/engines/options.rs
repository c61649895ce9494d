//! Where `podroute webhook` listens and how that is protected.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use clap::Args;
use kube::Client;

use super::limits::LimitOptions;
use super::own::OwnCertificate;
use super::{Certificate, Limits, Server, StartError};
use crate::admission;
use crate::admission::certificate::{self, SelfSigned};
use crate::web::{Names, Place, bind, is_local};

const HEADING: &str = "Server";

#[derive(Args, Clone, Debug)]
#[group(id = "engine-server-options")]
pub struct Options {
    /// Where to answer; anywhere but on a loopback address it takes --tls-cert and --tls-key, or --self-signed
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8443",
          env = "PODROUTE_WEBHOOK_LISTEN", help_heading = HEADING)]
    listen: SocketAddr,

    /// The certificate with its chain, PEM; taken over when it changes
    #[arg(long, value_name = "FILE", conflicts_with = "names",
          env = "PODROUTE_WEBHOOK_TLS_CERT", help_heading = HEADING)]
    tls_cert: Option<PathBuf>,

    /// The certificate's key, PEM; taken over when it changes
    #[arg(long, value_name = "FILE", conflicts_with = "names",
          env = "PODROUTE_WEBHOOK_TLS_KEY", help_heading = HEADING)]
    tls_key: Option<PathBuf>,

    /// The authority of clients' certificates, PEM: everything but probes then takes one, or a token; taken over when it changes
    #[arg(long, value_name = "FILE", env = "PODROUTE_WEBHOOK_CLIENT_CA", help_heading = HEADING)]
    client_ca: Option<PathBuf>,

    /// Bearer tokens, one per line: /v1/*, /gatekeeper and /metrics take one, or a client certificate; taken over when it changes
    #[arg(long, value_name = "FILE", env = "PODROUTE_WEBHOOK_TOKEN_FILE", help_heading = HEADING)]
    token_file: Option<PathBuf>,

    #[command(flatten)]
    pub certificate: certificate::Options,

    #[command(flatten)]
    pub admission: admission::Options,

    #[command(flatten)]
    limits: LimitOptions,
}

const NAMES: Names = Names {
    listen: "--listen",
    tls_cert: "--tls-cert",
    tls_key: "--tls-key",
    client_ca: "--client-ca",
    token_file: "--token-file",
};

impl Options {
    /// Takes the address and reads the files. Clients may connect from now on;
    /// they are answered when the server is told to serve. The client is for a
    /// certificate of podroute's own making.
    pub fn open(&self, client: Option<&Client>) -> Result<Server, StartError> {
        let place = Place {
            names: NAMES,
            tls_cert: self.tls_cert.as_deref(),
            tls_key: self.tls_key.as_deref(),
            client_ca: self.client_ca.as_deref(),
            token_file: self.token_file.as_deref(),
        };
        let signed = client.and_then(|client| SelfSigned::new(client, &self.certificate));
        open(&place, self.listen, self.limits.into(), signed)
    }
}

/// A server at a place.
pub(super) fn open(
    place: &Place<'_>,
    address: SocketAddr,
    limits: Limits,
    signed: Option<SelfSigned>,
) -> Result<Server, StartError> {
    let names = place.names;
    let certificate = match signed {
        Some(signed) => Certificate::Own(Box::new(OwnCertificate {
            signed,
            client_ca: place.client_ca.map(Path::to_owned),
        })),
        None => place
            .certificate()?
            .map_or(Certificate::None, Certificate::Shown),
    };
    if matches!(certificate, Certificate::None) && !is_local(address) {
        return Err(StartError::Unprotected {
            option: names.listen,
            address,
            takes: "TLS",
            missing: format!(
                "{} and {}, or --self-signed,",
                names.tls_cert, names.tls_key
            ),
            besides: "",
        });
    }
    let tokens = place.tokens()?;
    let listener: TcpListener = bind(names.listen, address)?;
    Ok(Server {
        listener,
        certificate,
        tokens,
        limits,
    })
}
