//! A certificate of podroute's own making, where nobody else makes one.
//!
//! It lies in a Secret that all replicas use: whoever comes first makes it,
//! and whoever sees first that it ends soon makes a new one; the API server
//! lets one of several win. The certificate authority lasts for years. Before
//! it ends a second one joins it in the bundle, and signs from the next
//! certificate on: so the API server knows it before it meets it.

mod error;
mod issue;
mod kept;
mod options;
mod webhook;

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, PostParams};
use kube::{Client, Error as KubeError};
use tokio::sync::watch;
use tokio::time::sleep;
use tracing::{info, warn};

pub use error::Error;
pub use options::Options;

use kept::{Due, Kept};
use webhook::Webhooks;

/// How often it is looked whether the Secret, or the webhook, has changed.
const PAUSE: Duration = Duration::from_mins(1);

/// How often others may be faster, one time after the other.
const TRIES: usize = 10;

/// What a server needs: the certificate and its key, PEM.
#[derive(Clone, PartialEq, Eq)]
pub struct Pems {
    pub certificate: String,
    pub key: String,
}

/// The key is nobody's business.
impl fmt::Debug for Pems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pems")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

/// Looks after a certificate.
pub struct SelfSigned {
    secrets: Api<Secret>,
    namespace: String,
    secret: String,
    names: Vec<String>,
    webhooks: Option<Webhooks>,
}

impl SelfSigned {
    /// None when no certificate of podroute's own is asked for. The Secret is
    /// in the client's namespace: in a pod, the pod's.
    pub fn new(client: &Client, options: &Options) -> Option<Self> {
        let names = options.names();
        if names.is_empty() {
            return None;
        }
        Some(Self {
            secrets: Api::default_namespaced(client.clone()),
            namespace: client.default_namespace().to_owned(),
            secret: options.secret().to_owned(),
            webhooks: options
                .webhook()
                .map(|name| Webhooks::new(client, name, &names)),
            names,
        })
    }

    /// The certificate to serve with. What is missing or ends soon is made
    /// anew, and the webhook told.
    pub async fn look(&self, now: Timestamp) -> Result<Pems, Error> {
        let kept = self.secret(now).await?;
        if let Some(webhooks) = &self.webhooks {
            webhooks.trust(&kept.authority).await?;
        }
        Ok(Pems {
            certificate: kept.certificate,
            key: kept.key,
        })
    }

    /// Looks again and again, and sends each certificate that is another one.
    pub async fn keep(&self, pems: watch::Sender<Pems>) {
        loop {
            sleep(PAUSE).await;
            match self.look(Timestamp::now()).await {
                Ok(new) => {
                    let changed = pems.send_if_modified(|served| {
                        let is_new = *served != new;
                        *served = new;
                        is_new
                    });
                    if changed {
                        info!("the webhook has a new certificate");
                    }
                }
                // The one that there is lasts for weeks.
                Err(error) => warn!("{error}"),
            }
        }
    }

    async fn secret(&self, now: Timestamp) -> Result<Kept, Error> {
        for _ in 0..TRIES {
            let found = self.secrets.get_opt(&self.secret).await;
            let found = found.map_err(|error| self.failed("read", &error))?;
            let kept = found.as_ref().and_then(Kept::read);
            let due = kept
                .as_ref()
                .map_or(Due::Everything, |kept| kept.due(&self.names, now));
            let new = match (kept, due) {
                (Some(kept), Due::Nothing) => return Ok(kept),
                (Some(kept), Due::Certificate) => kept.with_certificate(&self.names, now)?,
                (Some(kept), Due::Authority) => kept.with_authority(now)?,
                _ => Kept::new(&self.names, now)?,
            };
            if self.write(found, &new).await? {
                info!(
                    secret = self.secret, ends = %new.certificate_ends,
                    "made for the webhook: {due}"
                );
                return Ok(new);
            }
        }
        Err(Error::Contended {
            namespace: self.namespace.clone(),
            name: self.secret.clone(),
        })
    }

    /// False when somebody else has written first.
    async fn write(&self, found: Option<Secret>, new: &Kept) -> Result<bool, Error> {
        let params = PostParams::default();
        let exists = found.is_some();
        let secret = new.write(found.unwrap_or_default(), &self.secret);
        let (verb, written) = if exists {
            let written = self.secrets.replace(&self.secret, &params, &secret).await;
            ("update", written)
        } else {
            ("create", self.secrets.create(&params, &secret).await)
        };
        match written {
            Ok(_) => Ok(true),
            // Gone or there by now, or another version of it.
            Err(KubeError::Api(status))
                if status.is_conflict()
                    || status.is_already_exists()
                    || exists && status.is_not_found() =>
            {
                Ok(false)
            }
            Err(error) => Err(self.failed(verb, &error)),
        }
    }

    fn failed(&self, verb: &'static str, error: &KubeError) -> Error {
        let what = format!("the Secret {}/{}", self.namespace, self.secret);
        Error::request(verb, what, "get, create and update on secrets there", error)
    }
}
