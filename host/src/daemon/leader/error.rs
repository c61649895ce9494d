//! Why the Lease could not be read or written.

use std::time::Duration;

use super::super::api_error::{in_words, is_forbidden, is_not_found};

/// An error of the election. It is tried again as long as the daemon runs.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot {verb} the Lease {namespace}/{name}: {reason}{advice}", verb = .verb.name())]
    Request {
        verb: Verb,
        namespace: String,
        name: String,
        reason: String,
        advice: String,
    },
    #[error(
        "cannot update the Lease {namespace}/{name}: others change it faster than it can be read; look with `kubectl get lease -n {namespace} {name} -o yaml --show-managed-fields` who they are"
    )]
    Contended { namespace: String, name: String },
    #[error(
        "the API server did not answer about the Lease {namespace}/{name} within {} ms; tried again", .after.as_millis()
    )]
    Timeout {
        namespace: String,
        name: String,
        after: Duration,
    },
    #[error("this replica has stopped and leaves the Lease to others")]
    Released,
    #[error("this replica does not lead, so it may not change the Lease's annotation {0}")]
    NotLeading(String),
    #[error(
        "there is no Lease to keep the annotation {0} in; run without --leader-elect=false to have one"
    )]
    NoLease(String),
}

/// What was asked of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Read,
    Create,
    Update,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
        }
    }
}

impl Error {
    pub(super) fn request(verb: Verb, namespace: &str, name: &str, error: &kube::Error) -> Self {
        let advice = if is_forbidden(error) {
            format!(
                "; allow get, create and update on leases (coordination.k8s.io) in the namespace {namespace}, or name another with --lease-namespace"
            )
        } else if verb == Verb::Create && is_not_found(error) {
            format!("; create the namespace {namespace}, or name another with --lease-namespace")
        } else {
            "; tried again".to_owned()
        };
        Self::Request {
            verb,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            reason: in_words(error),
            advice,
        }
    }
}
