//! The list of everything that can be asked for, and what holds for all of it.

use std::future::ready;
use std::iter;
use std::sync::Arc;

use axum::Router;
use axum::body::HttpBody;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{CACHE_CONTROL, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use tokio::sync::Semaphore;
use tokio::time;

use super::answer::{Listed, Refusal};
use super::limits::Limits;
use super::{Context, handlers, probes, tokens};

type Methods = MethodRouter<Arc<Context>>;

struct Endpoint {
    listed: Listed,
    methods: Methods,
}

/// What anybody may ask who reaches the server.
fn open() -> Vec<Endpoint> {
    vec![
        read(
            "/healthz",
            "whether the loops of the daemon go round",
            get(probes::alive),
        ),
        read(
            "/readyz",
            "whether everything was read once",
            get(probes::ready),
        ),
    ]
}

/// What only those may ask who have a token, where there are tokens.
fn guarded() -> Vec<Endpoint> {
    vec![
        read("/metrics", "metrics, OpenMetrics", get(handlers::metrics)),
        read(
            "/report",
            "routes and findings, podroute.report/v1",
            get(handlers::report),
        ),
        read(
            "/routes",
            "where packets for pods go, podroute.routes/v1",
            get(handlers::routes),
        ),
        read(
            "/plan",
            "what has to be done to each table, podroute.plan/v1",
            get(handlers::plan),
        ),
        read(
            "/status",
            "how the daemon fares, podroute.status/v1",
            get(handlers::status),
        ),
        write(
            "/plan/confirm",
            r#"agree to a plan that waits for it: {"table": "...", "token": "..."} as in /plan"#,
            post(handlers::confirm),
        ),
        write(
            "/reconcile",
            "look at the tables now",
            post(handlers::reconcile),
        ),
    ]
}

fn read(path: &'static str, what: &'static str, methods: Methods) -> Endpoint {
    let listed = Listed {
        method: "GET",
        path,
        what,
    };
    Endpoint { listed, methods }
}

fn write(path: &'static str, what: &'static str, methods: Methods) -> Endpoint {
    let listed = Listed {
        method: "POST",
        path,
        what,
    };
    Endpoint { listed, methods }
}

/// Everything.
pub(super) fn all(context: &Arc<Context>) -> Router {
    let (open, guarded) = (open(), guarded());
    let list: Arc<[Listed]> = open
        .iter()
        .chain(&guarded)
        .map(|one| one.listed.clone())
        .collect();
    let slots = Arc::new(Semaphore::new(context.limits.requests));
    let guarded = with_index(guarded, &list)
        .layer(from_fn_with_state(slots, take_turns))
        .layer(from_fn_with_state(Arc::clone(context), tokens::check));
    finish(routes(open, &list).merge(guarded), context)
}

/// What a server that only answers probes has.
pub(super) fn only_probes(context: &Arc<Context>) -> Router {
    let open = open();
    let list: Arc<[Listed]> = open.iter().map(|one| one.listed.clone()).collect();
    finish(with_index(open, &list), context)
}

fn routes(endpoints: Vec<Endpoint>, list: &Arc<[Listed]>) -> Router<Arc<Context>> {
    let list = Arc::clone(list);
    endpoints
        .into_iter()
        .fold(Router::new(), |router, one| {
            router.route(one.listed.path, one.methods)
        })
        .method_not_allowed_fallback(move |method, uri| ready(wrong_method(&method, &uri, &list)))
}

fn with_index(endpoints: Vec<Endpoint>, list: &Arc<[Listed]>) -> Router<Arc<Context>> {
    let (shown, unknown) = (Arc::clone(list), Arc::clone(list));
    routes(endpoints, list)
        .route("/", get(move || ready(index(&shown))))
        .fallback(move |uri| ready(not_found(&uri, &unknown)))
}

fn finish(router: Router<Arc<Context>>, context: &Arc<Context>) -> Router {
    router
        .layer(DefaultBodyLimit::max(context.limits.body))
        .layer(from_fn_with_state(context.limits, not_too_large))
        .layer(from_fn_with_state(context.limits, in_time))
        .layer(from_fn(with_headers))
        .with_state(Arc::clone(context))
}

fn index(list: &[Listed]) -> String {
    let title = format!("podroute {}\n", env!("CARGO_PKG_VERSION"));
    let lines = list
        .iter()
        .map(|one| format!("{:<4} {:<13} {}", one.method, one.path, one.what));
    let lines: Vec<String> = iter::once(title).chain(lines).collect();
    lines.join("\n") + "\n"
}

fn not_found(uri: &Uri, list: &[Listed]) -> Refusal {
    let message = format!("there is no {}; `paths` lists what there is", uri.path());
    Refusal::new(StatusCode::NOT_FOUND, message).with_paths(list)
}

fn wrong_method(method: &Method, uri: &Uri, list: &[Listed]) -> Refusal {
    let message = format!(
        "{} does not take {method}; `paths` says what it takes",
        uri.path()
    );
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message).with_paths(list)
}

async fn take_turns(State(slots): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    let _slot = slots.acquire().await;
    next.run(request).await
}

/// Refuses a body that says itself that it is too large before it comes. Of
/// others no more than the limit is read.
async fn not_too_large(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let announced = request.body().size_hint().lower();
    if usize::try_from(announced).is_ok_and(|bytes| bytes <= limits.body) {
        return next.run(request).await;
    }
    let message = format!(
        "a body of {announced} bytes is too large; {} is the limit",
        limits.body
    );
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, message).into_response()
}

async fn in_time(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    match time::timeout(limits.request, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the request took too long: its body did not arrive, or the daemon is busy; try again later",
        )
        .into_response(),
    }
}

async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
