//! Why there is no certificate, or nobody who trusts it.

use std::error::Error as _;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot {verb} {what}: {reason}{advice}")]
    Request {
        verb: &'static str,
        what: String,
        reason: String,
        advice: String,
    },
    #[error(
        "cannot update the Secret {namespace}/{name}: others change it faster than it can be read; look with `kubectl get secret -n {namespace} {name} -o yaml --show-managed-fields` who they are"
    )]
    Contended { namespace: String, name: String },
    #[error(
        "no webhook of the ValidatingWebhookConfiguration {name} calls a Service with one of the names {names}; give --self-signed the name SERVICE.NAMESPACE.svc"
    )]
    NoSuchService { name: String, names: String },
    #[error("no certificate can be made for {names}: {reason}; give --self-signed DNS names")]
    Making { names: String, reason: String },
}

impl Error {
    /// `rights` is what the account needs.
    pub(super) fn request(
        verb: &'static str,
        what: String,
        rights: &str,
        error: &kube::Error,
    ) -> Self {
        let (reason, advice) = match error {
            kube::Error::Api(status) if status.is_forbidden() => {
                (status.message.clone(), format!("; allow {rights}"))
            }
            kube::Error::Api(status) => {
                let reason = format!("{} (HTTP {})", status.message, status.code);
                (reason, "; tried again".to_owned())
            }
            error => (in_words(error), "; tried again".to_owned()),
        };
        Self::Request {
            verb,
            what,
            reason,
            advice,
        }
    }
}

/// An error and what caused it.
fn in_words(error: &kube::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        cause = error.source();
    }
    words
}
