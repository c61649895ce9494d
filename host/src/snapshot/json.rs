//! JSON files: one document or several, one after the other.

use std::cell::RefCell;

use serde::de::{DeserializeSeed, IgnoredAny};
use serde_json::value::RawValue;

use super::envelope::{Envelope, Outside};
use super::items::{Items, Text};
use super::split::Splitter;
use super::yaml;

/// Whether a file is to be read as JSON: by its name, else by its first
/// character.
pub(super) fn looks_like(name: &str, text: &str) -> bool {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    match name.rsplit_once('.') {
        Some((_, "json")) => true,
        Some((_, "yaml" | "yml")) => false,
        _ => text.trim_start().starts_with(['{', '[']),
    }
}

/// Reads JSON documents. After a syntax error nothing more of the file can be
/// read, but what came before it is.
pub(super) fn read(text: &str, splitter: &mut Splitter<'_>) {
    let lines = RefCell::new(Lines::new(text));
    let part = |json| Part {
        json,
        lines: &lines,
    };
    let mut rest = text;
    while !rest.trim_start().is_empty() {
        let is_whole = rest.len() == text.len();
        let mut items = Items::default();
        let read = outside(rest, &mut |item| items.add(part(item.get()), splitter));
        rest = match read {
            Ok((envelope, json, after)) => {
                let document = part(json);
                let is_usable = match &envelope {
                    Envelope::Object(head) => items.close(head, &document, splitter),
                    _ => true,
                };
                if is_usable {
                    splitter.add(json, envelope, &mut |part| document.line_of(part));
                }
                after
            }
            Err(_) => match odd(rest) {
                Ok((json, after)) => {
                    let document = part(json);
                    splitter.add_text(json, &mut |part| document.line_of(part));
                    after
                }
                // YAML may start with a brace, too.
                Err(_) if is_whole && !items.has_begun() && yaml::is_valid(text) => {
                    return yaml::read(text, splitter);
                }
                Err(error) => {
                    let line = part(rest).line_of(rest) + error.line().saturating_sub(1);
                    let message = format!("is not JSON: {error}");
                    return splitter.error(line, message);
                }
            },
        };
    }
}

/// A part of a file.
struct Part<'a> {
    json: &'a str,
    lines: &'a RefCell<Lines<'a>>,
}

impl Text for Part<'_> {
    fn json(&self) -> &str {
        self.json
    }

    fn line_of(&self, part: &str) -> usize {
        self.lines.borrow_mut().of(part)
    }
}

/// The first document of a text without its items, which are cut out; its
/// text; and what comes after it.
fn outside<'a>(
    text: &'a str,
    cut_out: &mut dyn FnMut(&'a RawValue),
) -> Result<(Envelope<'a>, &'a str, &'a str), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    let envelope = Outside { cut_out }.deserialize(&mut json)?;
    let end = json.into_iter::<IgnoredAny>().byte_offset();
    let (document, after) = text.split_at_checked(end).unwrap_or((text, ""));
    Ok((envelope, document.trim(), after))
}

/// A document that is JSON, though not as expected, and what comes after it.
fn odd(text: &str) -> Result<(&str, &str), serde_json::Error> {
    let mut documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    match documents.next() {
        Some(document) => Ok((
            document?.get(),
            text.get(documents.byte_offset()..).unwrap_or_default(),
        )),
        None => Ok(("null", "")),
    }
}

/// Lines of parts of a text, counted as the parts come.
struct Lines<'a> {
    text: &'a str,
    offset: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            offset: 0,
            line: 1,
        }
    }

    /// The line on which a part of the text starts.
    fn of(&mut self, part: &str) -> usize {
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        if offset < self.offset {
            (self.offset, self.line) = (0, 1);
        }
        let between = self.text.get(self.offset..offset).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', between.as_bytes()).count();
        self.offset = offset;
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::Splitter;
    use crate::snapshot::split::Object;

    /// Kind and line of an object.
    type Read = (String, usize);

    /// The objects, and the errors.
    fn read(text: &str) -> (Vec<Read>, Vec<(usize, String)>) {
        let mut objects = Vec::new();
        let mut hand_on = |object: Object<'_>| objects.push((object.id.0, object.line));
        let mut splitter = Splitter::new(&mut hand_on);
        super::read(text, &mut splitter);
        let errors = splitter.finish().errors;
        (objects, errors)
    }

    fn is(kind: &str, line: usize) -> Read {
        (kind.to_owned(), line)
    }

    #[test]
    fn reads_documents_in_a_row_and_knows_their_lines() {
        let (objects, errors) = read(
            "{\"kind\":\"Node\"}\n{\"kind\":\"List\",\"items\":[\n\n{\"kind\":\"Pod\"},\n{\"kind\":\"Node\"}]}",
        );
        assert_eq!(objects, [is("Node", 1), is("Pod", 4), is("Node", 5)]);
        assert_eq!(errors, []);
    }

    #[test]
    fn keeps_what_came_before_an_error() {
        let (objects, errors) = read("{\"kind\":\"Node\"}\n{\"kind\": }");
        assert_eq!(objects, [is("Node", 1)]);
        assert_eq!(errors[0].0, 2);
    }

    /// Before it is clear that it is not JSON, objects were handed on.
    #[test]
    fn nothing_is_read_twice() {
        let (objects, errors) = read("{\"items\":[{\"kind\":\"Node\"},\n{kind: Pod}]}");
        assert_eq!(objects, [is("Node", 1)]);
        assert_eq!(errors[0].0, 2);
        assert_eq!(errors.len(), 1);
    }

    #[test]
    fn goes_on_after_a_document_that_is_odd() {
        let (objects, errors) = read("{\"kind\":7}\n{\"kind\":\"Node\"}");
        assert_eq!(objects, [is("Node", 2)]);
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].0, 1);
    }

    #[test]
    fn yaml_may_start_with_a_brace() {
        let (objects, errors) = read("{kind: Node, metadata: {name: a}}");
        assert_eq!(objects, [is("Node", 1)]);
        assert_eq!(errors, []);
    }
}
