//! Elements, written as HTML. Every text is escaped on its way in.

use std::fmt::Write as _;

use crate::picture::report::{Object, Severity};
use crate::picture::text::escape;

#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    pub(super) fn finish(self) -> String {
        self.0
    }

    /// Markup of our own, as it is.
    pub(super) fn raw(&mut self, markup: &str) {
        self.0 += markup;
    }

    pub(super) fn text(&mut self, text: &str) {
        self.0 += &escape(text);
    }

    /// An element with a text in it.
    pub(super) fn element(&mut self, tag: &str, class: &str, text: &str) {
        self.open(tag, class);
        self.text(text);
        self.close(tag);
    }

    /// An element with others in it.
    pub(super) fn within(&mut self, tag: &str, class: &str, inside: impl FnOnce(&mut Self)) {
        self.open(tag, class);
        inside(self);
        self.close(tag);
    }

    /// A part of the page, with its heading.
    pub(super) fn section(&mut self, id: &str, heading: &str, inside: impl FnOnce(&mut Self)) {
        let _ = write!(
            self.0,
            "<section id=\"{id}\" aria-labelledby=\"{id}-heading\">\n<h2 id=\"{id}-heading\">"
        );
        self.text(heading);
        self.0 += "</h2>\n";
        inside(self);
        self.0 += "</section>\n";
    }

    pub(super) fn list<T>(
        &mut self,
        entries: impl IntoIterator<Item = T>,
        entry: impl Fn(&mut Self, T),
    ) {
        self.within("ul", "", |html| {
            for one in entries {
                html.within("li", "", |html| entry(html, one));
            }
        });
    }

    pub(super) fn severity(&mut self, severity: Severity) {
        let name = severity.name();
        let _ = write!(self.0, "<span class=\"severity {name}\">{name}</span>");
    }

    fn open(&mut self, tag: &str, class: &str) {
        match class {
            "" => {
                let _ = write!(self.0, "<{tag}>");
            }
            class => {
                let _ = write!(self.0, "<{tag} class=\"{class}\">");
            }
        }
    }

    fn close(&mut self, tag: &str) {
        let _ = writeln!(self.0, "</{tag}>");
    }
}

impl Object {
    pub(super) fn words(&self) -> String {
        let mut words = self.kind.clone() + " ";
        if let Some(namespace) = &self.namespace {
            let _ = write!(words, "{namespace}/");
        }
        words += &self.name;
        if let Some(field) = &self.field {
            let _ = write!(words, " {field}");
        }
        words
    }
}
