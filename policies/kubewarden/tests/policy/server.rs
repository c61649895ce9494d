//! A policy server with its API server: it answers `list_resources_all` as
//! Kubewarden's policy-evaluator does.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::yaml;

#[derive(Debug, Default)]
pub(crate) struct PolicyServer {
    objects: Vec<Value>,
    /// Kinds that may not be listed, and what is said of them.
    refused: BTreeMap<String, String>,
    /// What is sent whatever the question, if anything.
    nonsense: Option<Vec<u8>>,
    sends_everything: bool,
    asked: Mutex<Vec<Exchange>>,
}

/// A question and its answer.
pub(crate) type Exchange = (Question, Result<String, String>);

/// Kubewarden's `ListAllResourcesRequest`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) label_selector: Option<String>,
    pub(crate) field_selector: Option<String>,
    pub(crate) disable_cache: bool,
    pub(crate) field_masks: Option<Vec<String>>,
}

impl PolicyServer {
    pub(crate) fn of(objects: Vec<Value>) -> Self {
        Self {
            objects,
            ..Self::default()
        }
    }

    pub(crate) fn refusing(mut self, kind: &str, message: &str) -> Self {
        self.refused.insert(kind.to_owned(), message.to_owned());
        self
    }

    pub(crate) fn answering(nonsense: &[u8]) -> Self {
        Self {
            nonsense: Some(nonsense.to_vec()),
            ..Self::default()
        }
    }

    /// One that is too old to know of field masks.
    pub(crate) fn sending_everything(mut self) -> Self {
        self.sends_everything = true;
        self
    }

    pub(crate) fn list(&self, question: &[u8]) -> Result<Vec<u8>, String> {
        if let Some(nonsense) = &self.nonsense {
            return Ok(nonsense.clone());
        }
        let question: Question = serde_json::from_slice(question).unwrap();
        let answer = self.answer(&question);
        let exchange = (question, answer.clone());
        self.asked.lock().unwrap().push(exchange);
        answer.map(String::into_bytes)
    }

    /// What was asked so far: `v1/Node`, `v1/ConfigMap metadata.name=...`.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let line = |(question, _): &Exchange| {
            let kind = format!("{}/{}", question.api_version, question.kind);
            match &question.field_selector {
                Some(selector) => format!("{kind} {selector}"),
                None => kind,
            }
        };
        asked.iter().map(line).collect()
    }

    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.asked.lock().unwrap().clone()
    }

    fn answer(&self, question: &Question) -> Result<String, String> {
        let Question {
            api_version, kind, ..
        } = question;
        if !is_granted(api_version, kind) {
            return Err(format!(
                "Policy has not been granted access to Kubernetes {api_version}/{kind} resources. The violation has been reported."
            ));
        }
        if let Some(message) = self.refused.get(kind) {
            return Err(format!("Callback evaluation failure: {message}"));
        }
        let built_in = matches!(api_version.as_str(), "v1" | "apps/v1");
        let of_version = |one: &&Value| one["apiVersion"] == **api_version;
        let of_kind = |one: &&Value| one["kind"] == **kind;
        if !built_in && !self.objects.iter().any(|one| of_version(&one)) {
            return Err(format!(
                "Callback evaluation failure: error finding resource {api_version} / {kind}: ApiError: \"404 page not found\\n\": Failed to parse error data (ErrorResponse {{ status: \"404 Not Found\", code: 404 }})"
            ));
        }
        let found: Vec<&Value> = self
            .objects
            .iter()
            .filter(of_version)
            .filter(of_kind)
            .collect();
        if !built_in && found.is_empty() {
            return Err(format!(
                "Callback evaluation failure: Cannot find resource {api_version}/{kind}"
            ));
        }
        let items: Vec<Value> = found
            .into_iter()
            .filter(|one| question.selects(one))
            .map(|one| self.sent(one, question))
            .collect();
        let kind = format!("{kind}List");
        let list = json!({
            "apiVersion": api_version, "kind": kind, "metadata": {}, "items": items,
        });
        Ok(list.to_string())
    }

    /// An object as it stands in a list: without its type, and cut down to the
    /// fields that were asked for.
    fn sent(&self, object: &Value, question: &Question) -> Value {
        let mut object = object.as_object().unwrap().clone();
        object.remove("apiVersion");
        object.remove("kind");
        let masks = match &question.field_masks {
            Some(masks) if !self.sends_everything && !masks.is_empty() => masks,
            _ => return object.into(),
        };
        let metadata = object.remove("metadata").unwrap();
        let paths: Vec<Vec<&str>> = masks.iter().map(|mask| mask.split('.').collect()).collect();
        let mut cut = cut_down(&object, &paths);
        cut.insert("metadata".to_owned(), metadata);
        cut.into()
    }
}

impl Question {
    fn selects(&self, object: &Value) -> bool {
        assert_eq!(self.label_selector, None);
        self.field_selector.as_ref().is_none_or(|selector| {
            let name = selector.strip_prefix("metadata.name=").unwrap();
            object["metadata"]["name"] == name
        })
    }
}

/// The fields that paths lead to, with everything below.
fn cut_down(object: &Map<String, Value>, paths: &[Vec<&str>]) -> Map<String, Value> {
    let mut kept = Map::new();
    for (key, value) in object {
        let below: Vec<Vec<&str>> = paths
            .iter()
            .filter(|path| path[0] == key)
            .map(|path| path[1..].to_vec())
            .collect();
        if below.iter().any(Vec::is_empty) {
            kept.insert(key.clone(), value.clone());
        } else if !below.is_empty() {
            kept.insert(key.clone(), cut_down_value(value, &below));
        }
    }
    kept
}

/// A path goes through arrays as if they were not there.
fn cut_down_value(value: &Value, paths: &[Vec<&str>]) -> Value {
    match value {
        Value::Object(object) => cut_down(object, paths).into(),
        Value::Array(items) => items
            .iter()
            .map(|item| cut_down_value(item, paths))
            .collect(),
        scalar => scalar.clone(),
    }
}

/// What metadata.yml asks for access to.
static GRANTED: LazyLock<Value> = LazyLock::new(|| {
    let metadata = yaml::documents(&yaml::own("metadata.yml")).remove(0);
    metadata["contextAwareResources"].clone()
});

fn is_granted(api_version: &str, kind: &str) -> bool {
    let resource = json!({"apiVersion": api_version, "kind": kind});
    GRANTED.as_array().unwrap().contains(&resource)
}
