//! YAML events, written as JSON.
//!
//! Plain scalars are read by YAML 1.2's core schema. A number that JSON would
//! write differently (`0x1f`, `.5`, `+1`) becomes a string: no field that
//! podroute reads is such a number.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, ScalarStyle};

use super::Document;

/// As deep as the JSON parsers that come after this one go.
const MAX_DEPTH: usize = 120;

/// How many bytes the aliases of one document may add to it: a few lines of
/// YAML can stand for gigabytes.
const MAX_ALIAS_BYTES: usize = 64 << 20;

/// Writes events as JSON.
#[derive(Default)]
pub(super) struct Writer {
    json: Vec<u8>,
    open: Vec<Open>,
    line: Option<usize>,
    starts: Vec<(usize, usize)>,
    /// What anchors stand for, as ranges of the JSON written so far.
    anchors: HashMap<usize, Range<usize>>,
    alias_bytes: usize,
    /// Whether the value of `items` in the outermost mapping is being written.
    is_in_items: bool,
    /// Where an item of a list starts that has just ended.
    ended: Option<usize>,
}

/// A mapping or list that has not ended.
struct Open {
    kind: Kind,
    empty: bool,
    anchor: usize,
    start: usize,
}

enum Kind {
    List,
    /// The next node is a key.
    Key,
    /// The next node is the value of a key.
    Value,
}

impl Writer {
    pub(super) fn finish(self, line: usize) -> Document {
        let json = if self.json.is_empty() {
            "null".to_owned()
        } else {
            utf8(self.json)
        };
        Document {
            json,
            line: self.line.unwrap_or(line),
            starts: self.starts,
        }
    }

    /// Takes out the item that has just ended. Once there are anchors,
    /// everything stays where it is: aliases may stand for any of it.
    pub(super) fn cut_item(&mut self) -> Option<Document> {
        let start = self.ended.take()?;
        let list = self.open.last_mut()?;
        let json = utf8(self.json.get(start..)?.to_vec());
        self.json.truncate(list.start + 1);
        list.empty = true;
        let first = self.starts.partition_point(|(offset, _)| *offset < start);
        let starts: Vec<(usize, usize)> = self
            .starts
            .drain(first..)
            .map(|(offset, line)| (offset - start, line))
            .collect();
        Some(Document {
            json,
            line: starts.first().map(|(_, line)| *line)?,
            starts,
        })
    }

    pub(super) fn write(&mut self, event: Event<'_>, line: usize) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_key = self.before(line)?;
                let start = self.json.len();
                let is_text = is_key
                    || !matches!(style, ScalarStyle::Plain)
                    || tag.is_some_and(|tag| matches!(tag.suffix(), "str" | "binary"));
                if is_key && self.open.len() == 1 {
                    self.is_in_items = text == "items";
                }
                self.scalar(&text, is_text)?;
                self.after(is_key, anchor, start);
            }
            Event::SequenceStart(_, anchor, _) => self.start(b'[', Kind::List, anchor, line)?,
            Event::MappingStart(_, anchor, _) => self.start(b'{', Kind::Key, anchor, line)?,
            Event::SequenceEnd => self.end(b']'),
            Event::MappingEnd => self.end(b'}'),
            Event::Alias(anchor) => self.alias(anchor, line)?,
            _ => {}
        }
        Ok(())
    }

    /// What comes before a node: commas, and whether the node is a key.
    fn before(&mut self, line: usize) -> Result<bool, String> {
        self.line.get_or_insert(line);
        if self.open.len() > MAX_DEPTH {
            return Err(format!("is nested more than {MAX_DEPTH} levels deep"));
        }
        let Some(open) = self.open.last_mut() else {
            return Ok(false);
        };
        let is_key = matches!(open.kind, Kind::Key);
        if is_key || matches!(open.kind, Kind::List) {
            if !open.empty {
                self.json.push(b',');
            }
            open.empty = false;
        }
        if is_key {
            open.kind = Kind::Value;
        }
        Ok(is_key)
    }

    /// What comes after a node: the colon of a key, and the turn of the next.
    fn after(&mut self, is_key: bool, anchor: usize, start: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, start..self.json.len());
        }
        if is_key {
            self.json.push(b':');
        } else if let Some(open) = self.open.last_mut()
            && matches!(open.kind, Kind::Value)
        {
            open.kind = Kind::Key;
        }
    }

    fn start(&mut self, byte: u8, kind: Kind, anchor: usize, line: usize) -> Result<(), String> {
        if self.before(line)? {
            return Err("has a list or mapping as a key".to_owned());
        }
        if byte == b'{' {
            self.note_start(line);
        }
        self.open.push(Open {
            kind,
            empty: true,
            anchor,
            start: self.json.len(),
        });
        self.json.push(byte);
        Ok(())
    }

    fn note_start(&mut self, line: usize) {
        // An object of a list inside a list starts on the fifth level.
        if self.open.len() < 5 {
            self.starts.push((self.json.len(), line));
        }
    }

    fn end(&mut self, byte: u8) {
        self.json.push(byte);
        if let Some(open) = self.open.pop() {
            self.after(false, open.anchor, open.start);
            if self.is_in_items && byte == b'}' && self.open.len() == 2 && self.anchors.is_empty() {
                self.ended = Some(open.start);
            }
        }
    }

    fn alias(&mut self, anchor: usize, line: usize) -> Result<(), String> {
        if self.before(line)? {
            return Err("has an alias as a key".to_owned());
        }
        let start = self.json.len();
        let Some(range) = self.anchors.get(&anchor).cloned() else {
            return Err("has an alias inside of what it stands for".to_owned());
        };
        if self.json.get(range.start) == Some(&b'{') {
            self.note_start(line);
        }
        self.alias_bytes += range.len();
        if self.alias_bytes > MAX_ALIAS_BYTES {
            return Err(format!(
                "has aliases that stand for more than {} MiB",
                MAX_ALIAS_BYTES >> 20
            ));
        }
        self.json.extend_from_within(range);
        self.after(false, 0, start);
        Ok(())
    }

    fn scalar(&mut self, text: &str, is_text: bool) -> Result<(), String> {
        if !is_text {
            let literal = match text {
                "" | "~" | "null" | "Null" | "NULL" => Some("null"),
                "true" | "True" | "TRUE" => Some("true"),
                "false" | "False" | "FALSE" => Some("false"),
                number if is_json_number(number) => Some(number),
                _ => None,
            };
            if let Some(literal) = literal {
                self.json.extend_from_slice(literal.as_bytes());
                return Ok(());
            }
        }
        serde_json::to_writer(&mut self.json, text).map_err(|error| error.to_string())
    }
}

/// Every byte was written from text or by the JSON serialiser.
fn utf8(json: Vec<u8>) -> String {
    String::from_utf8(json).unwrap_or_default()
}

/// Whether a plain scalar is a number that can be copied into JSON as it is.
fn is_json_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && serde_json::from_str::<serde_json::Number>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use granit_parser::Parser;

    use super::super::next_document;

    fn json(text: &str) -> String {
        let mut parser = Parser::new_from_str(text);
        match next_document(&mut parser, &mut |_| {}) {
            Ok(document) => document.unwrap().json,
            Err((line, message)) => format!("{line}: {message}"),
        }
    }

    #[test]
    fn writes_json() {
        for (yaml, expected) in [
            (
                "a: 1\nb: [x, 'y', \"z\\n\"]\nc: {}\n",
                r#"{"a":1,"b":["x","y","z\n"],"c":{}}"#,
            ),
            (
                "a:\nb: ~\nc: null\nd: ''",
                r#"{"a":null,"b":null,"c":null,"d":""}"#,
            ),
            ("[true, False, yes, 'true']", r#"[true,false,"yes","true"]"#),
            (
                "[1, -2, 1.5, 007, 0x1f, +1, .5, 1e3]",
                r#"[1,-2,1.5,"007","0x1f","+1",".5",1e3]"#,
            ),
            (
                "[1.2.3.4, 10.0.0.0/24, fd00::1, 2026-01-31T12:00:00Z]",
                r#"["1.2.3.4","10.0.0.0/24","fd00::1","2026-01-31T12:00:00Z"]"#,
            ),
            ("1: x\ntrue: y", r#"{"1":"x","true":"y"}"#),
            ("a: |\n  one\n  two\n", r#"{"a":"one\ntwo\n"}"#),
            (
                "a: &x {k: v}\nb: *x\nc: [*x, *x]",
                r#"{"a":{"k":"v"},"b":{"k":"v"},"c":[{"k":"v"},{"k":"v"}]}"#,
            ),
            ("a: !!str 1", r#"{"a":"1"}"#),
            ("# nothing", "null"),
        ] {
            let found = if yaml == "# nothing" {
                "null".to_owned()
            } else {
                json(yaml)
            };
            assert_eq!(found, expected, "{yaml}");
        }
    }

    #[test]
    fn refuses_bombs_and_oddities() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..10 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
        }
        assert!(json(&bomb).contains("aliases that stand for more than 64 MiB"));
        let deep = format!("{}{}", "[".repeat(130), "]".repeat(130));
        assert_eq!(json(&deep), "1: is nested more than 120 levels deep");
        assert!(json("? [a, b]\n: c").contains("as a key"));
    }
}
