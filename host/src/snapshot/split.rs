//! From a JSON document to single objects, whatever list they come in.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::{RawValue, to_raw_value};

use super::envelope::{Envelope, Head};
use super::limits::in_words;
use super::{ObjectId, duplicates};

/// How many lists may be inside of each other. Nobody nests more than two; each
/// level reads what is in it once more.
const MAX_LISTS: usize = 4;

/// How many bytes an object may have. etcd takes 1.5 MiB unless somebody has
/// raised that (`--max-request-bytes`).
const MAX_OBJECT: usize = 32 << 20;

/// What was found in one file, besides objects.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) listed_kinds: BTreeSet<String>,
    /// Lines of documents that are no Kubernetes objects.
    pub(super) not_kubernetes: Vec<usize>,
    /// How many Secrets were left out.
    pub(super) secrets: usize,
    /// Line and message.
    pub(super) errors: Vec<(usize, String)>,
}

/// One object.
#[derive(Debug)]
pub(super) struct Object<'a> {
    pub(super) id: ObjectId,
    pub(super) line: usize,
    /// Complete with apiVersion and kind.
    pub(super) json: Cow<'a, str>,
}

/// Takes documents apart.
pub(super) struct Splitter<'s> {
    found: Found,
    hand_on: &'s mut dyn FnMut(Object<'_>),
}

/// apiVersion and kind of a typed list's items, which may carry none.
#[derive(Clone, Copy)]
pub(super) struct Inherited<'a> {
    api_version: &'a str,
    kind: &'a str,
}

/// Tells the line on which a part of a text starts.
pub(super) type LineOf<'l> = dyn FnMut(&str) -> usize + 'l;

impl<'s> Splitter<'s> {
    /// Objects are handed on as they are found.
    pub(super) fn new(hand_on: &'s mut dyn FnMut(Object<'_>)) -> Self {
        Self {
            found: Found::default(),
            hand_on,
        }
    }

    pub(super) fn finish(self) -> Found {
        self.found
    }

    pub(super) fn error(&mut self, line: usize, message: String) {
        self.found.errors.push((line, message));
    }

    /// Adds a document that was read as far as its outside.
    pub(super) fn add(&mut self, json: &str, envelope: Envelope<'_>, line_of: &mut LineOf<'_>) {
        match envelope {
            Envelope::Null => {}
            Envelope::Scalar => self.found.not_kubernetes.push(line_of(json)),
            Envelope::Array(items) => self.add_items(&items, None, 0, line_of),
            Envelope::Object(head) => self.add_object(json, head, None, 0, line_of),
        }
    }

    /// Adds a document.
    pub(super) fn add_text(&mut self, json: &str, line_of: &mut LineOf<'_>) {
        match serde_json::from_str(json) {
            Ok(envelope) => self.add(json, envelope, line_of),
            Err(error) => self.error(line_of(json), without_position(&error)),
        }
    }

    /// Adds an element of a list.
    pub(super) fn add_item(
        &mut self,
        json: &str,
        inherited: Option<Inherited<'_>>,
        depth: usize,
        line_of: &mut LineOf<'_>,
    ) {
        match json.as_bytes().first() {
            Some(b'{') => match Head::peek(json) {
                Ok(head) => self.add_object(json, head, inherited, depth, line_of),
                Err(error) => self.error(line_of(json), without_position(&error)),
            },
            Some(b'[') if depth <= MAX_LISTS => match serde_json::from_str::<Vec<_>>(json) {
                Ok(items) => self.add_items(&items, None, depth, line_of),
                Err(error) => self.error(line_of(json), without_position(&error)),
            },
            Some(b'[') => self.too_deep(json, line_of),
            _ if json == "null" => {}
            _ => self.found.not_kubernetes.push(line_of(json)),
        }
    }

    /// Adds an object, or a list, of which the head was read.
    pub(super) fn add_object(
        &mut self,
        json: &str,
        head: Head<'_>,
        inherited: Option<Inherited<'_>>,
        depth: usize,
        line_of: &mut LineOf<'_>,
    ) {
        let kind = head.kind.as_deref().or(inherited.map(|list| list.kind));
        match kind {
            None => self.found.not_kubernetes.push(line_of(json)),
            Some("Secret") => self.found.secrets += 1,
            Some(kind) => match kind.strip_suffix("List") {
                Some(_) if depth > MAX_LISTS => self.too_deep(json, line_of),
                Some(item_kind) => {
                    let inherited = self.list_of(item_kind, head.api_version.as_deref());
                    match head.items {
                        None => {}
                        Some(Ok(items)) => self.add_items(&items, inherited, depth, line_of),
                        Some(Err(message)) => {
                            self.error(line_of(json), format!("items: {message}"));
                        }
                    }
                }
                None if json.len() > MAX_OBJECT => {
                    let limit = in_words(MAX_OBJECT as u64);
                    let message = format!(
                        "is an object of more than {limit}: no API server keeps such a one"
                    );
                    self.error(line_of(json), message);
                }
                None => {
                    if let Some(twice) = duplicates::first(json) {
                        let message = format!(
                            "has the key `{}` twice; which of the two counts is for nobody to guess",
                            twice.key
                        );
                        return self.error(line_of(twice.part), message);
                    }
                    let completed = match (&head.kind, inherited) {
                        (None, Some(list)) => list.complete(json, &head).map(Cow::Owned),
                        _ => Ok(Cow::Borrowed(json)),
                    };
                    let completed = match completed {
                        Ok(completed) => completed,
                        Err(error) => return self.error(line_of(json), without_position(&error)),
                    };
                    let metadata = head.metadata.unwrap_or_default();
                    let id = (
                        kind.to_owned(),
                        metadata.namespace.unwrap_or_default(),
                        metadata.name.unwrap_or_default(),
                    );
                    (self.hand_on)(Object {
                        id,
                        line: line_of(json),
                        json: completed,
                    });
                }
            },
        }
    }

    /// Notes a list, and what its items need not say themselves.
    pub(super) fn list_of<'k>(
        &mut self,
        item_kind: &'k str,
        api_version: Option<&'k str>,
    ) -> Option<Inherited<'k>> {
        if item_kind.is_empty() {
            return None;
        }
        self.found.listed_kinds.insert(item_kind.to_owned());
        Some(Inherited {
            api_version: api_version.unwrap_or("v1"),
            kind: item_kind,
        })
    }

    fn add_items(
        &mut self,
        items: &[&RawValue],
        inherited: Option<Inherited<'_>>,
        depth: usize,
        line_of: &mut LineOf<'_>,
    ) {
        for item in items {
            self.add_item(item.get(), inherited, depth + 1, line_of);
        }
    }

    fn too_deep(&mut self, json: &str, line_of: &mut LineOf<'_>) {
        let message = format!("has lists inside of more than {MAX_LISTS} lists");
        self.error(line_of(json), message);
    }
}

impl Inherited<'_> {
    /// The item, which has no kind, with the list's; and with the list's
    /// apiVersion, unless it has one.
    fn complete(self, item: &str, head: &Head<'_>) -> Result<String, serde_json::Error> {
        let (api_version, kind) = (to_raw_value(self.api_version)?, to_raw_value(self.kind)?);
        if head.has_type {
            let mut object: BTreeMap<String, &RawValue> = serde_json::from_str(item)?;
            object.insert("kind".to_owned(), &kind);
            if head.api_version.is_none() {
                object.insert("apiVersion".to_owned(), &api_version);
            }
            return serde_json::to_string(&object);
        }
        let rest = item.strip_prefix('{').unwrap_or(item);
        let comma = if rest.trim_start().starts_with('}') {
            ""
        } else {
            ","
        };
        Ok(format!(
            "{{\"apiVersion\":{api_version},\"kind\":{kind}{comma}{rest}"
        ))
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
    use super::{Found, Splitter};

    /// The objects, and what else was found.
    fn split(json: &str) -> (Vec<String>, Found) {
        let mut objects = Vec::new();
        let mut hand_on = |object: super::Object<'_>| objects.push(object.json.into_owned());
        let mut splitter = Splitter::new(&mut hand_on);
        splitter.add_text(json, &mut |_| 1);
        let found = splitter.finish();
        (objects, found)
    }

    #[test]
    fn unwraps_every_kind_of_list() {
        let node = r#"{"kind":"Node","metadata":{"name":"a"}}"#;
        for json in [
            node.to_owned(),
            format!("[{node}]"),
            format!("[[{node}]]"),
            format!(r#"{{"kind":"List","items":[{node}]}}"#),
            format!(r#"{{"kind":"NodeList","items":[{node}]}}"#),
            format!(r#"{{"kind":"List","items":[{{"kind":"NodeList","items":[{node}]}}]}}"#),
        ] {
            assert_eq!(split(&json).0, [node], "{json}");
        }
    }

    #[test]
    fn items_of_typed_lists_get_their_kind() {
        let (objects, found) = split(
            r#"{"apiVersion":"cilium.io/v2","items":[{},{"spec":{}}],"kind":"CiliumNodeList"}"#,
        );
        assert_eq!(
            objects,
            [
                r#"{"apiVersion":"cilium.io/v2","kind":"CiliumNode"}"#,
                r#"{"apiVersion":"cilium.io/v2","kind":"CiliumNode","spec":{}}"#
            ]
        );
        assert!(found.listed_kinds.contains("CiliumNode"));
    }

    #[test]
    fn what_an_item_says_itself_stays() {
        let (objects, found) = split(
            r#"{"apiVersion":"v1","kind":"NodeList","items":[{"apiVersion":"v2","spec":{}},{"spec":{},"kind":null,"apiVersion":null}]}"#,
        );
        assert_eq!(
            objects,
            [
                r#"{"apiVersion":"v2","kind":"Node","spec":{}}"#,
                r#"{"apiVersion":"v1","kind":"Node","spec":{}}"#
            ]
        );
        assert_eq!(found.errors, []);
    }

    #[test]
    fn an_empty_typed_list_is_still_a_list() {
        let (_, found) = split(r#"{"kind":"ServiceList","items":null}"#);
        assert!(found.listed_kinds.contains("Service"));
        assert!(found.errors.is_empty());
    }

    #[test]
    fn what_is_no_list_is_said() {
        for items in ["{}", "7", "\"none\""] {
            let (_, found) = split(&format!(r#"{{"kind":"NodeList","items":{items}}}"#));
            assert!(found.errors[0].1.starts_with("items: a "), "{items}");
        }
    }

    #[test]
    fn what_is_too_large_for_an_object_is_refused() {
        let large = format!(r#"{{"kind":"Node","a":"{}"}}"#, "a".repeat(32 << 20));
        let (objects, found) = split(&format!(
            r#"{{"kind":"List","items":[{large},{{"kind":"Pod"}}]}}"#
        ));
        assert_eq!(objects, [r#"{"kind":"Pod"}"#]);
        assert_eq!(
            found.errors[0].1,
            "is an object of more than 32 MiB: no API server keeps such a one"
        );
    }

    #[test]
    fn secrets_stay_outside() {
        let (objects, found) = split(
            r#"{"kind":"List","items":[{"kind":"Secret","data":{"p":"eA=="}},{"kind":"SecretList","items":[{"data":{}}]}]}"#,
        );
        assert_eq!((found.secrets, objects.len()), (2, 0));
    }

    #[test]
    fn what_is_no_object_is_counted() {
        assert_eq!(split(r#"{"ipam":{"mode":"x"}}"#).1.not_kubernetes, [1]);
        assert_eq!(split("7").1.not_kubernetes, [1]);
        assert_eq!(split("null").1.not_kubernetes, Vec::<usize>::new());
    }

    #[test]
    fn lists_are_not_followed_for_ever() {
        let json = format!("{}{}", "[".repeat(100), "]".repeat(100));
        let (_, found) = split(&json);
        assert_eq!(found.errors.len(), 1);
        assert!(found.errors[0].1.contains("more than 4 lists"));
    }
}
