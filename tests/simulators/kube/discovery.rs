//! The documents that say what the server has.

use std::collections::BTreeSet;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::resources::Resource;
use super::status;
use super::store::State;

const VERBS: [&str; 7] = [
    "create", "delete", "get", "list", "patch", "update", "watch",
];

pub(super) fn answer(state: &State, path: &str) -> Response {
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    let document = match parts.as_slice() {
        ["healthz" | "livez" | "readyz"] => return status::text(200, "ok"),
        ["version"] => Some(json!({
            "major": "1", "minor": "34", "gitVersion": "v1.34.0", "platform": "linux/amd64",
            "gitCommit": "", "gitTreeState": "clean", "buildDate": "2025-08-27T00:00:00Z",
            "goVersion": "go1.24.6", "compiler": "gc",
        })),
        ["api"] => Some(json!({
            "kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [],
        })),
        ["apis"] => Some(json!({
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": groups(state).iter().map(|name| group(state, name)).collect::<Vec<_>>(),
        })),
        ["apis", name] => groups(state).contains(*name).then(|| group(state, name)),
        ["api", version] => resources(state, "", version),
        ["apis", name, version] => resources(state, name, version),
        _ => None,
    };
    document.map_or_else(status::no_such_path, |document| {
        Json(document).into_response()
    })
}

fn groups(state: &State) -> BTreeSet<String> {
    let named = state.resources().iter().map(|one| one.group.clone());
    named.filter(|group| !group.is_empty()).collect()
}

fn group(state: &State, name: &str) -> Value {
    let of_group = state.resources().iter().filter(|one| one.group == name);
    let mut versions: Vec<&String> = of_group.flat_map(|one| &one.versions).collect();
    versions.sort();
    versions.dedup();
    let versions: Vec<Value> = versions
        .into_iter()
        .map(|version| json!({"groupVersion": format!("{name}/{version}"), "version": version}))
        .collect();
    json!({
        "kind": "APIGroup", "apiVersion": "v1", "name": name,
        "preferredVersion": versions.first(), "versions": versions,
    })
}

fn resources(state: &State, group: &str, version: &str) -> Option<Value> {
    let served =
        |one: &&Resource| one.group == group && one.versions.iter().any(|served| served == version);
    let resources: Vec<Value> = state
        .resources()
        .iter()
        .filter(served)
        .map(|one| {
            json!({
                "name": one.plural, "singularName": one.kind.to_lowercase(), "kind": one.kind,
                "namespaced": one.namespaced, "verbs": VERBS,
            })
        })
        .collect();
    let api_version = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    (!resources.is_empty()).then(|| {
        json!({
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": api_version, "resources": resources,
        })
    })
}
