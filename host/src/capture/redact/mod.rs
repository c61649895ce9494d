//! Names and addresses of a captured cluster replaced by others, so that it
//! can be given away and still gives the same report.
//!
//! What is kept is what the [`schema`](super::schema) names, and in that only
//! numbers, times, versions and words that are known to be nobody's
//! ([`vocabulary`]). Addresses become others of the same structure
//! ([`addresses`]), and everything else becomes a name that tells nothing.

mod addresses;
mod names;
mod text;
mod vocabulary;

use std::collections::BTreeSet;

use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac};
use serde_json::{Map, Value};

use super::Captured;
use super::schema::{Class, IGNORE, Shape, fields};
use addresses::Addresses;
use names::Names;
use vocabulary::Vocabulary;

/// How many bytes a secret has to have.
const SHORTEST: usize = 16;
/// The most of a name that Cilium takes for a cluster's.
const LONGEST_CLUSTER_NAME: usize = 32;

/// What decides which replacements are made.
pub struct Key([u8; 32]);

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("a key for replacements has at least {SHORTEST} bytes, and this has {0}")]
    Short(usize),
    #[error("this machine gives no random numbers")]
    NoRandom,
}

/// A cluster with replacements.
pub struct Redacted {
    pub captured: Captured,
    /// Settings that were left out, because their keys are names.
    pub left_out: BTreeSet<String>,
    /// The names that were replaced.
    pub names: BTreeSet<String>,
}

impl Key {
    pub fn random() -> Result<Self, KeyError> {
        let mut key = [0; 32];
        SystemRandom::new()
            .fill(&mut key)
            .map_err(|_| KeyError::NoRandom)?;
        Ok(Self(key))
    }

    /// From a secret of any length.
    pub fn of(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() < SHORTEST {
            return Err(KeyError::Short(secret.len()));
        }
        let digest = digest::digest(&digest::SHA256, secret);
        let mut key = [0; 32];
        key.copy_from_slice(digest.as_ref());
        Ok(Self(key))
    }

    /// A key of its own for each purpose.
    fn derive(&self, purpose: &str) -> hmac::Key {
        let whole = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let derived = hmac::sign(&whole, purpose.as_bytes());
        hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref())
    }
}

/// Replaces names and addresses. `rules` are the names of the policy's rules,
/// which may stand in annotations.
pub fn redact(captured: &Captured, key: &Key, rules: &[String]) -> Redacted {
    let vocabulary = Vocabulary::new(rules);
    let objects: Vec<Value> = captured
        .documents
        .iter()
        .filter_map(|document| serde_json::from_str(document).ok())
        .collect();
    let mut names = Names::new(key);
    for object in &objects {
        if let (Some(fields), Some(object)) = (schema_of(object), object.as_object()) {
            note_fields(fields, object, &mut names, &vocabulary);
        }
    }
    let mut redactor = Redactor {
        addresses: Addresses::new(key),
        names,
        vocabulary: &vocabulary,
        left_out: BTreeSet::new(),
    };
    let documents = objects
        .into_iter()
        .filter_map(|object| redactor.object(object))
        .collect();
    let mut manifest = captured.manifest.clone();
    manifest.redacted = true;
    manifest.server.version = manifest
        .server
        .version
        .map(|version| redactor.version(&version));
    for kind in &mut manifest.kinds {
        kind.reason = kind.reason.take().map(|reason| redactor.text(&reason));
    }
    Redacted {
        names: redactor
            .names
            .all()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        left_out: redactor.left_out,
        captured: Captured {
            manifest,
            documents,
        },
    }
}

fn schema_of(object: &Value) -> Option<&'static [(&'static str, Shape)]> {
    fields(object.get("kind")?.as_str()?)
}

/// Notes which names there are, before anything is replaced: a name may stand
/// in a text of an object that comes before the one that bears it.
fn note_fields(
    fields: &[(&str, Shape)],
    object: &Map<String, Value>,
    names: &mut Names,
    vocabulary: &Vocabulary,
) {
    for (field, shape) in fields {
        if let Some(value) = object.get(*field) {
            note(shape, value, names, vocabulary);
        }
    }
}

fn note(shape: &Shape, value: &Value, names: &mut Names, vocabulary: &Vocabulary) {
    match (shape, value) {
        (Shape::Name(class), Value::String(name)) => names.note(name, *class, vocabulary),
        (Shape::Fields(fields), Value::Object(object)) => {
            note_fields(fields, object, names, vocabulary);
        }
        (Shape::List(shape), Value::Array(items)) => {
            for item in items {
                note(shape, item, names, vocabulary);
            }
        }
        (Shape::Settings, Value::Object(settings)) => {
            for (key, value) in settings {
                if let (true, Value::String(name)) = (is_cluster_name(key), value) {
                    names.note(name.trim(), Class::Cluster, vocabulary);
                }
            }
        }
        _ => {}
    }
}

/// `cluster-name` is Cilium's, `clusterName` AKO's.
fn is_cluster_name(key: &str) -> bool {
    matches!(key, "cluster-name" | "clusterName")
}

struct Redactor<'a> {
    addresses: Addresses,
    names: Names,
    vocabulary: &'a Vocabulary,
    left_out: BTreeSet<String>,
}

impl Redactor<'_> {
    /// None for an object that cannot be kept.
    fn object(&mut self, object: Value) -> Option<String> {
        let fields = schema_of(&object)?;
        let Value::Object(object) = object else {
            return None;
        };
        let mut replaced = Map::new();
        for head in ["apiVersion", "kind"] {
            replaced.insert(head.to_owned(), object.get(head)?.clone());
        }
        replaced.extend(self.fields(fields, object));
        Some(Value::Object(replaced).to_string())
    }

    fn fields(
        &mut self,
        fields: &[(&str, Shape)],
        mut object: Map<String, Value>,
    ) -> Map<String, Value> {
        let mut replaced = Map::new();
        for (field, shape) in fields {
            if let Some(value) = object.remove(*field) {
                replaced.insert((*field).to_owned(), self.value(shape, value));
            }
        }
        replaced
    }

    fn value(&mut self, shape: &Shape, value: Value) -> Value {
        match (shape, value) {
            (_, Value::String(text)) => Value::String(match shape {
                Shape::Name(class) => self.names.name(&text, *class, self.vocabulary),
                Shape::Version => self.version(&text),
                Shape::Image => self.image(&text),
                Shape::LabelKey => self.label_key(&text),
                _ => self.text(&text),
            }),
            (Shape::Fields(fields), Value::Object(object)) => {
                Value::Object(self.fields(fields, object))
            }
            (Shape::List(shape), Value::Array(items)) => items
                .into_iter()
                .map(|item| self.value(shape, item))
                .collect(),
            (Shape::Map(shape), Value::Object(entries)) => entries
                .into_iter()
                .map(|(key, value)| (self.text(&key), self.value(shape, value)))
                .collect(),
            (Shape::Labels, Value::Object(labels)) => labels
                .into_iter()
                .map(|(key, value)| (self.label_key(&key), self.value(&Shape::Text, value)))
                .collect(),
            (Shape::Annotations, Value::Object(annotations)) => annotations
                .into_iter()
                .map(|(name, value)| match value {
                    Value::String(text) if name == IGNORE => {
                        (name, self.suppressions(&text).into())
                    }
                    value => (name, self.value(&Shape::Text, value)),
                })
                .collect(),
            (Shape::Settings, Value::Object(settings)) => settings
                .into_iter()
                .filter_map(|(key, value)| self.setting(key, value))
                .collect(),
            // Of a type that nobody expects: the policy is to say so again.
            (_, Value::Array(items)) => items
                .into_iter()
                .map(|item| self.value(&Shape::Text, item))
                .collect(),
            (_, Value::Object(entries)) => entries
                .into_iter()
                .map(|(key, value)| (self.text(&key), self.value(&Shape::Text, value)))
                .collect(),
            (_, plain) => plain,
        }
    }

    /// None when the key is a name.
    fn setting(&mut self, key: String, value: Value) -> Option<(String, Value)> {
        if self.names.has(&key) || key.contains(':') || key.contains('/') {
            self.left_out
                .insert("settings whose keys are names".to_owned());
            return None;
        }
        let value = match value {
            Value::String(text) if is_cluster_name(&key) => self.cluster_name(&text).into(),
            Value::String(text) if key == "controllerVersion" => self.version(&text).into(),
            value => self.value(&Shape::Text, value),
        };
        Some((key, value))
    }

    /// What is no name for a cluster becomes none.
    fn cluster_name(&self, text: &str) -> String {
        let name = text.trim();
        let replaced = self.names.name(name, Class::Cluster, self.vocabulary);
        let is_letter_or_digit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_valid = name.len() <= LONGEST_CLUSTER_NAME
            && name.starts_with(is_letter_or_digit)
            && name.ends_with(is_letter_or_digit)
            && name.chars().all(|c| is_letter_or_digit(c) || c == '-');
        if is_valid || name.is_empty() || replaced == name {
            replaced
        } else {
            replaced + "_"
        }
    }
}
