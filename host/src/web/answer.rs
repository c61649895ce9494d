//! Answers as JSON, errors among them.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::header::{CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The headers of an answer that is JSON already.
pub(crate) const JSON: [(HeaderName, &str); 1] = [(CONTENT_TYPE, "application/json")];

/// Why a request was not answered as it was meant to be:
/// `{"error": "conflict", "message": "..."}`.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    /// Another name than that of the status.
    name: Option<&'static str>,
    message: String,
    paths: Vec<Listed>,
}

/// An endpoint, for those who look for one.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Listed {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) what: &'static str,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            name: None,
            message: message.into(),
            paths: Vec::new(),
        }
    }

    /// A request that cannot be understood, in the words of `podroute.error/v1`.
    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self {
            name: Some("invalid-request"),
            ..Self::new(StatusCode::BAD_REQUEST, message)
        }
    }

    pub(crate) fn with_paths(mut self, paths: &[Listed]) -> Self {
        self.paths = paths.to_vec();
        self
    }

    /// The status in the spelling of a constant: `not-found`.
    fn name(&self) -> String {
        let reason = self.status.canonical_reason().unwrap_or("error");
        match self.name {
            Some(name) => name.to_owned(),
            None => reason.to_lowercase().replace(' ', "-"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: String,
            message: String,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            paths: Vec<Listed>,
        }
        let body = Body {
            error: self.name(),
            message: self.message,
            paths: self.paths,
        };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}
