//! From JSON text to objects: single objects, lists of any kind, arrays.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::text::Text;
use super::{Kind, Object};
use crate::report::{ObjectRef, Problem, Severity};

/// How many lists may be inside of each other. Nobody nests more than two; each
/// level reads what is in it once more.
const MAX_LISTS: usize = 4;

/// What one document held.
#[derive(Debug, Default)]
pub struct Contents {
    pub objects: Vec<Object>,
    /// Kinds that were there as a list, even an empty one.
    pub listed: Vec<Kind>,
    pub problems: Vec<Problem>,
}

impl Contents {
    /// Reads a document. Kinds that podroute does not read leave no trace.
    pub fn read(text: &str) -> Self {
        let mut contents = Self::default();
        contents.add(text, None, 0);
        contents
    }

    /// `inherited` is the apiVersion and kind of the surrounding typed list,
    /// whose items may carry none.
    fn add(&mut self, text: &str, inherited: Option<(&str, &str)>, depth: usize) {
        if depth > MAX_LISTS {
            return self.refuse(format!("lists inside of more than {MAX_LISTS} lists"));
        }
        let text = text.trim_ascii_start();
        if text.starts_with('[') {
            return match serde_json::from_str::<Vec<&RawValue>>(text) {
                Ok(items) => items
                    .iter()
                    .for_each(|item| self.add(item.get(), None, depth + 1)),
                Err(error) => self.refuse(format!("not JSON: {error}")),
            };
        }
        let head = match Head::peek(text) {
            Ok(head) => head,
            Err(error) => return self.refuse(format!("not JSON: {error}")),
        };
        let (api_version, kind) = match (&head.api_version, &head.kind, inherited) {
            (api_version, Some(kind), _) => (api_version.as_deref().unwrap_or(""), &**kind),
            (_, None, Some(inherited)) => inherited,
            (_, None, None) => return self.refuse("an object without `kind`".to_owned()),
        };
        match Kind::of(api_version, kind) {
            Some(kind) => self.add_object(kind, text),
            None => {
                if let Some(item_kind) = kind.strip_suffix("List") {
                    self.add_list(text, api_version, item_kind, depth);
                }
            }
        }
    }

    fn add_list(&mut self, text: &str, api_version: &str, item_kind: &str, depth: usize) {
        #[derive(Deserialize)]
        struct List<'a> {
            #[serde(borrow, default)]
            items: Option<Vec<&'a RawValue>>,
        }
        let list: List<'_> = match serde_json::from_str(text) {
            Ok(list) => list,
            Err(error) => return self.refuse(format!("a {item_kind}List that is broken: {error}")),
        };
        self.listed.extend(Kind::of(api_version, item_kind));
        let inherited = (!item_kind.is_empty()).then_some((api_version, item_kind));
        for item in list.items.unwrap_or_default() {
            self.add(item.get(), inherited, depth + 1);
        }
    }

    fn add_object(&mut self, kind: Kind, text: &str) {
        match kind.read(text) {
            Ok(object) if object.metadata().name.is_empty() => {
                self.refuse(format!("a {} without metadata.name", kind.name()));
            }
            Ok(object) => self.objects.push(object),
            Err(error) => self.problems.push(unreadable(kind, text, &error)),
        }
    }

    fn refuse(&mut self, message: String) {
        self.problems.push(Problem {
            object: None,
            severity: Severity::Error,
            message,
        });
    }
}

/// Says which object and field cannot be read, as well as can be told.
fn unreadable(kind: Kind, text: &str, error: &serde_json::Error) -> Problem {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Identity {
        metadata: Names,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Names {
        name: Option<String>,
        namespace: Option<String>,
    }
    let names = serde_json::from_str::<Identity>(text)
        .unwrap_or_default()
        .metadata;
    let (field, reason) = kind
        .explain(text)
        .unwrap_or_else(|| (String::new(), error.to_string()));
    // The position counts from the start of the object, which the reader of a
    // larger file does not see.
    let reason = match reason.rfind(" at line ") {
        Some(end) => reason[..end].to_owned(),
        None => reason,
    };
    match names.name {
        Some(name) => Problem {
            object: Some(ObjectRef {
                kind: kind.name().into(),
                namespace: names.namespace.filter(|namespace| !namespace.is_empty()),
                name,
                field: Some(field).filter(|field| field != "." && !field.is_empty()),
            }),
            severity: Severity::Error,
            message: format!("cannot be read: {reason}"),
        },
        None => Problem {
            object: None,
            severity: Severity::Error,
            message: format!("a {} that cannot be read: {field}: {reason}", kind.name()),
        },
    }
}

/// apiVersion and kind, read without looking at the rest: the API server
/// writes them first.
#[derive(Default)]
struct Head<'a> {
    api_version: Option<Text<'a>>,
    kind: Option<Text<'a>>,
}

impl<'a> Head<'a> {
    fn peek(text: &'a str) -> Result<Self, serde_json::Error> {
        let mut head = Self::default();
        let mut json = serde_json::Deserializer::from_str(text);
        match json.deserialize_map(HeadVisitor(&mut head)) {
            Ok(()) => Ok(head),
            // The visitor stops with an error of its own once it has both.
            Err(_) if head.api_version.is_some() && head.kind.is_some() => Ok(head),
            Err(error) => Err(error),
        }
    }
}

struct HeadVisitor<'h, 'a>(&'h mut Head<'a>);

impl<'de> Visitor<'de> for HeadVisitor<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Kubernetes object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match &*key {
                "apiVersion" => self.0.api_version = map.next_value()?,
                "kind" => self.0.kind = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            if self.0.api_version.is_some() && self.0.kind.is_some() {
                return Err(M::Error::custom("enough"));
            }
        }
        Ok(())
    }
}
