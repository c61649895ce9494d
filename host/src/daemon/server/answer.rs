//! Answers as JSON, errors among them.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::source::Error;

/// Why a request was not answered as it was meant to be:
/// `{"error": "conflict", "message": "..."}`.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
    pub(super) paths: Vec<Listed>,
}

/// An endpoint, for those who look for one.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Listed {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) what: &'static str,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            paths: Vec::new(),
        }
    }

    pub(super) fn with_paths(mut self, paths: &[Listed]) -> Self {
        self.paths = paths.to_vec();
        self
    }

    /// The status in the spelling of a constant: `not-found`.
    fn name(&self) -> String {
        let reason = self.status.canonical_reason().unwrap_or("error");
        reason.to_lowercase().replace(' ', "-")
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

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::NotYet(_) => StatusCode::SERVICE_UNAVAILABLE,
            Error::Unknown(_) => StatusCode::NOT_FOUND,
            Error::Conflict(_) => StatusCode::CONFLICT,
            Error::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.to_string())
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}
