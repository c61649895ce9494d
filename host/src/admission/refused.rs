//! Why an admission review gets no answer that the API server could follow.

use std::time::Duration;

/// The API server takes any of these for a webhook that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(
        "this is no AdmissionReview: {0}; only the API server has reason to ask here: look at clientConfig in the ValidatingWebhookConfiguration"
    )]
    Malformed(String),
    #[error(
        "{0} is not answered, only AdmissionReview of admission.k8s.io/v1; set admissionReviewVersions: [v1] in the ValidatingWebhookConfiguration"
    )]
    Version(String),
    #[error("{0}")]
    NotYet(String),
    #[error("{0}")]
    Failed(String),
    #[error(
        "no verdict within {} s; --admission-deadline and the webhook's timeoutSeconds say how long it may take", .0.as_secs()
    )]
    Late(Duration),
}

impl Refused {
    /// The HTTP status that says so.
    pub fn code(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::Version(_) => 400,
            Self::Failed(_) => 500,
            Self::NotYet(_) => 503,
            Self::Late(_) => 504,
        }
    }
}
