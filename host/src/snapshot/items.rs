//! The items of a list while it is read: what they are may be said after them.

use super::envelope::Head;
use super::split::Splitter;

/// JSON that was read from somewhere.
pub(super) trait Text {
    fn json(&self) -> &str;

    /// The line on which a part of it starts.
    fn line_of(&self, part: &str) -> usize;
}

/// Items of a list whose kind is not known yet. Those that say themselves what
/// they are need not wait for it, so that nobody has to keep a large list.
pub(super) struct Items<T> {
    waiting: Vec<T>,
    /// Whether some were handed on.
    has_begun: bool,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self {
            waiting: Vec::new(),
            has_begun: false,
        }
    }
}

impl<T: Text> Items<T> {
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    pub(super) fn add(&mut self, item: T, splitter: &mut Splitter<'_>) {
        match Head::peek(item.json()) {
            Ok(head) if head.kind.is_some() => {
                self.has_begun = true;
                let mut line_of = |part: &str| item.line_of(part);
                splitter.add_object(item.json(), head, None, 1, &mut line_of);
            }
            _ => self.waiting.push(item),
        }
    }

    /// The document that the items stood in has ended. False when it was no
    /// list after all, which is said.
    pub(super) fn finish(self, document: &impl Text, splitter: &mut Splitter<'_>) -> bool {
        if !self.has_begun && self.waiting.is_empty() {
            return true;
        }
        let head = Head::peek(document.json()).unwrap_or_default();
        self.close(&head, document, splitter)
    }

    /// The same, where the document's head is known.
    pub(super) fn close(
        self,
        head: &Head<'_>,
        document: &impl Text,
        splitter: &mut Splitter<'_>,
    ) -> bool {
        let kind = head.kind.as_deref().unwrap_or_default();
        if let Some(item_kind) = kind.strip_suffix("List") {
            let inherited = splitter.list_of(item_kind, head.api_version.as_deref());
            for item in &self.waiting {
                let mut line_of = |part: &str| item.line_of(part);
                splitter.add_item(item.json(), inherited, 1, &mut line_of);
            }
        } else if self.has_begun {
            let message = format!("has items and is no list: its kind is `{kind}`");
            splitter.error(document.line_of(document.json()), message);
            return false;
        }
        true
    }
}
