//! What the Kubernetes API answered, in one line.

use std::error::Error as _;

/// The error in the words of the API server, where it answered at all.
pub(super) fn in_words(error: &kube::Error) -> String {
    if let kube::Error::Api(status) = error {
        let said = match status.message.as_str() {
            "" => status.reason.as_str(),
            message => message,
        };
        return format!("{said} (HTTP {})", status.code);
    }
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.contains(&text) {
            words.push_str(": ");
            words.push_str(&text);
        }
        cause = error.source();
    }
    words
}

/// Of a group that it does not have the API server says so in plain text, with
/// the code alone.
pub(super) fn is_not_found(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.is_not_found() || status.code == 404)
}

pub(super) fn is_forbidden(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.is_forbidden())
}

/// Somebody else wrote first: what was sent rests on an older version, or
/// creates what is there by now.
pub(super) fn is_conflict(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.is_conflict() || status.is_already_exists())
}
