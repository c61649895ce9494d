//! YAML files: any number of documents, each turned into JSON.
//!
//! Plain scalars are read by YAML 1.2's core schema. A number that JSON would
//! write differently (`0x1f`, `.5`, `+1`) becomes a string: no field that
//! podroute reads is such a number.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::items::{Items, Text};
use super::split::Splitter;

/// As deep as the JSON parsers that come after this one go.
const MAX_DEPTH: usize = 120;

/// How many bytes the aliases of one document may add to it: a few lines of
/// YAML can stand for gigabytes.
const MAX_ALIAS_BYTES: usize = 64 << 20;

/// Reads the documents of a file. After a syntax error the next document is
/// read as if nothing had happened.
pub(super) fn read(text: &str, splitter: &mut Splitter<'_>) {
    let mut parser = Parser::new_from_str(text);
    loop {
        let mut items = Items::default();
        match next_document(&mut parser, &mut |item| items.add(item, splitter)) {
            Ok(None) => return,
            Ok(Some(document)) => {
                if items.finish(&document, splitter) {
                    splitter.add_text(&document.json, &mut |part| document.line_of(part));
                }
            }
            Err((line, message)) => {
                splitter.error(line, message);
                // Skipping to the next document can meet the end of the file.
                if !matches!(parser.proceed_next_document(), Ok(true)) {
                    return;
                }
            }
        }
    }
}

/// Whether a text is YAML at all.
pub(super) fn is_valid(text: &str) -> bool {
    Parser::new_from_str(text).all(|event| event.is_ok())
}

/// A document as JSON.
struct Document {
    json: String,
    /// The line that it starts on.
    line: usize,
    /// Where mappings start, in the JSON and in the YAML: offset and line.
    starts: Vec<(usize, usize)>,
}

impl Text for Document {
    fn json(&self) -> &str {
        &self.json
    }

    /// The line on which a part of the JSON starts in the YAML.
    fn line_of(&self, part: &str) -> usize {
        let offset = (part.as_ptr() as usize).saturating_sub(self.json.as_ptr() as usize);
        let after = self.starts.partition_point(|(start, _)| *start <= offset);
        after
            .checked_sub(1)
            .and_then(|at| self.starts.get(at))
            .map_or(self.line, |(_, line)| *line)
    }
}

type Failure = (usize, String);

/// The next document. The items of a list are cut out of it as they end.
fn next_document<'a>(
    parser: &mut impl Iterator<Item = Result<(Event<'a>, Span), ScanError>>,
    cut_out: &mut dyn FnMut(Document),
) -> Result<Option<Document>, Failure> {
    let mut writer = Writer::default();
    for event in parser {
        let (event, span) = event.map_err(|error| {
            (
                error.marker().line().max(1),
                format!("is not YAML: {}", error.kind()),
            )
        })?;
        let line = span.start.line();
        match event {
            Event::DocumentEnd => return Ok(Some(writer.finish(line))),
            Event::StreamEnd => return Ok(None),
            event => {
                writer
                    .write(event, line)
                    .map_err(|message| (line, message))?;
                if let Some(item) = writer.cut_item() {
                    cut_out(item);
                }
            }
        }
    }
    Ok(None)
}

/// Writes events as JSON.
#[derive(Default)]
struct Writer {
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
    fn finish(self, line: usize) -> Document {
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
    fn cut_item(&mut self) -> Option<Document> {
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

    fn write(&mut self, event: Event<'_>, line: usize) -> Result<(), String> {
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

    use super::*;
    use crate::snapshot::split::Object;

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

    /// Kind, name and line of an object.
    type Read = (String, String, usize);

    /// The objects, and the errors.
    fn objects(text: &str) -> (Vec<Read>, Vec<(usize, String)>) {
        let mut objects = Vec::new();
        let mut hand_on =
            |object: Object<'_>| objects.push((object.id.0, object.id.2, object.line));
        let mut splitter = Splitter::new(&mut hand_on);
        read(text, &mut splitter);
        let errors = splitter.finish().errors;
        (objects, errors)
    }

    fn is(kind: &str, name: &str, line: usize) -> Read {
        (kind.to_owned(), name.to_owned(), line)
    }

    #[test]
    fn goes_on_with_the_next_document() {
        let (objects, errors) = objects(
            "kind: Node\n---\nkind: [broken\n---\nkind: Pod\n---\napiVersion: v1\nkind: List\nitems:\n- kind: Node\n\n- kind: Pod\n",
        );
        assert_eq!(
            objects,
            [
                is("Node", "", 1),
                is("Pod", "", 5),
                is("Node", "", 10),
                is("Pod", "", 12)
            ]
        );
        assert_eq!(errors.len(), 1);
    }

    /// As tools write it that sort their keys: what the items are comes last.
    #[test]
    fn items_may_come_before_the_kind() {
        let (objects, errors) = objects(
            "apiVersion: v1\nitems:\n- metadata:\n    name: a\n- metadata:\n    name: b\nkind: NodeList\n",
        );
        assert_eq!(objects, [is("Node", "a", 3), is("Node", "b", 5)]);
        assert_eq!(errors, []);
    }

    #[test]
    fn a_list_is_inside_of_a_list() {
        let (objects, errors) = objects(
            "kind: List\nitems:\n- kind: PodList\n  items:\n  - metadata: {name: a}\n  - metadata: {name: b}\n- kind: Node\n",
        );
        assert_eq!(
            objects,
            [is("Pod", "a", 5), is("Pod", "b", 6), is("Node", "", 7)]
        );
        assert_eq!(errors, []);
    }

    #[test]
    fn items_share_what_has_an_anchor() {
        let (objects, errors) = objects(
            "kind: List\nitems:\n- kind: Node\n  metadata: {name: a}\n- &b\n  kind: Node\n  metadata: {name: b}\n- *b\n- kind: Pod\n",
        );
        assert_eq!(
            objects,
            [
                is("Node", "a", 3),
                is("Node", "b", 6),
                is("Node", "b", 8),
                is("Pod", "", 9)
            ]
        );
        assert_eq!(errors, []);
    }

    #[test]
    fn what_is_no_list_has_no_objects_in_it() {
        let (objects, errors) = objects("kind: Bundle\nmetadata: {name: a}\nitems:\n- key: x\n");
        assert_eq!((objects, errors), (vec![is("Bundle", "a", 1)], vec![]));
        let (_, errors) = self::objects("kind: Bundle\nitems:\n- kind: Node\n");
        assert_eq!(
            errors,
            [(
                1,
                "has items and is no list: its kind is `Bundle`".to_owned()
            )]
        );
    }
}
