//! What can be asked for, and by whom.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::body::BodyLimit;
use super::{Context, Limits, admission, gatekeeper, metrics, openapi, probes, stateless};
use crate::web::{
    Guard, JSON, Listed, Refusal, Router, Tokens, Turns, finish, guard, read, routes, with_index,
    write,
};

type Endpoint = crate::web::Endpoint<Arc<Context>>;

/// What clients are asked for.
pub(super) struct Doors {
    pub(super) tokens: Option<Tokens>,
    /// Whether they are asked for a certificate.
    pub(super) certificates: bool,
    /// Whether only this machine can ask.
    pub(super) local: bool,
}

/// What anybody may ask who reaches the server.
fn open() -> Vec<Endpoint> {
    vec![
        read(
            "/healthz",
            "whether the loops of the program go round",
            get(probes::alive),
        ),
        read(
            "/readyz",
            "whether the cluster is known that reviews are about",
            get(probes::ready),
        ),
        read(
            "/openapi.json",
            "this list with all details, OpenAPI 3.1",
            get(describe),
        ),
    ]
}

/// Evaluations.
fn evaluations() -> Vec<Endpoint> {
    vec![
        write(
            "/v1/evaluate",
            "routes and findings of objects: podroute.request/v1 to podroute.report/v1",
            post(stateless::evaluate),
        ),
        write(
            "/v1/review",
            "what changes would bring about: podroute.review-request/v1 to podroute.review/v1",
            post(stateless::review),
        ),
    ]
}

/// Reviews for engines that have a form of their own for them.
fn reviews() -> Vec<Endpoint> {
    vec![write(
        "/gatekeeper",
        "an external data provider of Gatekeeper: ProviderRequest to ProviderResponse",
        post(gatekeeper::answer),
    )]
}

/// The same for API servers. Most of them call webhooks without saying who
/// they are, so that this takes a token or a certificate only where clients
/// are asked for certificates.
fn admission() -> Vec<Endpoint> {
    vec![write(
        "/admission",
        "a validating webhook of Kubernetes: AdmissionReview to AdmissionReview",
        post(admission::answer),
    )]
}

fn others() -> Vec<Endpoint> {
    vec![read("/metrics", "metrics, OpenMetrics", get(show_metrics))]
}

/// Everything.
pub(super) fn all(context: &Arc<Context>, doors: Doors, limits: Limits) -> Router {
    let (open, evaluations, others) = (open(), evaluations(), others());
    let (admission, reviews) = (admission(), reviews());
    let list: Arc<[Listed]> = [&open, &admission, &reviews, &evaluations, &others]
        .into_iter()
        .flatten()
        .map(|one| one.listed.clone())
        .collect();
    let for_all = Guard {
        tokens: doors.tokens,
        certificates: doors.certificates,
        local: doors.local,
    };
    let for_admission = Guard {
        tokens: for_all.tokens.clone().filter(|_| doors.certificates),
        ..for_all
    };
    let with_guard =
        |router: Router<_>, one| router.layer(from_fn_with_state(Arc::new(one), guard));

    let evaluations = routes(evaluations, &list).layer(Extension(BodyLimit(limits.evaluation)));
    let evaluations = Turns::new(limits.evaluations).take(evaluations);
    let reviews = routes(reviews, &list).layer(Extension(BodyLimit(limits.review)));
    let admission = routes(admission, &list).layer(Extension(BodyLimit(limits.review)));
    let turns = Turns::new(limits.reviews);
    let guarded = with_index(others, &list)
        .merge(evaluations)
        .merge(turns.clone().take(reviews));
    let router = routes(open, &list)
        .merge(with_guard(turns.take(admission), for_admission))
        .merge(with_guard(guarded, for_all));
    finish(router, limits.of_server)
        .layer(from_fn_with_state(Arc::clone(context), metrics::measure))
        .with_state(Arc::clone(context))
}

async fn describe() -> Response {
    (JSON, openapi::description()).into_response()
}

async fn show_metrics(State(context): State<Arc<Context>>) -> Result<Response, Refusal> {
    let text = context
        .metrics
        .text(context.reviewer.as_ref())
        .map_err(|_| {
            Refusal::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the metrics could not be written down; the log may say more",
            )
        })?;
    Ok(([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response())
}
