//! `/v1/evaluate` and `/v1/review`: what the component's `json` interface
//! takes and answers. A review without objects is about the cluster that the
//! server has.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use tokio::task::spawn_blocking;

use super::body::JsonBody;
use super::metrics::Answered;
use super::{Context, Unanswered};
use crate::policy::{Change, Error, ObjectKey, Policy};
use crate::web::{JSON, Refusal, Turn};

type Answer = Result<Response, Refusal>;
type Shared = State<Arc<Context>>;

pub(super) async fn evaluate(
    State(context): Shared,
    Extension(turn): Extension<Turn>,
    body: JsonBody,
) -> Answer {
    let policy = context.policy.clone();
    let evaluated = spawn_blocking(move || {
        let answer = body.text().map(|text| policy.evaluate_json(text));
        drop(turn);
        answer
    });
    let evaluated = evaluated.await.map_err(|error| failed(&error))??;
    Ok(match evaluated {
        Ok(report) => answer(report, Answered::Report),
        Err(error) => refuse(error),
    })
}

pub(super) async fn review(
    State(context): Shared,
    Extension(turn): Extension<Turn>,
    body: JsonBody,
) -> Answer {
    let policy = context.policy.clone();
    let looked = spawn_blocking(move || {
        let looked = body.text().and_then(|text| look(&policy, text));
        drop(turn);
        looked
    });
    let reviewed = match looked.await.map_err(|error| failed(&error))?? {
        Looked::Reviewed(reviewed) => reviewed,
        Looked::Changes(changes) => Ok(context.reviewer.review_json(changes).await?),
    };
    Ok(match reviewed {
        Ok(review) => {
            let answered = Answered::of_review(&review);
            answer(review, answered)
        }
        Err(error) => refuse(error),
    })
}

/// What a request to review something turned out to be.
enum Looked {
    /// It had objects, and this is what the policy says.
    Reviewed(Result<String, Error>),
    /// It is about the cluster that the server has.
    Changes(Vec<Change>),
}

/// The fields of a `podroute.review-request/v1`, none of them looked into.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form<'a> {
    #[serde(borrow, default, deserialize_with = "given")]
    objects: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "given")]
    settings: Option<&'a RawValue>,
    #[serde(borrow)]
    changes: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum WireChange<'a> {
    #[serde(borrow)]
    Put(&'a RawValue),
    Delete(WireKey),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireKey {
    kind: String,
    namespace: Option<String>,
    name: String,
}

/// Also of `null`, which is not the same as nothing.
fn given<'de: 'a, 'a, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'a RawValue>, D::Error> {
    <&'a RawValue>::deserialize(deserializer).map(Some)
}

fn look(policy: &Policy, text: &str) -> Result<Looked, Refusal> {
    let form = match serde_json::from_str::<Form<'_>>(text) {
        Ok(form) if form.objects.is_none() => form,
        // The policy has the words for what is wrong.
        _ => return Ok(Looked::Reviewed(policy.review_json(text))),
    };
    if form.settings.is_some() {
        return Err(Refusal::invalid_request(
            "`settings` without `objects`: a review of the server's own cluster has the settings that podroute was started with; leave `settings` out, or give `objects` too",
        ));
    }
    let changes: Vec<WireChange<'_>> = serde_json::from_str(form.changes.get())
        .map_err(|error| Refusal::invalid_request(format!("`changes`: {error}")))?;
    Ok(Looked::Changes(
        changes.into_iter().map(Into::into).collect(),
    ))
}

impl From<WireChange<'_>> for Change {
    fn from(change: WireChange<'_>) -> Self {
        match change {
            WireChange::Put(object) => Self::Put(object.get().to_owned()),
            WireChange::Delete(key) => Self::Delete(ObjectKey {
                kind: key.kind,
                namespace: key.namespace,
                name: key.name,
            }),
        }
    }
}

fn answer(json: String, answered: Answered) -> Response {
    let mut response = (JSON, json).into_response();
    response.extensions_mut().insert(answered);
    response
}

/// What the policy says of a request that it does not answer, or what became
/// of the policy.
fn refuse(error: Error) -> Response {
    let status = match error {
        // It is JSON, podroute.error/v1.
        Error::InvalidRequest(json) => {
            return (StatusCode::BAD_REQUEST, JSON, json).into_response();
        }
        Error::OutOfMemory(_) => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Deadline(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Refusal::new(status, error.to_string()).into_response()
}

fn failed(error: &tokio::task::JoinError) -> Refusal {
    Refusal::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        format!("the evaluation failed: {error}"),
    )
}

impl From<Unanswered> for Refusal {
    fn from(unanswered: Unanswered) -> Self {
        let status = match unanswered {
            Unanswered::NotYet(_) => StatusCode::SERVICE_UNAVAILABLE,
            Unanswered::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, unanswered.to_string())
    }
}
