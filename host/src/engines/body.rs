//! The body of a request: JSON, and said to be.

use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use futures::StreamExt;

use crate::web::Refusal;

/// A body as it came.
pub(super) struct JsonBody(pub(super) Vec<u8>);

/// Bytes of a body that are taken.
#[derive(Clone, Copy)]
pub(super) struct BodyLimit(pub(super) usize);

/// Bytes beyond the limit that are read and forgotten. A client that is still
/// sending when its connection is closed does not see why.
const LENIENCE: usize = 16 << 20;

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let is_json = is_json(request.headers());
        let limit = request.extensions().get::<BodyLimit>();
        let limit = limit.map_or(0, |limit| limit.0);
        let bytes = collect(request.into_body(), limit).await?;
        // A page in a browser can send other types without being asked.
        if !is_json {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "this takes JSON: send `Content-Type: application/json`",
            ));
        }
        Ok(Self(bytes))
    }
}

async fn collect(body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let too_large = || {
        let message = format!("the body is too large; {limit} bytes is the limit");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    };
    let last = limit.saturating_add(LENIENCE);
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > last {
        return Err(too_large());
    }
    let mut read = 0;
    let mut bytes = Vec::with_capacity(if announced > limit { 0 } else { announced });
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        let part =
            part.map_err(|error| Refusal::invalid_request(format!("the body broke off: {error}")))?;
        read += part.len();
        if read > last {
            break;
        }
        if read <= limit {
            bytes.extend_from_slice(&part);
        } else {
            bytes = Vec::new();
        }
    }
    if read > limit {
        Err(too_large())
    } else {
        Ok(bytes)
    }
}

impl JsonBody {
    pub(super) fn text(&self) -> Result<&str, Refusal> {
        std::str::from_utf8(&self.0).map_err(|error| {
            let at = error.valid_up_to();
            Refusal::invalid_request(format!("the body is not UTF-8: byte {at} is wrong"))
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}
