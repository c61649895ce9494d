//! One function per endpoint, probes aside.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::Context;
use super::documents::Document;
use crate::daemon::metrics;
use crate::daemon::status::Status;
use crate::web::{JSON, Refusal};

type Shared = State<Arc<Context>>;
type Answer = Result<Response, Refusal>;

pub(super) async fn metrics(State(context): Shared) -> Answer {
    let status = context.source.status();
    let text = context.metrics.text(&status).map_err(|_| {
        Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the metrics could not be written down; the log may say more",
        )
    })?;
    Ok(([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response())
}

pub(super) async fn report(State(context): Shared) -> Answer {
    Ok((JSON, context.source.report().await?).into_response())
}

pub(super) async fn routes(State(context): Shared) -> Answer {
    Ok(document(
        "podroute.routes/v1",
        context.source.routes().await?,
    ))
}

pub(super) async fn plan(State(context): Shared) -> Answer {
    Ok(document("podroute.plan/v1", context.source.plan().await?))
}

/// `podroute.status/v1`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusDocument<'a> {
    version: &'static str,
    ready: bool,
    /// What keeps it from being ready.
    missing: Vec<String>,
    /// Loops that do not go round.
    hanging: Vec<String>,
    #[serde(flatten)]
    status: &'a Status,
}

pub(super) async fn status(State(context): Shared) -> Answer {
    let status = context.source.status();
    let missing: Vec<_> = status.missing().iter().map(ToString::to_string).collect();
    let shown = StatusDocument {
        version: env!("CARGO_PKG_VERSION"),
        ready: missing.is_empty(),
        missing,
        hanging: context.source.hanging(),
        status: &status,
    };
    Ok(document("podroute.status/v1", shown))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirm {
    table: String,
    token: String,
}

pub(super) async fn confirm(
    State(context): Shared,
    body: Result<Json<Confirm>, JsonRejection>,
) -> Answer {
    let Json(Confirm { table, token }) = body?;
    context.source.confirm(&table, &token).await?;
    Ok(accepted(&format!(
        "the plan of {table} is confirmed and will be carried out if it still is the same"
    )))
}

pub(super) async fn reconcile(State(context): Shared) -> Answer {
    context.source.reconcile_now();
    Ok(accepted("the tables will be looked at now"))
}

fn document(schema: &'static str, content: impl Serialize) -> Response {
    Json(Document { schema, content }).into_response()
}

fn accepted(message: &str) -> Response {
    let body = serde_json::json!({ "message": message });
    (StatusCode::ACCEPTED, Json(body)).into_response()
}
