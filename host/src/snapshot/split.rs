//! From a JSON document to single objects, whatever list they come in.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::ObjectId;

/// How many lists may be inside of each other. Nobody nests more than two; each
/// level reads what is in it once more.
const MAX_LISTS: usize = 4;

/// What was found in one file.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) objects: Vec<Object>,
    pub(super) listed_kinds: BTreeSet<String>,
    /// Lines of documents that are no Kubernetes objects.
    pub(super) not_kubernetes: Vec<usize>,
    /// How many Secrets were left out.
    pub(super) secrets: usize,
    /// Line and message.
    pub(super) errors: Vec<(usize, String)>,
}

/// One object, complete with apiVersion and kind.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) id: ObjectId,
    pub(super) line: usize,
    pub(super) json: String,
}

/// The parts of a document by which it is told what it is.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    api_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    kind: Option<Cow<'a, str>>,
    metadata: Option<Metadata>,
    #[serde(borrow)]
    items: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    name: Option<String>,
    namespace: Option<String>,
}

/// apiVersion and kind of a typed list's items, which may carry none.
#[derive(Clone, Copy)]
struct Inherited<'a> {
    api_version: &'a str,
    kind: &'a str,
}

impl Found {
    /// Adds a JSON document. `line_of` tells the line of a part of it.
    pub(super) fn add(&mut self, json: &str, line_of: &mut dyn FnMut(&str) -> usize) {
        self.add_value(json, None, 0, line_of);
    }

    fn add_value(
        &mut self,
        json: &str,
        inherited: Option<Inherited<'_>>,
        depth: usize,
        line_of: &mut dyn FnMut(&str) -> usize,
    ) {
        if depth > MAX_LISTS {
            let message = format!("has lists inside of more than {MAX_LISTS} lists");
            return self.errors.push((line_of(json), message));
        }
        if json.starts_with('[') {
            return self.add_items(json, None, depth, line_of);
        }
        if json == "null" {
            return;
        }
        let line = line_of(json);
        let envelope: Envelope<'_> = match serde_json::from_str(json) {
            Ok(envelope) => envelope,
            Err(_) if !json.starts_with('{') => return self.not_kubernetes.push(line),
            Err(error) => return self.errors.push((line, without_position(&error))),
        };
        let kind = envelope.kind.as_deref().or(inherited.map(|list| list.kind));
        match (kind, envelope.items) {
            (None, _) => self.not_kubernetes.push(line),
            (Some("Secret"), _) => self.secrets += 1,
            (Some(kind), items) if kind.ends_with("List") => {
                let item_kind = kind.strip_suffix("List").unwrap_or_default();
                let inherited = (!item_kind.is_empty()).then_some(Inherited {
                    api_version: envelope.api_version.as_deref().unwrap_or("v1"),
                    kind: item_kind,
                });
                if !item_kind.is_empty() {
                    self.listed_kinds.insert(item_kind.to_owned());
                }
                if let Some(items) = items {
                    self.add_items(items.get(), inherited, depth, line_of);
                }
            }
            (Some(kind), _) => {
                let metadata = envelope.metadata.unwrap_or_default();
                let id = (
                    kind.to_owned(),
                    metadata.namespace.unwrap_or_default(),
                    metadata.name.unwrap_or_default(),
                );
                self.objects.push(Object {
                    id,
                    line,
                    json: match (&envelope.kind, inherited) {
                        (None, Some(list)) => list.complete(json),
                        _ => json.to_owned(),
                    },
                });
            }
        }
    }

    fn add_items(
        &mut self,
        json: &str,
        inherited: Option<Inherited<'_>>,
        depth: usize,
        line_of: &mut dyn FnMut(&str) -> usize,
    ) {
        match serde_json::from_str::<Vec<&RawValue>>(json) {
            Ok(items) => {
                for item in items {
                    self.add_value(item.get(), inherited, depth + 1, line_of);
                }
            }
            Err(error) => {
                let line = line_of(json);
                self.errors
                    .push((line, format!("items: {}", without_position(&error))));
            }
        }
    }
}

impl Inherited<'_> {
    /// The item with the list's apiVersion and kind put in front.
    fn complete(self, item: &str) -> String {
        let (api_version, kind) = (
            serde_json::Value::from(self.api_version),
            serde_json::Value::from(self.kind),
        );
        let rest = item.strip_prefix('{').unwrap_or(item);
        let comma = if rest.trim_start().starts_with('}') {
            ""
        } else {
            ","
        };
        format!("{{\"apiVersion\":{api_version},\"kind\":{kind}{comma}{rest}")
    }
}

/// Positions count from the start of the part that was parsed, which the
/// reader of the file does not see.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::Found;

    fn split(json: &str) -> Found {
        let mut found = Found::default();
        found.add(json, &mut |_| 1);
        found
    }

    fn names(found: &Found) -> Vec<String> {
        found
            .objects
            .iter()
            .map(|object| format!("{} {}", object.id.0, object.id.2))
            .collect()
    }

    #[test]
    fn unwraps_every_kind_of_list() {
        let node = r#"{"kind":"Node","metadata":{"name":"a"}}"#;
        for json in [
            node.to_owned(),
            format!("[{node}]"),
            format!(r#"{{"kind":"List","items":[{node}]}}"#),
            r#"{"apiVersion":"v1","items":[{"metadata":{"name":"a"}}],"kind":"NodeList"}"#
                .to_owned(),
            format!(r#"{{"kind":"List","items":[{{"kind":"NodeList","items":[{node}]}}]}}"#),
        ] {
            assert_eq!(names(&split(&json)), ["Node a"], "{json}");
        }
    }

    #[test]
    fn items_of_typed_lists_get_their_kind() {
        let found = split(
            r#"{"apiVersion":"cilium.io/v2","kind":"CiliumNodeList","items":[{},{"spec":{}}]}"#,
        );
        assert_eq!(
            found.objects[0].json,
            r#"{"apiVersion":"cilium.io/v2","kind":"CiliumNode"}"#
        );
        assert_eq!(
            found.objects[1].json,
            r#"{"apiVersion":"cilium.io/v2","kind":"CiliumNode","spec":{}}"#
        );
        assert!(found.listed_kinds.contains("CiliumNode"));
    }

    #[test]
    fn an_empty_typed_list_is_still_a_list() {
        let found = split(r#"{"kind":"ServiceList","items":null}"#);
        assert!(found.listed_kinds.contains("Service"));
        assert!(found.errors.is_empty());
    }

    #[test]
    fn secrets_stay_outside() {
        let found = split(
            r#"{"kind":"List","items":[{"kind":"Secret","data":{"p":"eA=="}},{"kind":"SecretList","items":[{"data":{}}]}]}"#,
        );
        assert_eq!((found.secrets, found.objects.len()), (2, 0));
    }

    #[test]
    fn what_is_no_object_is_counted() {
        assert_eq!(split(r#"{"ipam":{"mode":"x"}}"#).not_kubernetes, [1]);
        assert_eq!(split("7").not_kubernetes, [1]);
        assert_eq!(split("null").not_kubernetes, Vec::<usize>::new());
    }
}
