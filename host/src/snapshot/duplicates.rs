//! Keys that an object has twice. JSON and YAML forbid them, yet readers take
//! one of the two, and not all the same one: such an object says two things.

use std::borrow::Cow;
use std::collections::HashSet;

use memchr::{memchr2, memchr3};

/// From here on a set is faster than looking at all keys.
const MANY: usize = 24;

/// A key that is there twice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Duplicate<'a> {
    /// The second one, and what comes after it.
    pub(super) part: &'a str,
    pub(super) key: String,
}

/// The first key of a valid JSON text that its mapping has already. A text
/// before a colon is a key, of the mapping around it, and nothing else
/// matters: most of what `kubectl` prints is indentation.
pub(super) fn first(json: &str) -> Option<Duplicate<'_>> {
    let bytes = json.as_bytes();
    let mut open = Open::default();
    let mut at = 0;
    loop {
        at += memchr3(b'"', b'{', b'}', bytes.get(at..)?)?;
        match bytes.get(at)? {
            b'{' => open.enter(),
            b'}' => open.leave(),
            _ => {
                let end = end_of_text(bytes, at + 1)?;
                if is_before_colon(bytes.get(end + 1..)?)
                    && let Some(mapping) = open.last()
                {
                    let key = decoded(json.get(at..=end)?);
                    if mapping.has(&key) {
                        return Some(Duplicate {
                            part: json.get(at..)?,
                            key: key.into_owned(),
                        });
                    }
                    mapping.add(key);
                }
                at = end;
            }
        }
        at += 1;
    }
}

/// Where the quote is that ends a text.
fn end_of_text(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let found = at + memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(found) == Some(&b'"') {
            return Some(found);
        }
        at = found + 2;
    }
}

fn is_before_colon(rest: &[u8]) -> bool {
    rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// A key is the same key however it is written.
fn decoded(quoted: &str) -> Cow<'_, str> {
    let bare = quoted.get(1..quoted.len().saturating_sub(1));
    let escaped = quoted.contains('\\');
    match escaped.then(|| serde_json::from_str(quoted)) {
        Some(Ok(text)) => Cow::Owned(text),
        _ => Cow::Borrowed(bare.unwrap_or_default()),
    }
}

/// The mappings around a place.
#[derive(Default)]
struct Open<'a> {
    /// With those that have ended, which are used again.
    all: Vec<Mapping<'a>>,
    depth: usize,
}

impl<'a> Open<'a> {
    fn enter(&mut self) {
        if self.all.len() == self.depth {
            self.all.push(Mapping::default());
        }
        self.depth += 1;
        if let Some(last) = self.last() {
            last.few.clear();
            last.many.clear();
        }
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn last(&mut self) -> Option<&mut Mapping<'a>> {
        self.all.get_mut(self.depth.checked_sub(1)?)
    }
}

/// The keys of a mapping.
#[derive(Default)]
struct Mapping<'a> {
    few: Vec<(u64, Cow<'a, str>)>,
    many: HashSet<Cow<'a, str>>,
}

impl<'a> Mapping<'a> {
    fn has(&self, key: &str) -> bool {
        if self.many.is_empty() {
            let mark = mark(key);
            let mut few = self.few.iter();
            few.any(|(other, text)| *other == mark && text == key)
        } else {
            self.many.contains(key)
        }
    }

    fn add(&mut self, key: Cow<'a, str>) {
        if self.many.is_empty() && self.few.len() < MANY {
            self.few.push((mark(&key), key));
        } else {
            self.many.extend(self.few.drain(..).map(|(_, key)| key));
            self.many.insert(key);
        }
    }
}

/// The length and the end of a key, which tell nearly all keys of an object
/// apart: many begin alike.
fn mark(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let end = bytes.last_chunk::<7>().map_or_else(
        || {
            bytes
                .iter()
                .fold(0, |mark, byte| mark << 8 | u64::from(*byte))
        },
        |&[a, b, c, d, e, f, g]| u64::from_be_bytes([0, a, b, c, d, e, f, g]),
    );
    end | (bytes.len() as u64) << 56
}

#[cfg(test)]
mod tests {
    use super::first;

    fn key(json: &str) -> Option<String> {
        first(json).map(|duplicate| duplicate.key)
    }

    #[test]
    fn finds_keys_that_are_there_twice() {
        for (json, expected) in [
            (r#"{"a":1,"b":2}"#, None),
            (r#"{"a":1,"a":2}"#, Some("a")),
            (r#"{"a":{"a":1},"b":{"a":1}}"#, None),
            (r#"{"a":[{"b":1},{"b":1}],"c":{"d":"a","e":"a"}}"#, None),
            (r#"{"a":[{"b":1,"b":2}]}"#, Some("b")),
            (r#"{"a":"x, \"a\": y","b":"{\"b\":1,"}"#, None),
            (r#"{"a":1,"\u0061":2}"#, Some("a")),
            (r#"{"a\\":1,"a\\":2}"#, Some("a\\")),
            (r#"["a","a"]"#, None),
            (
                r#"{"a" :1,"b"
:2,"a" : 3}"#,
                Some("a"),
            ),
            (r#"{"a":["a","a",{"a":"a"}],"b":"a","a":0}"#, Some("a")),
            (
                r#"{"first-name":1,"other-name":2,"first-name":3}"#,
                Some("first-name"),
            ),
            (r#"{"a{":1,"}a":{"a{":2},"a{":3}"#, Some("a{")),
            ("{}", None),
            ("7", None),
        ] {
            assert_eq!(key(json).as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn finds_them_among_many() {
        let keys: Vec<_> = (0..1000).map(|key| format!("\"k{key}\":0")).collect();
        let json = format!("{{{}}}", keys.join(","));
        assert_eq!(key(&json), None);
        let json = format!("{{{},\"k3\":1}}", keys.join(","));
        assert_eq!(key(&json).as_deref(), Some("k3"));
        assert_eq!(first(&json).unwrap().part, "\"k3\":1}");
    }
}
