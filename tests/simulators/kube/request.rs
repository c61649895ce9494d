//! A request: what it asks for, and which part of the server answers.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use tokio::time::sleep;

use super::faults::Fault;
use super::resources::Resource;
use super::status::{self, Failure};
use super::{Shared, discovery, list, watch, write};

/// What a request is about.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) verb: String,
    pub(super) group: String,
    pub(super) version: String,
    pub(super) plural: String,
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) content_type: String,
}

impl Asked {
    /// The `metadata.name` of the field selector.
    pub(super) fn selected_name(&self) -> Option<&str> {
        let selector = self.query.get("fieldSelector")?;
        let (field, name) = selector.split_once('=')?;
        (field == "metadata.name").then(|| name.trim_start_matches('='))
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.query
            .get(name)
            .is_some_and(|value| matches!(value.as_str(), "true" | "1"))
    }

    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.clone()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// None when the path is no resource's.
    fn read(request: &Request) -> Option<Self> {
        let path: Vec<_> = request.uri().path().split('/').skip(1).collect();
        let (group, version, rest) = match path.as_slice() {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return None,
        };
        let (namespace, rest) = match rest {
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
            rest => (None, rest),
        };
        let (plural, name) = match rest {
            [plural] => (*plural, None),
            [plural, name] => (*plural, Some(*name)),
            _ => return None,
        };
        let query: BTreeMap<String, String> = Query::try_from_uri(request.uri()).ok()?.0;
        let watches = matches!(query.get("watch").map(String::as_str), Some("true" | "1"));
        let verb = match (request.method(), name) {
            (&Method::GET, None) if watches => "watch",
            (&Method::GET, None) => "list",
            (&Method::GET, Some(_)) => "get",
            (&Method::POST, None) => "create",
            (&Method::PUT, Some(_)) => "update",
            (&Method::PATCH, Some(_)) => "patch",
            (&Method::DELETE, Some(_)) => "delete",
            _ => return None,
        };
        let content_type = request.headers().get(header::CONTENT_TYPE);
        Some(Self {
            verb: verb.to_owned(),
            group: group.to_owned(),
            version: version.to_owned(),
            plural: plural.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            query,
            content_type: content_type
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
        })
    }
}

pub(super) async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let authorization = request.headers().get(header::AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    let who = shared.state().access.authenticate(authorization);
    let Some(asked) = Asked::read(&request) else {
        return match who {
            Ok(()) => discovery::answer(&shared.state(), request.uri().path()),
            Err(failure) => failure.into_response(),
        };
    };
    let (number, fault) = {
        let mut state = shared.state();
        let fault = state.faults.next(&asked.verb, &asked.plural);
        (state.journal.add(&asked), fault)
    };
    let body = to_bytes(request.into_body(), usize::MAX).await.unwrap();
    let response = match who {
        Ok(()) => answer_resource(&shared, &asked, &body, fault).await,
        Err(failure) => failure.into_response(),
    };
    let code = response.status().as_u16();
    shared.state().journal.answered(number, code);
    response
}

async fn answer_resource(
    shared: &Arc<Shared>,
    asked: &Asked,
    body: &Bytes,
    fault: Option<Fault>,
) -> Response {
    match fault {
        Some(Fault::Status(code, retry_after)) => {
            let mut failure = Failure::new(code, "the simulator was told to fail");
            failure.retry_after = retry_after;
            return failure.into_response();
        }
        Some(Fault::Text(code, text)) => return status::text(code, text),
        Some(Fault::Silent) => return std::future::pending().await,
        Some(Fault::Closed) => return closed(),
        Some(Fault::Slow(time)) => sleep(time).await,
        _ => {}
    }
    let resource = {
        let mut state = shared.state();
        if let Err(failure) = state.access.authorize(asked) {
            return failure.into_response();
        }
        state.resource(&asked.group, &asked.version, &asked.plural)
    };
    let Some(resource) = resource else {
        return status::no_such_path();
    };
    let answer = match asked.verb.as_str() {
        "list" => list::answer(&shared.state(), asked, &resource),
        "watch" => watch::answer(shared, asked, &resource, fault),
        _ => shared.change(|state| write::answer(state, asked, &resource, body)),
    };
    answer.unwrap_or_else(Failure::into_response)
}

/// An answer that breaks off in its first byte.
fn closed() -> Response {
    let broken: Result<Bytes, _> = Err(io::Error::other("the simulator was told to close"));
    Response::new(Body::from_stream(futures::stream::iter([broken])))
}

/// An object as this version of the API shows it.
pub(super) fn shown(
    object: &serde_json::Value,
    asked: &Asked,
    resource: &Resource,
) -> serde_json::Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.insert("apiVersion".to_owned(), asked.api_version().into());
        fields.insert("kind".to_owned(), resource.kind.clone().into());
    }
    object
}
