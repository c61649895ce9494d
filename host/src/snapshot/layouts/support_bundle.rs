//! Support bundles of troubleshoot.sh: `cluster-resources` with a list per
//! kind, or per kind and namespace, and with the errors of its collection.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::resources::{self, OF_NAMESPACES};
use super::{Bundle, Missing, Objects, Role, Wrap, brief};

const FOLDER: &str = "cluster-resources/";
const ERRORS: &str = "-errors.json";
const NAMESPACES: &str = "cluster-resources/namespaces.json";
const CUSTOM_ERRORS: &str = "cluster-resources/custom-resources/custom-resources-errors.json";

/// Folders with a list per namespace: apiVersion and kind of what is in it.
const BY_NAMESPACE: [(&str, &str, &str); 6] = [
    ("configmaps", "v1", "ConfigMap"),
    ("daemonsets", "apps/v1", "DaemonSet"),
    ("deployments", "apps/v1", "Deployment"),
    ("pods", "v1", "Pod"),
    ("services", "v1", "Service"),
    ("statefulsets", "apps/v1", "StatefulSet"),
];

/// Folders with the lists of Nodes and namespaces, and what else only a
/// support bundle has.
pub(super) fn roots<'a>(paths: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut lists: BTreeSet<&str> = BTreeSet::new();
    let mut marks: BTreeSet<&str> = BTreeSet::new();
    for path in paths {
        if let Some(root) = path.strip_suffix("version.yaml") {
            marks.insert(root);
        }
        let Some((root, after)) = split(path) else {
            continue;
        };
        match after {
            "nodes.json" | "nodes-errors.json" | "namespaces.json" | "namespaces-errors.json" => {
                lists.insert(root);
            }
            "groups.json" | "resources.json" => {
                marks.insert(root);
            }
            other if other.starts_with("auth-cani-list") => {
                marks.insert(root);
            }
            _ => {}
        }
    }
    let both = lists.intersection(&marks);
    both.map(|root| (*root).to_owned()).collect()
}

fn split(path: &str) -> Option<(&str, &str)> {
    path.match_indices(FOLDER).find_map(|(at, _)| {
        let (root, rest) = path.split_at_checked(at)?;
        let after = rest.strip_prefix(FOLDER)?;
        (root.is_empty() || root.ends_with('/')).then_some((root, after))
    })
}

pub(super) fn is_evidence(inside: &str) -> bool {
    inside == NAMESPACES || is_errors(inside)
}

pub(super) fn role(bundle: &Bundle, inside: &str) -> Role {
    let parts: Vec<&str> = inside.split('/').collect();
    match parts.as_slice() {
        ["cluster-resources", "nodes.json"] => objects(true, Wrap::List("v1", "Node")),
        ["cluster-resources", "custom-resources", definition] => custom(bundle, inside, definition),
        ["cluster-resources", "custom-resources", definition, _] => {
            custom(bundle, inside, definition)
        }
        ["cluster-resources", folder, list] => match by_namespace(folder) {
            // To the policy, a cluster of which this namespace was seen was
            // seen in all its namespaces.
            Some((_, "ConfigMap")) if *list == "default.json" && !is_whole(bundle, folder) => {
                Role::Other
            }
            Some((api_version, kind)) if is_json(list) => {
                objects(is_whole(bundle, folder), Wrap::List(api_version, kind))
            }
            _ => Role::Other,
        },
        ["configmaps", namespace, name] if is_json(name) => {
            let list = format!("{FOLDER}configmaps/{namespace}.json");
            if bundle.has(&list) {
                Role::Other
            } else {
                objects(false, Wrap::ConfigMap)
            }
        }
        _ => Role::Other,
    }
}

/// Whether a file lists what could not be collected. A namespace may have a
/// name that ends like one.
fn is_errors(inside: &str) -> bool {
    if inside == CUSTOM_ERRORS {
        return true;
    }
    match inside.strip_prefix(FOLDER) {
        Some(name) => !name.contains('/') && name.ends_with(ERRORS),
        None => inside.starts_with("collector-errors/cluster-resources") && is_json(inside),
    }
}

fn is_json(name: &str) -> bool {
    name.strip_suffix(".json").is_some()
}

/// Custom resources are there as JSON, and once more as YAML.
fn custom(bundle: &Bundle, inside: &str, definition: &str) -> Role {
    let name = definition
        .strip_suffix(".json")
        .or_else(|| definition.strip_suffix(".yaml"))
        .unwrap_or(definition);
    let twin = inside
        .strip_suffix(".yaml")
        .map(|stem| format!("{stem}.json"));
    let is_copy = twin.is_some_and(|twin| bundle.has(&twin));
    if is_copy || resources::kind_of_definition(name).is_none() {
        Role::Other
    } else {
        objects(false, Wrap::Nothing)
    }
}

fn objects(complete: bool, wrap: Wrap) -> Role {
    Role::Objects(Objects { complete, wrap })
}

fn by_namespace(folder: &str) -> Option<(&'static str, &'static str)> {
    let found = BY_NAMESPACE.iter().find(|(name, ..)| *name == folder);
    found.map(|(_, api_version, kind)| (*api_version, *kind))
}

/// Whether a folder has a list for every namespace of the cluster.
fn is_whole(bundle: &Bundle, folder: &str) -> bool {
    let whole = bundle.whole.get_or_init(|| {
        let Some(all) = namespaces(bundle) else {
            return BTreeSet::new();
        };
        let folders = BY_NAMESPACE.iter().map(|(folder, ..)| *folder);
        let has_all = |folder: &&str| {
            !bundle.has(&format!("{FOLDER}{folder}{ERRORS}"))
                && (all.iter()).all(|name| bundle.has(&format!("{FOLDER}{folder}/{name}.json")))
        };
        folders.filter(has_all).collect()
    });
    whole.contains(folder)
}

/// All namespaces of the cluster; None when only some were asked for, which
/// then stand in an array or alone.
fn namespaces(bundle: &Bundle) -> Option<&[String]> {
    #[derive(Deserialize)]
    struct List {
        kind: String,
        items: Option<Vec<Item>>,
    }
    #[derive(Deserialize)]
    struct Item {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    struct Metadata {
        name: String,
    }
    let names = bundle.namespaces.get_or_init(|| {
        let list: List = serde_json::from_str(bundle.evidence.get(NAMESPACES)?).ok()?;
        let items = list.items.unwrap_or_default().into_iter();
        (list.kind == "NamespaceList").then(|| items.map(|item| item.metadata.name).collect())
    });
    names.as_deref()
}

pub(super) fn gaps(bundle: &Bundle) -> Vec<Missing> {
    let mut missing: Vec<Missing> = bundle
        .evidence
        .iter()
        .filter(|(path, _)| *path != NAMESPACES)
        .flat_map(|(path, text)| failures(path, text))
        .collect();
    match namespaces(bundle) {
        None => missing.extend(OF_NAMESPACES.map(|kind| Missing {
            kind,
            path: NAMESPACES.to_owned(),
            reason: "not all namespaces were collected".to_owned(),
        })),
        Some(all) => {
            for (folder, _, kind) in BY_NAMESPACE {
                let left_out: Vec<&str> = all
                    .iter()
                    .filter(|name| !bundle.has(&format!("{FOLDER}{folder}/{name}.json")))
                    .map(String::as_str)
                    .collect();
                if let Some(first) = left_out.first() {
                    missing.push(Missing {
                        kind,
                        path: format!("{FOLDER}{folder}"),
                        reason: format!(
                            "{} of {} namespaces were not collected, such as {first}",
                            left_out.len(),
                            all.len()
                        ),
                    });
                }
            }
        }
    }
    missing
}

/// What a file of errors says is missing: a list of messages for a kind of the
/// cluster; messages by namespace for a kind of namespaces; and by definition
/// for custom resources.
fn failures(path: &str, text: &str) -> Vec<Missing> {
    let new = |kind, reason: String| Missing {
        kind,
        path: path.to_owned(),
        reason,
    };
    if path.starts_with("collector-errors/") {
        return vec![new("*", brief(text))];
    }
    if path == CUSTOM_ERRORS {
        let Ok(errors) = serde_json::from_str::<BTreeMap<String, Value>>(text) else {
            return resources::custom_kinds()
                .map(|kind| new(kind, brief(text)))
                .collect();
        };
        let of = |name: &str| resources::kind_of_definition(name.split('/').next()?);
        // What is no definition is a step on the way to all of them.
        let is_step = |name: &str| !name.contains('.') || name.contains(' ');
        let of_one = errors
            .iter()
            .filter_map(|(name, error)| Some(new(of(name)?, message(error))));
        let steps = errors.iter().filter(|(name, _)| is_step(name));
        let of_all = steps.flat_map(|(_, error)| {
            resources::custom_kinds().map(move |kind| new(kind, message(error)))
        });
        return of_one.chain(of_all).collect();
    }
    let name = path.strip_prefix(FOLDER).unwrap_or(path);
    let name = name.strip_suffix(ERRORS).unwrap_or(name);
    let kinds: Vec<&'static str> = match name {
        "nodes" => vec!["Node"],
        "namespaces" => BY_NAMESPACE.iter().map(|(_, _, kind)| *kind).collect(),
        "custom-resource-definitions" => resources::custom_kinds().collect(),
        folder => by_namespace(folder)
            .map(|(_, kind)| kind)
            .into_iter()
            .collect(),
    };
    let reason = match serde_json::from_str(text) {
        Ok(Value::Array(errors)) => errors.first().map(message),
        Ok(Value::Object(errors)) => errors
            .iter()
            .next()
            .map(|(namespace, error)| format!("namespace {namespace}: {}", message(error))),
        _ => Some(brief(text)),
    };
    let Some(reason) = reason else {
        return Vec::new();
    };
    kinds
        .into_iter()
        .map(|kind| new(kind, reason.clone()))
        .collect()
}

fn message(error: &Value) -> String {
    match error {
        Value::String(text) => brief(text),
        other => brief(&other.to_string()),
    }
}
