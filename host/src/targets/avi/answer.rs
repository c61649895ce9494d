//! What the controller answers, and what that means.

use reqwest::StatusCode;
use serde_json::Value;

use crate::targets::Error;

/// How much of the controller's message an error repeats.
const MESSAGE: usize = 300;

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    /// What was asked: `PUT https://avi.example.com/api/vrfcontext/...`.
    pub(super) request: String,
    pub(super) status: StatusCode,
    /// Where to, of a redirect.
    pub(super) location: Option<String>,
    pub(super) body: String,
}

impl Answer {
    /// The body, if the controller did what was asked.
    pub(super) fn into_body(self) -> Result<String, Error> {
        if self.status.is_success() {
            Ok(self.body)
        } else {
            Err(self.error())
        }
    }

    /// Whether the controller's message contains this.
    pub(super) fn says(&self, words: &str) -> bool {
        self.body
            .to_ascii_lowercase()
            .contains(&words.to_ascii_lowercase())
    }

    /// Whether the object that was asked for does not exist.
    pub(super) fn is_missing(&self) -> bool {
        match self.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => true,
            StatusCode::BAD_REQUEST => {
                self.says("VrfContext not found") || self.says("object not found")
            }
            _ => false,
        }
    }

    pub(super) fn error(&self) -> Error {
        let said = format!("{}: HTTP {}{}", self.request, self.status, self.message());
        match self.status {
            StatusCode::PRECONDITION_FAILED => Error::Conflict(format!(
                "{said}; somebody else wrote to it, so it is read again"
            )),
            StatusCode::FORBIDDEN if self.says("disallowed during upgrade") => {
                Error::Unavailable(format!("{said}; tried again when the upgrade is over"))
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
                Error::Unavailable(format!("{said}; tried again later"))
            }
            StatusCode::UNAUTHORIZED => Error::Refused(format!(
                "{said}; the session that was just made is not accepted: check the user's rights"
            )),
            StatusCode::FORBIDDEN => Error::Refused(format!(
                "{said}; give the user a role that may write to it, and check --tenant"
            )),
            status if status.is_server_error() => {
                Error::Unavailable(format!("{said}; tried again later"))
            }
            status if status.is_redirection() => Error::Refused(format!(
                "{said}; redirected to {}, which is not followed: give the final address as --controller",
                self.location.as_deref().unwrap_or("nowhere")
            )),
            _ => Error::Refused(format!(
                "{said}; mend what the controller names, or the settings"
            )),
        }
    }

    /// The controller's own words, on one line.
    pub(super) fn message(&self) -> String {
        let message = match serde_json::from_str(&self.body) {
            Ok(Value::Object(object)) => match object.get("error").or_else(|| object.get("detail"))
            {
                Some(Value::String(message)) => message.clone(),
                Some(other) => other.to_string(),
                None => self.body.clone(),
            },
            _ => self.body.clone(),
        };
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        if message.is_empty() {
            return String::new();
        }
        let short: String = message.chars().take(MESSAGE).collect();
        if short.len() < message.len() {
            format!(": {short}...")
        } else {
            format!(": {short}")
        }
    }
}
