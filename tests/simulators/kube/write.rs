//! Reading, making, changing and deleting single objects.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::patch;
use super::request::{Asked, shown};
use super::resources::Resource;
use super::status::Failure;
use super::store::{Key, State};

pub(super) fn answer(
    state: &mut State,
    asked: &Asked,
    resource: &Resource,
    body: &[u8],
) -> Result<Response, Failure> {
    let one = One {
        asked,
        resource,
        body,
    };
    let (code, object) = match asked.verb.as_str() {
        "get" => (StatusCode::OK, one.get(state)?),
        "create" => (StatusCode::CREATED, one.create(state)?),
        "update" => (StatusCode::OK, one.update(state)?),
        "patch" => one.patch(state)?,
        "delete" => (StatusCode::OK, one.delete(state)?),
        verb => return Err(Failure::new(405, format!("{verb} is not supported"))),
    };
    Ok((code, Json(object)).into_response())
}

struct One<'a> {
    asked: &'a Asked,
    resource: &'a Resource,
    body: &'a [u8],
}

impl One<'_> {
    fn key(&self, name: &str) -> Key {
        let namespace = self.asked.namespace.clone().unwrap_or_default();
        (self.resource.id(), namespace, name.to_owned())
    }

    fn name(&self) -> &str {
        self.asked.name.as_deref().unwrap_or_default()
    }

    fn get(&self, state: &State) -> Result<Value, Failure> {
        let object = state.get(&self.key(self.name()));
        let object = object.ok_or_else(|| self.not_found())?;
        Ok(shown(&object, self.asked, self.resource))
    }

    fn create(&self, state: &mut State) -> Result<Value, Failure> {
        let mut object = self.object()?;
        let given = object["metadata"]["name"].as_str().unwrap_or("").to_owned();
        let name = match object["metadata"]["generateName"].as_str() {
            Some(prefix) if given.is_empty() => {
                format!("{prefix}{:05}", state.revision() % 100_000)
            }
            _ => given,
        };
        if name.is_empty() {
            return Err(
                self.invalid("metadata.name: Required value: name or generateName is required")
            );
        }
        if !object["metadata"]["resourceVersion"].is_null() {
            return Err(Failure::new(
                400,
                "resourceVersion should not be set on objects to be created",
            ));
        }
        if state.get(&self.key(&name)).is_some() {
            let what = self.resource.id();
            let message = format!("{what} \"{name}\" already exists");
            return Err(Failure::new(409, message).because("AlreadyExists"));
        }
        object["metadata"]["name"] = json!(name);
        object["metadata"]["generation"] = json!(1);
        Ok(self.store(state, &name, object))
    }

    fn update(&self, state: &mut State) -> Result<Value, Failure> {
        let before = self.get(state)?;
        let object = self.object()?;
        if object["metadata"]["name"] != json!(self.name()) {
            return Err(Failure::new(
                400,
                "the name of the object does not match the name on the URL",
            ));
        }
        self.unchanged_since(&before, &object)?;
        Ok(self.replace(state, &before, object))
    }

    fn patch(&self, state: &mut State) -> Result<(StatusCode, Value), Failure> {
        let change = self.object()?;
        let kind = self.asked.content_type.split(';').next();
        match kind.unwrap_or_default() {
            "application/merge-patch+json" => {
                let before = self.get(state)?;
                self.unchanged_since(&before, &change)?;
                let mut object = before.clone();
                patch::merge(&mut object, &change);
                Ok((StatusCode::OK, self.replace(state, &before, object)))
            }
            "application/apply-patch+yaml" => self.server_side_apply(state, &change),
            kind => Err(Failure::new(
                415,
                format!("the simulator does not do patches of type {kind}"),
            )),
        }
    }

    /// Without the book-keeping of who owns which field: the last one wins, as
    /// with `force`.
    fn server_side_apply(
        &self,
        state: &mut State,
        change: &Value,
    ) -> Result<(StatusCode, Value), Failure> {
        if self
            .asked
            .query
            .get("fieldManager")
            .is_none_or(String::is_empty)
        {
            return Err(Failure::new(
                422,
                "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is \
                 required for apply patch",
            ));
        }
        if change["apiVersion"].is_null() || change["kind"].is_null() {
            return Err(Failure::new(
                400,
                "apiVersion and kind have to be set in an apply patch",
            ));
        }
        let name = self.name();
        let Ok(before) = self.get(state) else {
            // Who may only patch makes nothing new.
            state.access.authorize(&Asked {
                verb: "create".to_owned(),
                ..self.asked.clone()
            })?;
            let mut object = change.clone();
            object["metadata"]["name"] = json!(name);
            object["metadata"]["generation"] = json!(1);
            return Ok((StatusCode::CREATED, self.store(state, name, object)));
        };
        self.unchanged_since(&before, change)?;
        let mut object = before.clone();
        patch::apply(&mut object, change);
        Ok((StatusCode::OK, self.replace(state, &before, object)))
    }

    fn delete(&self, state: &mut State) -> Result<Value, Failure> {
        let before = self.get(state)?;
        let options: Value = serde_json::from_slice(self.body).unwrap_or_default();
        for (field, wanted) in options["preconditions"].as_object().into_iter().flatten() {
            if before["metadata"].get(field) != Some(wanted) {
                return Err(self.conflict(&format!(
                    "Precondition failed: {field} in precondition: {wanted}, in object meta: {}",
                    before["metadata"][field]
                )));
            }
        }
        state.delete(&self.key(self.name()));
        Ok(json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": {
                "name": self.name(),
                "group": self.asked.group,
                "kind": self.asked.plural,
                "uid": before["metadata"]["uid"],
            },
        }))
    }

    /// Writes only what differs, as the server does.
    fn replace(&self, state: &mut State, before: &Value, mut object: Value) -> Value {
        let metadata = &before["metadata"];
        for field in ["resourceVersion", "uid", "creationTimestamp", "generation"] {
            object["metadata"][field] = metadata[field].clone();
        }
        object = shown(&object, self.asked, self.resource);
        if object == *before {
            return object;
        }
        if object["spec"] != before["spec"] {
            let generation = metadata["generation"].as_u64().unwrap_or_default();
            object["metadata"]["generation"] = json!(generation + 1);
        }
        self.store(state, self.name(), object)
    }

    fn store(&self, state: &mut State, name: &str, mut object: Value) -> Value {
        if let Some(namespace) = &self.asked.namespace {
            object["metadata"]["namespace"] = json!(namespace);
        }
        let stored = state.put(self.key(name), object);
        shown(&stored, self.asked, self.resource)
    }

    /// A resourceVersion, where there is one, is that of the object as it is.
    fn unchanged_since(&self, before: &Value, object: &Value) -> Result<(), Failure> {
        let version = &object["metadata"]["resourceVersion"];
        let given = version.as_str().is_some_and(|version| !version.is_empty());
        if given && *version != before["metadata"]["resourceVersion"] {
            return Err(self.conflict(
                "the object has been modified; please apply your changes to the latest version \
                 and try again",
            ));
        }
        Ok(())
    }

    fn object(&self) -> Result<Value, Failure> {
        let object: Value = serde_json::from_slice(self.body)
            .map_err(|error| Failure::new(400, format!("the body is not JSON: {error}")))?;
        if !object.is_object() {
            return Err(Failure::new(400, "the body is no object"));
        }
        Ok(object)
    }

    fn not_found(&self) -> Failure {
        Failure::new(
            404,
            format!("{} \"{}\" not found", self.resource.id(), self.name()),
        )
    }

    fn conflict(&self, why: &str) -> Failure {
        let (what, name) = (self.resource.id(), self.name());
        Failure::new(
            409,
            format!("Operation cannot be fulfilled on {what} \"{name}\": {why}"),
        )
    }

    fn invalid(&self, why: &str) -> Failure {
        Failure::new(
            422,
            format!("{} \"\" is invalid: {why}", self.resource.kind),
        )
    }
}
