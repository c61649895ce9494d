//! What tells what a JSON document is: apiVersion, kind, metadata, items.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The outside of a JSON document.
#[derive(Debug)]
pub(super) enum Envelope<'a> {
    Null,
    /// The elements of an array.
    Array(Vec<&'a RawValue>),
    Object(Head<'a>),
    /// A number, a text, true or false.
    Scalar,
}

/// What an object says of itself.
#[derive(Debug, Default)]
pub(super) struct Head<'a> {
    pub(super) api_version: Option<Text<'a>>,
    pub(super) kind: Option<Text<'a>>,
    /// Whether apiVersion or kind is there, be it null.
    pub(super) has_type: bool,
    pub(super) metadata: Option<Metadata>,
    /// None without any; an error when they are no list.
    pub(super) items: Option<Result<Vec<&'a RawValue>, String>>,
}

/// A text, borrowed where it has no escapes.
#[derive(Debug, Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) name: Option<String>,
    pub(super) namespace: Option<String>,
}

/// The keys that are looked at.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Key {
    ApiVersion,
    Kind,
    Metadata,
    Items,
    #[serde(other)]
    Other,
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> Head<'a> {
    /// Reads an object as far as it takes to know what it is: all of it for a
    /// list, little of anything else that the API server wrote.
    pub(super) fn peek(json: &'a str) -> Result<Self, serde_json::Error> {
        let mut head = Self::default();
        let mut deserializer = serde_json::Deserializer::from_str(json);
        match deserializer.deserialize_map(HeadVisitor {
            head: &mut head,
            is_hasty: true,
            cut_out: None,
        }) {
            Ok(()) => Ok(head),
            // The visitor stops with an error of its own when it has enough.
            Err(_) if head.is_enough() => Ok(head),
            Err(error) => Err(error),
        }
    }

    fn is_enough(&self) -> bool {
        let is_list = self
            .kind
            .as_ref()
            .is_some_and(|kind| kind.ends_with("List"));
        self.api_version.is_some() && self.kind.is_some() && self.metadata.is_some() && !is_list
    }
}

struct HeadVisitor<'h, 'c, 'a> {
    head: &'h mut Head<'a>,
    /// Whether to stop as soon as it is clear what the object is.
    is_hasty: bool,
    /// Takes the items as they come; None: they are kept.
    cut_out: Option<CutOut<'c, 'a>>,
}

type CutOut<'c, 'a> = &'c mut dyn FnMut(&'a RawValue);

impl<'de> Visitor<'de> for HeadVisitor<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Kubernetes object")
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut map: M) -> Result<(), M::Error> {
        let head = self.head;
        while let Some(key) = map.next_key()? {
            head.has_type |= matches!(key, Key::ApiVersion | Key::Kind);
            match key {
                Key::ApiVersion => once(&mut head.api_version, "apiVersion", &mut map)?,
                Key::Kind => once(&mut head.kind, "kind", &mut map)?,
                Key::Metadata => once(&mut head.metadata, "metadata", &mut map)?,
                Key::Items if head.items.is_none() => {
                    let cut_out = self.cut_out.take();
                    head.items = map.next_value_seed(Items { cut_out })?;
                }
                Key::Items => return Err(M::Error::duplicate_field("items")),
                Key::Other => _ = map.next_value::<IgnoredAny>()?,
            }
            if self.is_hasty && head.is_enough() {
                return Err(M::Error::custom("enough"));
            }
        }
        Ok(())
    }
}

fn once<'de, T: Deserialize<'de>, M: MapAccess<'de>>(
    place: &mut Option<T>,
    name: &'static str,
    map: &mut M,
) -> Result<(), M::Error> {
    if place.is_some() {
        return Err(M::Error::duplicate_field(name));
    }
    *place = map.next_value()?;
    Ok(())
}

/// A derived reader would take a list, too, element by element.
impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(MetadataVisitor)
    }
}

struct MetadataVisitor;

impl<'de> Visitor<'de> for MetadataVisitor {
    type Value = Metadata;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("metadata")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Metadata, M::Error> {
        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "camelCase")]
        enum Key {
            Name,
            Namespace,
            #[serde(other)]
            Other,
        }
        let mut metadata = Metadata::default();
        while let Some(key) = map.next_key()? {
            match key {
                Key::Name => once(&mut metadata.name, "name", &mut map)?,
                Key::Namespace => once(&mut metadata.namespace, "namespace", &mut map)?,
                Key::Other => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(metadata)
    }
}

/// The elements of `items`; what is no list does not spoil the rest.
struct Items<'c, 'a> {
    cut_out: Option<CutOut<'c, 'a>>,
}

impl<'de> DeserializeSeed<'de> for Items<'_, 'de> {
    type Value = Option<Result<Vec<&'de RawValue>, String>>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        let visitor = EnvelopeVisitor {
            cut_out: self.cut_out,
            is_inside: true,
        };
        Ok(match json.deserialize_any(visitor)? {
            Envelope::Null => None,
            Envelope::Array(items) => Some(Ok(items)),
            Envelope::Object(_) => Some(Err("a mapping where a list is expected".to_owned())),
            Envelope::Scalar => Some(Err("a single value where a list is expected".to_owned())),
        })
    }
}

/// Reads a document's outside, and has the items of a list taken out of it as
/// they come.
pub(super) struct Outside<'c, 'a> {
    pub(super) cut_out: CutOut<'c, 'a>,
}

impl<'de> DeserializeSeed<'de> for Outside<'_, 'de> {
    type Value = Envelope<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(EnvelopeVisitor {
            cut_out: Some(self.cut_out),
            is_inside: false,
        })
    }
}

impl<'de> Deserialize<'de> for Envelope<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(EnvelopeVisitor {
            cut_out: None,
            is_inside: false,
        })
    }
}

struct EnvelopeVisitor<'c, 'a> {
    cut_out: Option<CutOut<'c, 'a>>,
    /// Whether this is what `items` stands for.
    is_inside: bool,
}

impl<'de> Visitor<'de> for EnvelopeVisitor<'_, 'de> {
    type Value = Envelope<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Envelope::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Envelope::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Envelope::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Envelope::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Envelope::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Envelope::Scalar)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
        let mut elements = Vec::new();
        match self.cut_out {
            Some(cut_out) if self.is_inside => {
                while let Some(element) = list.next_element()? {
                    cut_out(element);
                }
            }
            _ => {
                while let Some(element) = list.next_element()? {
                    elements.push(element);
                }
            }
        }
        Ok(Envelope::Array(elements))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut head = Head::default();
        if self.is_inside {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Envelope::Object(head));
        }
        HeadVisitor {
            head: &mut head,
            is_hasty: false,
            cut_out: self.cut_out,
        }
        .visit_map(map)?;
        Ok(Envelope::Object(head))
    }
}

#[cfg(test)]
mod tests {
    use super::Head;

    #[test]
    fn metadata_are_a_mapping() {
        let named = Head::peek(r#"{"kind":"Node","metadata":{"uid":"u","name":"a"}}"#).unwrap();
        let metadata = named.metadata.unwrap();
        assert_eq!(metadata.name.as_deref(), Some("a"));
        for odd in [r#"["a"]"#, r#""a""#, "7"] {
            let json = format!(r#"{{"kind":"Node","metadata":{odd}}}"#);
            assert!(Head::peek(&json).is_err(), "{odd}");
        }
    }

    /// The rest of an object is not looked at once it is clear what it is.
    #[test]
    fn reads_no_further_than_it_has_to() {
        let head = Head::peek(r#"{"apiVersion":"v1","kind":"Node","metadata":{},"spec":BROKEN"#);
        assert_eq!(head.unwrap().kind.as_deref(), Some("Node"));
        assert!(Head::peek(r#"{"kind":"Node","metadata":{},"spec":BROKEN"#).is_err());
    }
}
