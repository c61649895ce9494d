//! The certificate that the server shows.

use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::files::FromFiles;

/// A certificate with its chain, and its key. Both are PEM files.
#[derive(Clone)]
pub(super) struct Certificate(RustlsConfig);

impl Certificate {
    pub(super) fn config(&self) -> RustlsConfig {
        self.0.clone()
    }
}

impl FromFiles<2> for Certificate {
    fn from_files([certificate, key]: &[Vec<u8>; 2]) -> Result<Self, String> {
        let chain = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| format!("the certificate is not PEM: {error}"))?;
        if chain.is_empty() {
            return Err("the first of them holds no certificate as PEM".to_owned());
        }
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|_| "the second of them holds no private key as PEM".to_owned())?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| format!("certificate and key cannot be used together: {error}"))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(RustlsConfig::from_config(Arc::new(config))))
    }

    /// Connections that are open keep the certificate that they have seen.
    fn replace(&self, new: Self) {
        self.0.reload_from_config(new.0.get_inner());
    }
}
