//! The paths of the API, and what every request goes through: the journal,
//! faults, and the checks of who asks for which version.

use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Query, Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, http};
use futures::stream;
use serde_json::json;

use super::auth::{self, Login};
use super::faults::Fault;
use super::objects::{self, Reply};
use super::state::{Recorded, State, lock};

type Everything = Arc<Mutex<State>>;

/// The largest request that is read.
const LARGEST: usize = 64 << 20;

pub(super) fn router(state: &Everything) -> Router {
    let api = Router::new()
        .route("/api/{kind}", get(list))
        .route("/api/{kind}/{uuid}", get(read).put(write))
        .layer(from_fn_with_state(Arc::clone(state), guard));
    Router::new()
        .route("/login", post(log_in))
        .route("/api/initial-data", get(initial_data))
        .merge(api)
        .layer(from_fn_with_state(Arc::clone(state), spoil))
        .with_state(Arc::clone(state))
}

async fn log_in(Shared(state): Shared<Everything>, body: Bytes) -> Response {
    let mut state = lock(&state);
    let Ok(login) = serde_json::from_slice::<Login>(&body) else {
        return answer(objects::error(400, "JSON parse error"));
    };
    let Some(cookies) = state.auth.log_in(&login) else {
        return answer(objects::error(401, "Invalid credentials"));
    };
    let mut body = json!({"user_initialized": true, "system_config": {}});
    if state.says_version_at_login {
        body["version"] = version(&state);
    }
    with_cookies(answer((200, body.to_string())), &cookies)
}

async fn initial_data(Shared(state): Shared<Everything>) -> Response {
    let body = json!({ "version": version(&lock(&state)), "setup_config": {} });
    answer((200, body.to_string()))
}

async fn list(
    Shared(state): Shared<Everything>,
    Path(kind): Path<String>,
    Query(query): Query<objects::Query>,
    headers: HeaderMap,
) -> Response {
    answer(lock(&state).list(&kind, &tenant(&headers), &query))
}

async fn read(
    Shared(state): Shared<Everything>,
    Path((kind, uuid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    answer(lock(&state).read(&kind, &tenant(&headers), &uuid))
}

async fn write(
    Shared(state): Shared<Everything>,
    Path((kind, uuid)): Path<(String, String)>,
    headers: HeaderMap,
    body: String,
) -> Response {
    answer(lock(&state).write(&kind, &tenant(&headers), &uuid, &body))
}

/// Sessions, versions and tenants.
async fn guard(Shared(state): Shared<Everything>, request: Request, next: Next) -> Response {
    let denied = denial(&mut lock(&state), request.method(), request.headers());
    match denied {
        Some(response) => response,
        None => next.run(request).await,
    }
}

fn denial(state: &mut State, method: &Method, headers: &HeaderMap) -> Option<Response> {
    if let Err((status, message, cookies)) = state.auth.check(method, headers) {
        return Some(with_cookies(
            answer(objects::error(status, message)),
            &cookies,
        ));
    }
    let version = auth::header(headers, "x-avi-version");
    let Some(version) = version.as_deref().and_then(numbers) else {
        return Some(answer(objects::error(
            400,
            "X-Avi-Version is missing or no version",
        )));
    };
    let newest = numbers(&state.version).expect("a version");
    if version < vec![18, 2, 6] || version > newest {
        let message = format!("Unsupported API version, use 18.2.6 to {}", state.version);
        return Some(answer(objects::error(400, &message)));
    }
    if !state.tenants.contains(&tenant(headers)) {
        return Some(answer(objects::error(404, "Tenant not found")));
    }
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/json");
    if *method != Method::GET && !is_json {
        return Some(answer(objects::error(415, "Unsupported media type")));
    }
    None
}

/// Notes each request, and does to it what the test wants.
async fn spoil(Shared(state): Shared<Everything>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        break_connection();
    };
    let (number, fault) = note(&state, &parts, &body);
    let request = Request::from_parts(parts, Body::from(body));
    let response = match fault {
        None => next.run(request).await,
        Some(Fault::Answer(status, body)) => answer((status, body)),
        Some(Fault::Redirect(to)) => {
            let mut response = answer((302, String::new()));
            let to = HeaderValue::from_str(&to).expect("a header");
            response.headers_mut().insert(header::LOCATION, to);
            response
        }
        Some(Fault::Delay(time)) => {
            tokio::time::sleep(time).await;
            next.run(request).await
        }
        Some(Fault::Expire) => {
            lock(&state).auth.expire();
            next.run(request).await
        }
        Some(Fault::ResetBefore) => break_connection(),
        Some(Fault::ResetAfter) => {
            next.run(request).await;
            break_connection()
        }
        Some(Fault::PauseBefore(mut pause)) => {
            pause.wait().await;
            next.run(request).await
        }
        Some(Fault::PauseAfter(mut pause)) => {
            let response = next.run(request).await;
            pause.wait().await;
            response
        }
        Some(Fault::Cut) => shorten(next.run(request).await, true).await,
        Some(Fault::Half) => shorten(next.run(request).await, false).await,
    };
    if let Some(recorded) = lock(&state).journal.get_mut(number) {
        recorded.status = Some(response.status().as_u16());
    }
    response
}

fn note(state: &Everything, parts: &http::request::Parts, body: &Bytes) -> (usize, Option<Fault>) {
    let mut state = lock(state);
    let recorded = Recorded {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        tenant: auth::header(&parts.headers, "x-avi-tenant"),
        version: auth::header(&parts.headers, "x-avi-version"),
        body: String::from_utf8_lossy(body).into_owned(),
        status: None,
    };
    let fault = state.faults.take(&recorded.line());
    state.journal.push(recorded);
    (state.journal.len() - 1, fault)
}

/// The first half of an answer; either the rest is announced and never comes,
/// or it looks whole.
async fn shorten(response: Response, announced: bool) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, LARGEST).await.expect("a body");
    let half = body.slice(..body.len() / 2);
    if !announced {
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::from(half));
    }
    parts
        .headers
        .insert(header::CONTENT_LENGTH, body.len().into());
    let broken = Err(std::io::Error::other("the connection breaks"));
    let body = Body::from_stream(stream::iter([Ok(half), broken]));
    Response::from_parts(parts, body)
}

/// Ends the connection without an answer. The panic ends its task alone, and
/// nobody is told.
fn break_connection() -> ! {
    std::panic::resume_unwind(Box::new("the connection breaks"))
}

fn answer((status, body): Reply) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn with_cookies(mut response: Response, cookies: &[String]) -> Response {
    for cookie in cookies {
        let cookie = HeaderValue::from_str(cookie).expect("a header");
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn tenant(headers: &HeaderMap) -> String {
    auth::header(headers, "x-avi-tenant").unwrap_or_else(|| "admin".to_owned())
}

fn version(state: &State) -> serde_json::Value {
    json!({"Version": state.version, "build": 9000, "Product": "controller"})
}

fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}
