//! A rule's page: Markdown that is its documentation, the text of `explain`,
//! and a test.
//!
//! ````text
//! # family/name
//!
//! One sentence: the summary.
//!
//! Prose under the headings What, Why, Fix.
//!
//! ## Reference
//!
//! - <https://where.it.is/documented>
//!
//! ## Examples
//!
//! ### What this example shows
//!
//! ```yaml
//! objects, as kubectl prints them
//! ```
//!
//! ```json
//! settings, where the example needs some
//! ```
//!
//! ```findings
//! error Kind namespace/name field.path: words of the message
//! ```
//! ````
//!
//! The block `findings` has one line per finding of this rule: severity, main
//! object, field, and a part of the message. It is empty where the rule must
//! keep silent, and `not evaluated: what` where it cannot judge.

/// A page, taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    text: &'static str,
}

impl Page {
    pub fn parse(text: &'static str) -> Self {
        Self { text }
    }

    /// The id in the title.
    pub fn id(self) -> &'static str {
        self.text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# "))
            .unwrap_or_default()
    }

    /// The sentence under the title.
    pub fn summary(self) -> &'static str {
        self.text
            .lines()
            .skip(1)
            .find(|line| !line.is_empty())
            .unwrap_or_default()
    }

    /// The first link under Reference.
    pub fn reference(self) -> &'static str {
        self.text
            .split_once("\n## Reference\n")
            .and_then(|(_, rest)| rest.split_once("- <"))
            .and_then(|(_, rest)| rest.split_once('>'))
            .map_or("", |(link, _)| link)
    }
}
