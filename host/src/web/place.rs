//! Where a server listens, and the files that protect it.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use super::files::{Contents, Watched};
use super::tls::Shown;
use super::tokens::WatchedTokens;

/// What the options are called, for errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    pub(crate) listen: &'static str,
    pub(crate) tls_cert: &'static str,
    pub(crate) tls_key: &'static str,
    pub(crate) client_ca: &'static str,
    pub(crate) token_file: &'static str,
}

/// What the options say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) names: Names,
    pub(crate) tls_cert: Option<&'a Path>,
    pub(crate) tls_key: Option<&'a Path>,
    pub(crate) client_ca: Option<&'a Path>,
    pub(crate) token_file: Option<&'a Path>,
}

/// Why a server cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "{option} {address} is reached from other machines: there it takes {takes}; give {missing} too, or listen on 127.0.0.1{besides}"
    )]
    Unprotected {
        option: &'static str,
        address: SocketAddr,
        takes: &'static str,
        missing: String,
        besides: &'static str,
    },
    #[error("{missing} is missing: {whatfor}")]
    Incomplete {
        missing: &'static str,
        whatfor: String,
    },
    #[error("{option}: {reason}")]
    File { option: String, reason: String },
    #[error("{option} {address}: cannot listen there: {source}; choose another address or port")]
    Listen {
        option: &'static str,
        address: SocketAddr,
        source: io::Error,
    },
}

impl Place<'_> {
    /// The certificate, where there is one.
    pub(crate) fn certificate(&self) -> Result<Option<Shown>, StartError> {
        let names = self.names;
        let pair = match (self.tls_cert, self.tls_key) {
            (Some(certificate), Some(key)) => {
                [certificate, key].map(|path| Contents::File(path.to_owned()))
            }
            (None, None) if self.client_ca.is_none() => return Ok(None),
            (given, _) => {
                let missing = match given {
                    None => names.tls_cert,
                    Some(_) => names.tls_key,
                };
                let whatfor = match self.client_ca {
                    None => format!("TLS takes both {} and {}", names.tls_cert, names.tls_key),
                    Some(_) => format!(
                        "{} takes {} and {}",
                        names.client_ca, names.tls_cert, names.tls_key
                    ),
                };
                return Err(StartError::Incomplete { missing, whatfor });
            }
        };
        let in_options = |reason| {
            let mut given = vec![names.tls_cert, names.tls_key];
            given.extend(self.client_ca.map(|_| names.client_ca));
            StartError::File {
                option: given.join(", "),
                reason,
            }
        };
        let shown = Shown::open(pair, self.client_ca);
        shown.map(Some).map_err(in_options)
    }

    /// The tokens, where there are any.
    pub(crate) fn tokens(&self) -> Result<Option<WatchedTokens>, StartError> {
        let open = |path: &Path| {
            Watched::open("tokens", [Contents::File(path.to_owned())]).map_err(|reason| {
                StartError::File {
                    option: self.names.token_file.to_owned(),
                    reason,
                }
            })
        };
        self.token_file.map(open).transpose()
    }
}

/// Takes an address.
pub(crate) fn bind(option: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
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

/// Whether only this machine reaches it.
pub(crate) fn is_local(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}
