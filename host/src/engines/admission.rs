//! `/admission`: what [`crate::admission`] answers, over HTTP.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::Context;
use super::body::JsonBody;
use super::metrics::Answered;
use crate::admission::Refused;
use crate::web::{JSON, Refusal};

pub(super) async fn answer(
    State(context): State<Arc<Context>>,
    JsonBody(body): JsonBody,
) -> Result<Response, Refusal> {
    let reviewer = context.reviewer.as_ref();
    let review = context.admission.answer(&body, reviewer).await?;
    let answered = Answered::of_admission(&review);
    let mut response = (JSON, review).into_response();
    response.extensions_mut().insert(answered);
    Ok(response)
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        match StatusCode::from_u16(refused.code()) {
            Ok(StatusCode::BAD_REQUEST) => Self::invalid_request(refused.to_string()),
            Ok(status) => Self::new(status, refused.to_string()),
            Err(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, refused.to_string()),
        }
    }
}
