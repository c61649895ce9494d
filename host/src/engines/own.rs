//! A certificate of podroute's own making, which lies in the cluster.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use kube::Client;
use tokio::sync::watch;
use tokio::time::sleep;
use tracing::warn;

use crate::admission::certificate::{Options, Pems, SelfSigned};
use crate::web::Contents;

/// How long to wait before it is tried again.
const PAUSE: Duration = Duration::from_secs(5);

/// A certificate that is looked after.
#[derive(Clone)]
pub struct OwnCertificate(watch::Receiver<Pems>);

impl OwnCertificate {
    /// Waits until there is one; nothing where none is asked for.
    pub async fn begin(client: &Client, options: &Options) -> Option<Self> {
        let signed = SelfSigned::new(client, options)?;
        let first = loop {
            match signed.look(Timestamp::now()).await {
                Ok(pems) => break pems,
                Err(error) => {
                    warn!("there is no certificate to answer policy engines with: {error}")
                }
            }
            sleep(PAUSE).await;
        };
        let (sender, pems) = watch::channel(first);
        tokio::spawn(async move { signed.keep(sender).await });
        Some(Self(pems))
    }

    /// The certificate with its chain, and its key.
    pub(super) fn contents(&self) -> [Contents; 2] {
        let (certificate, key) = (self.0.clone(), self.0.clone());
        [
            Contents::Kept(Arc::new(move || {
                certificate.borrow().certificate.clone().into_bytes()
            })),
            Contents::Kept(Arc::new(move || key.borrow().key.clone().into_bytes())),
        ]
    }
}
