//! Why a request came to nothing, and what a person can do about it.

use std::error::Error as _;
use std::time::Duration;

use kube::Error;
use kube::client::AuthError;
use kube::core::Status;

use crate::daemon::kinds::{Source, Version};

/// How much of what a server says is repeated: some proxies answer with pages.
const LONGEST_MESSAGE: usize = 400;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The server no longer has the changes since what was read last, or the
    /// rest of a list.
    Expired(String),
    /// The server does not know the kind.
    Absent,
    Forbidden(String),
    Failed {
        reason: String,
        /// How long the server asks to be left alone.
        retry_after: Option<Duration>,
    },
}

impl Trouble {
    fn failed(reason: impl Into<String>) -> Self {
        Self::Failed {
            reason: reason.into(),
            retry_after: None,
        }
    }

    pub(super) fn no_answer(verb: &str, source: &Source, waited: Duration) -> Self {
        Self::failed(format!(
            "the API server did not answer to {verb} {source} within {waited:?}; check its load, \
             and what is between it and podroute"
        ))
    }

    pub(super) fn broken_list(source: &Source) -> Self {
        Self::failed(format!(
            "the list of {source} broke off; check what is between the API server and podroute if \
             this lasts"
        ))
    }

    pub(super) fn deaf(source: &Source) -> Self {
        Self::failed(format!(
            "the watch of {source} ends as soon as it is opened; check what is between the API \
             server and podroute"
        ))
    }

    pub(super) fn no_version(source: &Source) -> Self {
        Self::failed(format!(
            "the list of {source} has no resourceVersion, without which it cannot be watched; \
             check which API server answers for it"
        ))
    }

    fn nonsense(what: &str, verb: &str, source: &Source) -> Self {
        Self::failed(format!(
            "the answer to {verb} {source} is not what an API server sends ({what}); check that \
             the configured server is one, and what is between it and podroute"
        ))
    }

    pub(crate) fn of(error: &Error, verb: &str, source: &Source) -> Self {
        match error {
            Error::Api(status) => Self::of_status(status, verb, source),
            Error::SerdeError(error) => Self::nonsense(&error.to_string(), verb, source),
            Error::Auth(error) => Self::failed(credentials(error)),
            error => Self::failed(connection(error)),
        }
    }

    fn of_status(status: &Status, verb: &str, source: &Source) -> Self {
        let message = said(status);
        let reason = match status.code {
            // What the client makes of JSON that is neither event nor `Status`.
            0 => return Self::nonsense("no event", verb, source),
            401 => format!(
                "the API server does not accept the credentials ({message}); check that the token \
                 or certificate is still valid"
            ),
            403 => {
                return Self::Forbidden(format!("forbidden to {verb} {source} ({message})"));
            }
            404 if !source.versions.iter().any(Version::is_everywhere) => return Self::Absent,
            404 => format!(
                "the server has no {source} ({message}); check that the configured server is the \
                 API server of a cluster"
            ),
            410 => {
                return Self::Expired(format!(
                    "the API server no longer has what it has to send to {verb} {source} \
                     ({message}); see its log if this lasts"
                ));
            }
            429 => format!(
                "the API server has too much to do to {verb} {source} ({message}); see its API \
                 priority and fairness if this lasts"
            ),
            code => format!(
                "the API server answered {code} to {verb} {source} ({message}); see its log if \
                 this lasts"
            ),
        };
        let seconds = status
            .details
            .as_ref()
            .map_or(0, |details| details.retry_after_seconds);
        Self::Failed {
            reason,
            retry_after: (seconds > 0).then(|| Duration::from_secs(seconds.into())),
        }
    }
}

/// What the server gave as the reason, on one line.
fn said(status: &Status) -> String {
    let text = if status.message.trim().is_empty() {
        &status.reason
    } else {
        &status.message
    };
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => line.get(..end).unwrap_or_default().to_owned() + " ...",
        None if line.is_empty() => "without a reason".to_owned(),
        None => line,
    }
}

/// Without what a credential plugin printed, which may be a credential.
fn credentials(error: &AuthError) -> String {
    let what = match error {
        AuthError::AuthExecRun { cmd, out } => format!("`{cmd}` ended with {}", out.status),
        AuthError::AuthExecParse(_) => "what the plugin printed is no ExecCredential".to_owned(),
        AuthError::ReadTokenFile(error, path) => format!("{}: {error}", path.display()),
        error => error.to_string(),
    };
    format!("no credentials for the API server ({what}); run what the kubeconfig names by hand")
}

/// The chain of causes. Each level tends to repeat the one below.
fn connection(error: &Error) -> String {
    let mut causes: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<AuthError>() {
            return credentials(error);
        }
        let text = error.to_string();
        if let Some(last) = causes.last_mut()
            && last.contains(&text)
        {
            *last = last.replace(&text, "");
            *last = last.trim_end_matches([':', ' ']).to_owned();
        }
        causes.push(text);
        next = error.source();
    }
    causes.retain(|cause| !cause.is_empty());
    let causes = match causes.as_slice() {
        [] => error.to_string(),
        causes => causes.join(": "),
    };
    format!(
        "the API server cannot be reached ({causes}); check that it runs, and that nothing \
         between it and podroute refuses the connection"
    )
}
