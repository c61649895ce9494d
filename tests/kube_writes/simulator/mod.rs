//! A simulator of the part of a Kubernetes API server that podroute writes to:
//! Leases, Events and ClusterReports, with their validation, resource versions
//! and conflicts, and with the faults of a network on the way.

mod validation;

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kube::Client;
use serde_json::{Value, json};
use tokio::time::sleep;

use validation::validate;

/// One API server. Copies are the same server.
#[derive(Clone)]
pub(crate) struct ApiServer(Arc<Mutex<World>>);

/// What happens to the requests of one client on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Network {
    #[default]
    Fine,
    /// Requests get lost: nothing happens, and nobody answers.
    Silent,
    /// Requests arrive and are carried out, but the answers get lost.
    Deaf,
    /// Requests arrive at once; answers take four seconds.
    Slow,
    /// A proxy on the way answers 503.
    Unavailable,
}

#[derive(Default)]
struct World {
    /// By the path of the object's URL.
    objects: BTreeMap<String, Value>,
    version: u64,
    networks: BTreeMap<String, Network>,
    /// Parts of paths that nobody may touch, such as `/leases`.
    forbidden: BTreeSet<&'static str>,
    open_reports: bool,
    requests: Vec<(Method, String)>,
}

struct Call {
    method: Method,
    path: String,
    query: String,
    content_type: String,
    body: Vec<u8>,
}

type Answer = Result<Value, (u16, &'static str, String)>;

const NAMESPACES: [&str; 3] = ["default", "kube-system", "podroute-system"];

impl ApiServer {
    pub(crate) fn start() -> Self {
        Self(Arc::default())
    }

    /// A client with a network connection of its own.
    pub(crate) fn client(&self, who: &str) -> Client {
        let router = Router::new()
            .fallback(serve)
            .with_state((self.clone(), who.to_owned()));
        Client::new(router, "podroute-system")
    }

    pub(crate) fn set_network(&self, who: &str, network: Network) {
        self.world().networks.insert(who.to_owned(), network);
    }

    pub(crate) fn forbid(&self, part: &'static str) {
        self.world().forbidden.insert(part);
    }

    pub(crate) fn allow(&self, part: &str) {
        self.world().forbidden.remove(part);
    }

    /// Installs the CRDs of openreports.io.
    pub(crate) fn install_open_reports(&self) {
        self.world().open_reports = true;
    }

    pub(crate) fn get(&self, path: &str) -> Option<Value> {
        self.world().objects.get(path).cloned()
    }

    /// Every object whose path starts so.
    pub(crate) fn list(&self, prefix: &str) -> Vec<Value> {
        let world = self.world();
        let found = world.objects.iter();
        let found = found.filter(|(path, _)| path.starts_with(prefix));
        found.map(|(_, object)| object.clone()).collect()
    }

    /// How many requests of a kind there were: `PUT`, `/leases/`.
    pub(crate) fn count(&self, method: &Method, part: &str) -> usize {
        let world = self.world();
        let requests = world.requests.iter();
        requests
            .filter(|(m, path)| m == method && path.contains(part))
            .count()
    }

    /// Changes an object as somebody else, such as `kubectl edit`, would.
    pub(crate) fn edit(&self, path: &str, change: impl FnOnce(&mut Value)) {
        let mut world = self.world();
        let mut object = world.objects.get(path).unwrap().clone();
        change(&mut object);
        world.store(path, object);
    }

    pub(crate) fn put(&self, path: &str, object: Value) {
        self.world().store(path, object);
    }

    pub(crate) fn delete(&self, path: &str) {
        self.world().objects.remove(path).unwrap();
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }
}

async fn serve(State((server, who)): State<(ApiServer, String)>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let content_type = head.headers.get(header::CONTENT_TYPE);
    let call = Call {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        content_type: content_type.map_or_else(String::new, |v| v.to_str().unwrap().to_owned()),
        body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
    };
    let network = server.world().networks.get(&who).copied();
    match network.unwrap_or_default() {
        Network::Fine | Network::Slow => {}
        Network::Silent => return pending().await,
        Network::Unavailable => return status(503, "ServiceUnavailable", "no upstream"),
        Network::Deaf => {
            let _ = server.world().answer(&call);
            return pending().await;
        }
    }
    let answer = server.world().answer(&call);
    if network == Some(Network::Slow) {
        sleep(Duration::from_secs(4)).await;
    }
    match answer {
        Ok(value) => json_response(StatusCode::OK, &value),
        Err((code, reason, message)) => status(code, reason, &message),
    }
}

fn status(code: u16, reason: &str, message: &str) -> Response {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    });
    json_response(StatusCode::from_u16(code).unwrap(), &body)
}

fn json_response(code: StatusCode, body: &Value) -> Response {
    let head = [(header::CONTENT_TYPE, "application/json")];
    (code, head, Body::from(body.to_string())).into_response()
}

impl World {
    fn answer(&mut self, call: &Call) -> Answer {
        self.requests.push((call.method.clone(), call.path.clone()));
        let parts: Vec<&str> = call.path.trim_matches('/').split('/').collect();
        let (group, namespace, resource, name) = match parts[..] {
            ["apis", "openreports.io", "v1alpha1"] => return self.discovery(),
            ["apis", group, _, "namespaces", namespace, resource] => {
                (group, Some(namespace), resource, None)
            }
            ["apis", group, _, "namespaces", namespace, resource, name] => {
                (group, Some(namespace), resource, Some(name))
            }
            ["apis", group, _, resource, name] => (group, None, resource, Some(name)),
            _ => return Err(not_found(&call.path)),
        };
        if self.forbidden.iter().any(|part| call.path.contains(part)) {
            let message = format!(
                "{resource}.{group} is forbidden: User \"system:serviceaccount:podroute-system:podroute\" cannot {} resource \"{resource}\" in API group \"{group}\"",
                call.method.as_str().to_lowercase()
            );
            return Err((403, "Forbidden", message));
        }
        if resource == "clusterreports" && !self.open_reports {
            return Err((
                404,
                "NotFound",
                "the server could not find the requested resource".into(),
            ));
        }
        match (&call.method, name) {
            (&Method::GET, Some(name)) => self.existing(&call.path, resource, name),
            (&Method::POST, None) => {
                let namespace = namespace.unwrap();
                if !NAMESPACES.contains(&namespace) {
                    return Err(not_found(&format!("namespaces \"{namespace}\"")));
                }
                self.create(resource, &call.path, parse(call)?)
            }
            (&Method::PUT, Some(name)) => self.update(resource, name, &call.path, parse(call)?),
            (&Method::PATCH, Some(name)) => self.patch(resource, name, call),
            _ => Err((405, "MethodNotAllowed", "not allowed".into())),
        }
    }

    fn discovery(&self) -> Answer {
        if !self.open_reports {
            return Err((
                404,
                "NotFound",
                "the server could not find the requested resource".into(),
            ));
        }
        Ok(json!({
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "openreports.io/v1alpha1",
            "resources": [{
                "name": "clusterreports", "singularName": "clusterreport", "namespaced": false,
                "kind": "ClusterReport", "shortNames": ["creps"],
                "verbs": ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
            }],
        }))
    }

    fn existing(&self, path: &str, resource: &str, name: &str) -> Answer {
        let found = self.objects.get(path).cloned();
        found.ok_or_else(|| not_found(&format!("{resource} \"{name}\"")))
    }

    fn create(&mut self, resource: &str, collection: &str, object: Value) -> Answer {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let path = format!("{collection}/{name}");
        if object["metadata"]["resourceVersion"].is_string() {
            let message = "resourceVersion should not be set on objects to be created";
            return Err((500, "InternalError", message.into()));
        }
        validate(resource, name, &object)?;
        if self.objects.contains_key(&path) {
            let message = format!("{resource} \"{name}\" already exists");
            return Err((409, "AlreadyExists", message));
        }
        Ok(self.store(&path, object))
    }

    fn update(&mut self, resource: &str, name: &str, path: &str, object: Value) -> Answer {
        let uid = &object["metadata"]["uid"];
        let stored = self.objects.get(path).cloned().unwrap_or_default();
        if uid.is_string() && *uid != stored["metadata"]["uid"] {
            // A Lease may be created by an update, but not in place of another.
            let message = format!(
                "Operation cannot be fulfilled on {resource} \"{name}\": StorageError: invalid object, Code: 4: Precondition failed: UID in precondition: {uid}"
            );
            return Err((409, "Conflict", message));
        }
        let version = &object["metadata"]["resourceVersion"];
        if version.is_string() && *version != stored["metadata"]["resourceVersion"] {
            let message = format!(
                "Operation cannot be fulfilled on {resource} \"{name}\": the object has been modified; please apply your changes to the latest version and try again"
            );
            return Err((409, "Conflict", message));
        }
        validate(resource, name, &object)?;
        Ok(self.store(path, object))
    }

    fn patch(&mut self, resource: &str, name: &str, call: &Call) -> Answer {
        if call.body.len() > 3 << 20 {
            return Err((
                413,
                "RequestEntityTooLarge",
                "Request entity too large: limit is 3145728".into(),
            ));
        }
        let patch = parse(call)?;
        let object = match call.content_type.as_str() {
            "application/merge-patch+json" => {
                let mut object = self.existing(&call.path, resource, name)?;
                merge(&mut object, &patch);
                object
            }
            "application/apply-patch+yaml" => {
                if !call.query.contains("fieldManager=podroute") {
                    return Err((422, "Invalid", "fieldManager: Required value".into()));
                }
                let mut object = patch;
                let stored = self.objects.get(&call.path).cloned().unwrap_or_default();
                for key in ["uid", "resourceVersion"] {
                    if stored["metadata"][key].is_string() {
                        object["metadata"][key] = stored["metadata"][key].clone();
                    }
                }
                if object == stored {
                    return Ok(stored);
                }
                object
            }
            other => return Err((415, "UnsupportedMediaType", other.to_owned())),
        };
        validate(resource, name, &object)?;
        if object.to_string().len() > 3 << 19 {
            return Err((
                500,
                "InternalError",
                "etcdserver: request is too large".into(),
            ));
        }
        Ok(self.store(&call.path, object))
    }

    fn store(&mut self, path: &str, mut object: Value) -> Value {
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        if !object["metadata"]["uid"].is_string() {
            object["metadata"]["uid"] = json!(format!("uid-{}", self.version));
        }
        self.objects.insert(path.to_owned(), object.clone());
        object
    }
}

fn parse(call: &Call) -> Answer {
    serde_json::from_slice(&call.body).map_err(|error| (400, "BadRequest", error.to_string()))
}

fn not_found(what: &str) -> (u16, &'static str, String) {
    (404, "NotFound", format!("{what} not found"))
}

/// JSON merge patch, RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(fields) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (key, value) in fields {
        if value.is_null() {
            target.as_object_mut().unwrap().remove(key);
        } else {
            merge(&mut target[key], value);
        }
    }
}
