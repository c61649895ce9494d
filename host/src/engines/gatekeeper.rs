//! `/gatekeeper`: an external data provider, as Gatekeeper asks one.
//! <https://open-policy-agent.github.io/gatekeeper/website/docs/externaldata/>

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::body::JsonBody;
use super::metrics::Answered;
use super::{Context, Reviewer, Unanswered, key};
use crate::web::Refusal;

const API_VERSION: &str = "externaldata.gatekeeper.sh/v1beta1";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProviderRequest {
    api_version: String,
    kind: String,
    request: Keys,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProviderResponse {
    api_version: &'static str,
    kind: &'static str,
    response: Reviews,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reviews {
    /// The same key has the same answer as long as the cluster is the same.
    idempotent: bool,
    items: Vec<Item>,
    #[serde(skip_serializing_if = "String::is_empty")]
    system_error: String,
}

#[derive(Serialize)]
struct Item {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
}

/// Answers with 200 whatever became of the keys, as Gatekeeper wants it.
pub(super) async fn answer(
    State(context): State<Arc<Context>>,
    body: JsonBody,
) -> Result<Response, Refusal> {
    let request = read(body.text()?)?;
    drop(body);
    let (response, answered) = review_all(context.reviewer.as_ref(), request.keys).await;
    let mut response = Json(ProviderResponse {
        api_version: API_VERSION,
        kind: "ProviderResponse",
        response,
    })
    .into_response();
    response.extensions_mut().insert(answered);
    Ok(response)
}

fn read(text: &str) -> Result<Keys, Refusal> {
    let request: ProviderRequest = serde_json::from_str(text)
        .map_err(|error| Refusal::invalid_request(format!("no ProviderRequest: {error}")))?;
    if request.api_version != API_VERSION || request.kind != "ProviderRequest" {
        return Err(Refusal::invalid_request(format!(
            "this takes a ProviderRequest of {API_VERSION}, not a {} of {}",
            request.kind, request.api_version
        )));
    }
    Ok(request.request)
}

/// Each key by itself. The worst verdict of all is for the metrics.
async fn review_all(reviewer: &dyn Reviewer, keys: Vec<String>) -> (Reviews, Answered) {
    let mut items = Vec::with_capacity(keys.len().min(64));
    let mut worst = Answered::Allow;
    let mut failures = 0;
    for key in keys {
        let (item, answered) = match review(reviewer, &key).await {
            Ok(value) => {
                let answered = Answered::of_review(value.get());
                (
                    Item {
                        key,
                        value: Some(value),
                        error: String::new(),
                    },
                    answered,
                )
            }
            Err(Unreviewed::Key(error)) => (
                Item {
                    key,
                    value: None,
                    error,
                },
                Answered::Refused,
            ),
            Err(Unreviewed::NotYet(reason)) => {
                return (Reviews::none(reason), Answered::Failed);
            }
            Err(Unreviewed::Failed(error)) => {
                failures += 1;
                (
                    Item {
                        key,
                        value: None,
                        error,
                    },
                    Answered::Failed,
                )
            }
        };
        worst = worst.max(answered);
        items.push(item);
    }
    if failures > 0 && failures == items.len() {
        let reason = items.pop().map(|item| item.error).unwrap_or_default();
        return (Reviews::none(reason), Answered::Failed);
    }
    let all = Reviews {
        idempotent: true,
        items,
        system_error: String::new(),
    };
    (all, worst)
}

impl Reviews {
    fn none(reason: String) -> Self {
        Self {
            idempotent: true,
            items: Vec::new(),
            system_error: reason,
        }
    }
}

/// Why there is no review of a key.
enum Unreviewed {
    /// The key is at fault.
    Key(String),
    NotYet(String),
    Failed(String),
}

async fn review(reviewer: &dyn Reviewer, key: &str) -> Result<Box<RawValue>, Unreviewed> {
    let change = key::change(key).map_err(Unreviewed::Key)?;
    let review = reviewer.review_json(vec![change]).await;
    let review = review.map_err(|unanswered| match unanswered {
        Unanswered::NotYet(reason) => Unreviewed::NotYet(reason),
        Unanswered::Failed(reason) => Unreviewed::Failed(reason),
    })?;
    RawValue::from_string(review).map_err(|error| Unreviewed::Failed(error.to_string()))
}
