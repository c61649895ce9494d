//! The list of everything that can be asked for, and what holds for all of it.

use std::future::ready;
use std::iter;
use std::sync::Arc;

use axum::body::HttpBody;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{CACHE_CONTROL, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time;

use super::answer::{Listed, Refusal};
use super::limits::Limits;

pub(crate) use axum::Router;

/// Something that can be asked for.
pub(crate) struct Endpoint<S> {
    pub(crate) listed: Listed,
    methods: MethodRouter<S>,
}

pub(crate) fn read<S>(
    path: &'static str,
    what: &'static str,
    methods: MethodRouter<S>,
) -> Endpoint<S> {
    let listed = Listed {
        method: "GET",
        path,
        what,
    };
    Endpoint { listed, methods }
}

pub(crate) fn write<S>(
    path: &'static str,
    what: &'static str,
    methods: MethodRouter<S>,
) -> Endpoint<S> {
    let listed = Listed {
        method: "POST",
        path,
        what,
    };
    Endpoint { listed, methods }
}

/// A router of these endpoints; the list is of all that the server has.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(
    endpoints: Vec<Endpoint<S>>,
    list: &Arc<[Listed]>,
) -> Router<S> {
    let list = Arc::clone(list);
    endpoints
        .into_iter()
        .fold(Router::new(), |router, one| {
            router.route(one.listed.path, one.methods)
        })
        .method_not_allowed_fallback(move |method, uri| ready(wrong_method(&method, &uri, &list)))
}

/// The same with the list itself, and a word for whatever is not in it.
pub(crate) fn with_index<S: Clone + Send + Sync + 'static>(
    endpoints: Vec<Endpoint<S>>,
    list: &Arc<[Listed]>,
) -> Router<S> {
    let (shown, unknown) = (Arc::clone(list), Arc::clone(list));
    routes(endpoints, list)
        .route("/", get(move || ready(index(&shown))))
        .fallback(move |uri| ready(not_found(&uri, &unknown)))
}

/// What holds for every request.
pub(crate) fn finish<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    limits: Limits,
) -> Router<S> {
    router
        .layer(from_fn_with_state(limits, in_time))
        .layer(from_fn(with_headers))
}

/// Refuses bodies of more than so many bytes.
pub(crate) fn limit_bodies<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    bytes: usize,
) -> Router<S> {
    router
        .layer(DefaultBodyLimit::max(bytes))
        .layer(from_fn_with_state(bytes, not_too_large))
}

/// How many requests are worked on at a time. Others wait.
#[derive(Clone)]
pub(crate) struct Turns(Arc<Semaphore>);

/// A turn that a request has. Work that goes on when nobody waits for its
/// answer any more holds on to it.
#[derive(Clone)]
pub(crate) struct Turn(#[allow(dead_code)] Option<Arc<OwnedSemaphorePermit>>);

impl Turns {
    pub(crate) fn new(at_a_time: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_a_time)))
    }

    pub(crate) fn take<S: Clone + Send + Sync + 'static>(self, router: Router<S>) -> Router<S> {
        router.layer(from_fn_with_state(self, take_turns))
    }
}

async fn take_turns(State(turns): State<Turns>, mut request: Request, next: Next) -> Response {
    // Nobody closes the semaphore.
    let turn = turns.0.acquire_owned().await.ok().map(Arc::new);
    request.extensions_mut().insert(Turn(turn.clone()));
    next.run(request).await
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

/// Refuses a body that says itself that it is too large before it comes. Of
/// others no more than the limit is read.
async fn not_too_large(State(limit): State<usize>, request: Request, next: Next) -> Response {
    let announced = request.body().size_hint().lower();
    if usize::try_from(announced).is_ok_and(|bytes| bytes <= limit) {
        return next.run(request).await;
    }
    let message = format!("a body of {announced} bytes is too large; {limit} is the limit");
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
