//! JSON files: one document or several, one after the other.

use serde_json::value::RawValue;

use super::split::Found;
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
pub(super) fn read(text: &str, found: &mut Found) {
    let mut lines = Lines::new(text);
    let documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    for (number, document) in documents.enumerate() {
        match document {
            Ok(document) => found.add(document.get(), &mut |part| lines.of(part)),
            // YAML may start with a brace, too.
            Err(_) if number == 0 && yaml::is_valid(text) => return yaml::read(text, found),
            Err(error) => {
                return found
                    .errors
                    .push((error.line(), format!("is not JSON: {error}")));
            }
        }
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
    use super::*;

    #[test]
    fn reads_documents_in_a_row_and_knows_their_lines() {
        let mut found = Found::default();
        read(
            "{\"kind\":\"Node\"}\n{\"kind\":\"List\",\"items\":[\n\n{\"kind\":\"Pod\"},\n{\"kind\":\"Node\"}]}",
            &mut found,
        );
        let lines: Vec<_> = found.objects.iter().map(|object| object.line).collect();
        assert_eq!(lines, [1, 4, 5]);
    }

    #[test]
    fn keeps_what_came_before_an_error() {
        let mut found = Found::default();
        read("{\"kind\":\"Node\"}\n{\"kind\": }", &mut found);
        assert_eq!(found.objects.len(), 1);
        assert_eq!(found.errors[0].0, 2);
    }

    #[test]
    fn yaml_may_start_with_a_brace() {
        let mut found = Found::default();
        read("{kind: Node, metadata: {name: a}}", &mut found);
        assert_eq!(found.objects.len(), 1);
        assert!(found.errors.is_empty());
    }
}
