//! A certificate of podroute's own making, which lies in the cluster.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::sleep;
use tracing::warn;

use crate::admission::certificate::{Pems, SelfSigned};
use crate::web::{Contents, Shown};

/// How long to wait before it is tried again.
const PAUSE: Duration = Duration::from_secs(5);

/// A certificate that is made when it is needed.
pub(super) struct OwnCertificate {
    pub(super) signed: SelfSigned,
    pub(super) client_ca: Option<PathBuf>,
}

impl OwnCertificate {
    /// Waits until there is one, and looks after it from then on.
    pub(super) async fn begin(self) -> Result<Shown, String> {
        let first = loop {
            match self.signed.look(Timestamp::now()).await {
                Ok(pems) => break pems,
                Err(error) => warn!("policy engines are not answered yet: {error}"),
            }
            sleep(PAUSE).await;
        };
        let (sender, pems) = watch::channel(first);
        let signed = self.signed;
        tokio::spawn(async move { signed.keep(sender).await });
        Shown::open(contents(&pems), self.client_ca.as_deref())
    }
}

/// The certificate with its chain, and its key.
fn contents(pems: &watch::Receiver<Pems>) -> [Contents; 2] {
    let (certificate, key) = (pems.clone(), pems.clone());
    [
        Contents::Kept(Arc::new(move || {
            certificate.borrow().certificate.clone().into_bytes()
        })),
        Contents::Kept(Arc::new(move || key.borrow().key.clone().into_bytes())),
    ]
}
