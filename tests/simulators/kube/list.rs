//! Lists, whole or in pages.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::request::{Asked, shown};
use super::resources::Resource;
use super::status::Failure;
use super::store::State;

pub(super) fn answer(
    state: &State,
    asked: &Asked,
    resource: &Resource,
) -> Result<Response, Failure> {
    if asked.flag("sendInitialEvents") {
        return Err(Failure::new(
            422,
            "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: \
             sendInitialEvents is forbidden for list",
        ));
    }
    let token = asked
        .query
        .get("continue")
        .filter(|token| !token.is_empty());
    let (revision, start) = match token {
        Some(token) => read_token(state, token)?,
        None => (state.revision(), None),
    };
    let limit: usize = match asked.query.get("limit").map(String::as_str) {
        None | Some("" | "0") => usize::MAX,
        Some(limit) => limit
            .parse()
            .map_err(|_| Failure::new(400, "limit is not a number"))?,
    };
    let mut items = state.list(&resource.id(), revision);
    items.retain(|((_, namespace, name), _)| {
        asked.namespace.as_ref().is_none_or(|one| one == namespace)
            && asked.selected_name().is_none_or(|one| one == name)
            && start
                .as_ref()
                .is_none_or(|start| (namespace, name) > (&start.0, &start.1))
    });
    let rest = items.len().saturating_sub(limit);
    items.truncate(limit);
    let mut metadata = json!({"resourceVersion": revision.to_string()});
    if let (true, Some(((_, namespace, name), _))) = (rest > 0, items.last()) {
        metadata["continue"] = json!(format!("{revision},{namespace},{name}"));
        if asked.selected_name().is_none() {
            metadata["remainingItemCount"] = json!(rest);
        }
    }
    let items: Vec<Value> = items
        .iter()
        .map(|(_, object)| item(object, asked, resource))
        .collect();
    let list = json!({
        "kind": format!("{}List", resource.kind),
        "apiVersion": asked.api_version(),
        "metadata": metadata,
        "items": items,
    });
    Ok(Json(list).into_response())
}

/// The items of typed lists do not say what they are.
fn item(object: &Value, asked: &Asked, resource: &Resource) -> Value {
    let mut object = shown(object, asked, resource);
    if let (true, Some(fields)) = (resource.is_built_in(), object.as_object_mut()) {
        fields.remove("apiVersion");
        fields.remove("kind");
    }
    object
}

/// The revision that the first page was of, and after which object to go on.
fn read_token(state: &State, token: &str) -> Result<(u64, Option<(String, String)>), Failure> {
    let mut parts = token.splitn(3, ',');
    let mut next = || parts.next().map(str::to_owned);
    let (Some(revision), Some(namespace), Some(name)) = (next(), next(), next()) else {
        return Err(Failure::new(400, "continue key is not valid"));
    };
    let revision: u64 = revision
        .parse()
        .map_err(|_| Failure::new(400, "continue key is not valid"))?;
    if revision < state.compacted() {
        return Err(Failure::new(
            410,
            "The provided continue parameter is too old to display a consistent list result. You \
             must start a new list without the continue parameter.",
        ));
    }
    Ok((revision, Some((namespace, name))))
}
