//! The certificate that a server shows, and those that it asks for.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_util::sync::CancellationToken;

use super::files::{Contents, FromFiles, Reloads, Watched};

/// A certificate with its chain, and its key, perhaps the authority of the
/// clients' certificates. All are PEM.
#[derive(Clone)]
pub(crate) struct Certificate(RustlsConfig);

/// A certificate, and where it comes from.
pub(crate) enum Shown {
    Alone(Watched<Certificate, 2>),
    /// Clients are asked for a certificate too.
    Mutual(Watched<Certificate, 3>),
}

/// What is watched.
const NAME: &str = "certificate";

impl Certificate {
    /// Clients that show no certificate are let in all the same: what they may
    /// ask is decided request by request.
    fn new(certificate: &[u8], key: &[u8], client_ca: Option<&[u8]>) -> Result<Self, String> {
        let chain = certificates(certificate)
            .map_err(|error| format!("the certificate is not PEM: {error}"))?;
        if chain.is_empty() {
            return Err("the first of them holds no certificate as PEM".to_owned());
        }
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| "the second of them holds no private key as PEM".to_owned())?;
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let builder = match client_ca {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let roots = Arc::new(roots(authority)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider)
                    .allow_unauthenticated()
                    .build()
                    .map_err(|error| format!("the third of them cannot be used: {error}"))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder
            .with_single_cert(chain, key)
            .map_err(|error| format!("certificate and key cannot be used together: {error}"))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(RustlsConfig::from_config(Arc::new(config))))
    }

    /// Connections that are open keep the certificate that they have seen.
    fn replace_with(&self, new: &Self) {
        self.0.reload_from_config(new.0.get_inner());
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| error.to_string())
}

fn roots(pem: &[u8]) -> Result<RootCertStore, String> {
    let authorities =
        certificates(pem).map_err(|error| format!("the third of them is not PEM: {error}"))?;
    if authorities.is_empty() {
        return Err("the third of them holds no certificate as PEM".to_owned());
    }
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots
            .add(authority)
            .map_err(|error| format!("the third of them cannot be used: {error}"))?;
    }
    Ok(roots)
}

impl FromFiles<2> for Certificate {
    fn from_files([certificate, key]: &[Vec<u8>; 2]) -> Result<Self, String> {
        Self::new(certificate, key, None)
    }

    fn replace(&self, new: Self) {
        self.replace_with(&new);
    }
}

impl FromFiles<3> for Certificate {
    fn from_files([certificate, key, client_ca]: &[Vec<u8>; 3]) -> Result<Self, String> {
        Self::new(certificate, key, Some(client_ca))
    }

    fn replace(&self, new: Self) {
        self.replace_with(&new);
    }
}

impl Shown {
    pub(crate) fn open(
        [certificate, key]: [Contents; 2],
        client_ca: Option<&Path>,
    ) -> Result<Self, String> {
        match client_ca {
            None => Watched::open(NAME, [certificate, key]).map(Self::Alone),
            Some(authority) => {
                let authority = Contents::File(authority.to_owned());
                Watched::open(NAME, [certificate, key, authority]).map(Self::Mutual)
            }
        }
    }

    pub(crate) fn config(&self) -> RustlsConfig {
        match self {
            Self::Alone(watched) => watched.made().0,
            Self::Mutual(watched) => watched.made().0,
        }
    }

    /// Whether clients are asked for a certificate.
    pub(crate) fn is_mutual(&self) -> bool {
        matches!(self, Self::Mutual(_))
    }

    pub(crate) async fn watch(self, reloads: &Reloads, every: Duration, stop: &CancellationToken) {
        match self {
            Self::Alone(watched) => watched.watch(reloads, every, stop).await,
            Self::Mutual(watched) => watched.watch(reloads, every, stop).await,
        }
    }
}
