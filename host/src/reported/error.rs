//! Why a text is no report.

use super::SCHEMA;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("is not JSON: {0}; make it with podroute check --format json")]
    NotJson(serde_json::Error),
    #[error("has no `schema`, expected {SCHEMA}; make it with podroute check --format json")]
    NoSchema,
    #[error("is a {0}, expected {SCHEMA}; make it with podroute check --format json")]
    OtherSchema(String),
    #[error(
        "is no {SCHEMA}: field {field}: {message}; make it anew with podroute check --format json"
    )]
    Field { field: String, message: String },
}
