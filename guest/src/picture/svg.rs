//! Shapes, written as SVG.

use std::fmt::Write as _;

use super::text::escape;

#[derive(Default)]
pub(super) struct Svg(pub String);

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

/// Where a text begins or ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    /// A rectangle; `about` is what a pointer that rests on it is told.
    pub(super) fn rect(&mut self, class: &str, area: Area, radius: u32, about: Option<&str>) {
        let Area {
            x,
            y,
            width,
            height,
        } = area;
        let _ = write!(
            self.0,
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}""#
        );
        if radius > 0 {
            let _ = write!(self.0, r#" rx="{radius}""#);
        }
        match about {
            Some(about) => {
                let _ = writeln!(self.0, "><title>{}</title></rect>", escape(about));
            }
            None => self.0 += "/>\n",
        }
    }

    pub(super) fn text(&mut self, class: &str, x: u32, y: u32, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let text = escape(text);
        let class = match class {
            "" => String::new(),
            class => format!(r#" class="{class}""#),
        };
        let _ = writeln!(
            self.0,
            "<text{class} x=\"{x}\" y=\"{y}\"{anchor}>{text}</text>"
        );
    }

    /// A horizontal line.
    pub(super) fn line(&mut self, class: &str, x1: u32, x2: u32, y: u32) {
        let _ = writeln!(
            self.0,
            "<line class=\"{class}\" x1=\"{x1}\" x2=\"{x2}\" y1=\"{y}\" y2=\"{y}\"/>"
        );
    }

    /// Shapes that are moved together.
    pub(super) fn group(&mut self, x: u32, y: u32, shapes: impl FnOnce(&mut Self)) {
        let _ = writeln!(self.0, "<g transform=\"translate({x} {y})\">");
        shapes(self);
        self.0 += "</g>\n";
    }
}
