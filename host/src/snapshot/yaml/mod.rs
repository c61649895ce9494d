//! YAML files: any number of documents, each turned into JSON.

mod writer;

use granit_parser::{Event, Parser, ScanError, Span};

use super::items::{Items, Text};
use super::split::Splitter;
use writer::Writer;

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

#[cfg(test)]
mod tests {
    use super::{Splitter, read};
    use crate::snapshot::split::Object;

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
