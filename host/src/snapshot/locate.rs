//! The line of a field: found by walking through the file once more, which
//! only happens for what is shown to a person. JSON is YAML, so one walk
//! serves both.

use granit_parser::{Event, Parser, ScanError, Span};

/// The line of `field` (such as `spec.podCIDRs[1]`) of the object that starts
/// on `object_line`. When only a part of the way is there, its end.
pub(super) fn line_of(text: &str, object_line: usize, field: &str) -> Option<usize> {
    let mut walk = Walk {
        parser: Parser::new_from_str(text),
    };
    loop {
        let (event, span) = walk.next()?;
        let line = span.start.line();
        if matches!(event, Event::MappingStart(..)) && line == object_line {
            return walk.descend(&event, line, field);
        }
        if line > object_line {
            return None;
        }
    }
}

struct Walk<I> {
    parser: I,
}

impl<'a, I: Iterator<Item = Result<(Event<'a>, Span), ScanError>>> Walk<I> {
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        self.parser.next()?.ok()
    }

    /// The line that a path leads to, from a node whose first event was just
    /// read and whose line is that of the key or dash before it.
    fn descend(&mut self, event: &Event<'_>, line: usize, path: &str) -> Option<usize> {
        if path.is_empty() {
            return Some(line);
        }
        match event {
            Event::MappingStart(..) => loop {
                let (key, span) = self.next()?;
                let Event::Scalar(key, ..) = &key else {
                    return Some(line);
                };
                let (value, _) = self.next()?;
                match after_key(path, key) {
                    Some(after) => return self.descend(&value, span.start.line(), after),
                    None => self.skip_rest_of(&value)?,
                }
            },
            Event::SequenceStart(..) => {
                let Some((mut left, after)) = index(path) else {
                    return Some(line);
                };
                loop {
                    let (element, span) = self.next()?;
                    if matches!(element, Event::SequenceEnd) {
                        return Some(line);
                    }
                    if left == 0 {
                        return self.descend(&element, span.start.line(), after);
                    }
                    self.skip_rest_of(&element)?;
                    left -= 1;
                }
            }
            _ => Some(line),
        }
    }

    /// Skips what is left of a node whose first event was just read.
    fn skip_rest_of(&mut self, event: &Event<'_>) -> Option<()> {
        let mut depth = depth_change(event);
        while depth > 0 {
            depth += depth_change(&self.next()?.0);
        }
        Some(())
    }
}

fn depth_change(event: &Event<'_>) -> i32 {
    match event {
        Event::MappingStart(..) | Event::SequenceStart(..) => 1,
        Event::MappingEnd | Event::SequenceEnd => -1,
        _ => 0,
    }
}

/// What is left of a path after its first key. Keys may have dots in them, so
/// the path is compared with the key that is there.
fn after_key<'a>(path: &'a str, key: &str) -> Option<&'a str> {
    if let Some(quoted) = path.strip_prefix("[\"") {
        return quoted.strip_prefix(key)?.strip_prefix("\"]");
    }
    let after = path.strip_prefix('.').unwrap_or(path).strip_prefix(key)?;
    (after.is_empty() || after.starts_with(['.', '['])).then_some(after)
}

/// The index at the front of a path, and what is left after it.
fn index(path: &str) -> Option<(usize, &str)> {
    let (number, after) = path.strip_prefix('[')?.split_once(']')?;
    Some((number.parse().ok()?, after))
}

#[cfg(test)]
mod tests {
    use super::line_of;

    const YAML: &str = "\
kind: List
items:
- kind: Node
  metadata:
    annotations:
      ako.vmware.com/pod-cidrs: x
  spec:
    podCIDRs:
    - 10.0.0.0/24
    - 10.0.1.0/24
  status:
    addresses:
    - type: InternalIP
      address: 192.0.2.1
    - type: InternalIP
      address: 192.0.2.2
- kind: Pod
";

    #[test]
    fn finds_fields() {
        for (field, line) in [
            ("spec.podCIDRs[1]", 10),
            ("spec.podCIDRs", 8),
            ("status.addresses[1].address", 16),
            ("metadata.annotations[\"ako.vmware.com/pod-cidrs\"]", 6),
            ("metadata.annotations.ako.vmware.com/pod-cidrs", 6),
            ("spec.unknown.field", 7),
            ("status.addresses[7]", 12),
        ] {
            assert_eq!(line_of(YAML, 3, field), Some(line), "{field}");
        }
    }

    #[test]
    fn finds_fields_in_json() {
        let json = "{\"kind\":\"Node\",\n \"spec\":{\n  \"podCIDRs\":[\n   \"a\",\n   \"b\"]}}";
        assert_eq!(line_of(json, 1, "spec.podCIDRs[1]"), Some(5));
    }

    #[test]
    fn gives_up_on_what_is_not_there() {
        assert_eq!(line_of(YAML, 4, "spec"), None);
        assert_eq!(line_of(YAML, 99, "spec"), None);
        assert_eq!(line_of("[", 1, "spec"), None);
    }
}
