//! The rules as SARIF describes them, from their pages.

use std::collections::HashMap;

use super::Checked;
use super::log::{Configuration, Descriptor, Message, Override, Reference, Tags};
use crate::policy::{Rule, Severity};

/// What GitHub shows of a description.
const DESCRIPTION: usize = 1024;

pub(super) struct Catalogue {
    pub(super) rules: Vec<Descriptor>,
    positions: HashMap<String, usize>,
}

impl Catalogue {
    pub(super) fn of(checked: &Checked<'_>) -> Self {
        let rules = checked.rules.iter();
        let positions = rules.clone().enumerate();
        Self {
            positions: positions
                .map(|(position, rule)| (rule.id.clone(), position))
                .collect(),
            rules: rules.map(descriptor).collect(),
        }
    }

    pub(super) fn position(&self, rule: &str) -> Option<usize> {
        self.positions.get(rule).copied()
    }

    pub(super) fn reference(&self, rule: &str) -> Reference {
        Reference {
            id: rule.to_owned(),
            index: self.position(rule),
        }
    }

    /// The rules that this run did without.
    pub(super) fn overrides(&self, off: &[String]) -> Vec<Override> {
        let rules = off.iter().map(|rule| Override {
            descriptor: self.reference(rule),
            configuration: Configuration {
                level: None,
                enabled: false,
            },
        });
        rules.collect()
    }
}

pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// `AkoCniPluginMismatch`, for viewers that want a name besides the id.
pub(super) fn name(id: &str) -> String {
    let words = id.split(['/', '-']).map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

fn descriptor(rule: &Rule) -> Descriptor {
    let help = help(&rule.page);
    let family = rule.id.split('/').next().unwrap_or_default();
    let worst = rule.severities.first().copied();
    Descriptor {
        id: rule.id.clone(),
        name: name(&rule.id),
        short_description: Message::text(cut(&rule.summary)),
        full_description: Message::text(cut(&what(&rule.page, &rule.summary))),
        help_uri: reference(&rule.page),
        help: Message {
            text: help.clone(),
            markdown: Some(help),
        },
        default_configuration: Some(Configuration {
            level: Some(level(worst.unwrap_or(Severity::Warning))),
            enabled: true,
        }),
        properties: Some(Tags {
            tags: vec!["kubernetes".to_owned(), family.to_owned()],
        }),
    }
}

/// The page without its title and without its examples, which are tests.
fn help(page: &str) -> String {
    let body = match page.split_once('\n') {
        Some((title, body)) if title.starts_with("# ") => body,
        _ => page,
    };
    let (body, _) = body.split_once("\n## Examples").unwrap_or((body, ""));
    body.trim().to_owned()
}

/// The first paragraph under `What`, on one line.
fn what(page: &str, summary: &str) -> String {
    let section = page
        .split_once("\n## What\n")
        .map(|(_, after)| after.trim());
    let paragraph = section.and_then(|section| section.split("\n\n").next());
    let paragraph = paragraph.unwrap_or(summary);
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first link under `Reference`: what the vendor says of the matter.
fn reference(page: &str) -> Option<String> {
    let (_, section) = page.split_once("\n## Reference\n")?;
    let (section, _) = section.split_once("\n## ").unwrap_or((section, ""));
    let (_, link) = section.split_once("https://")?;
    let end = link.find(['>', ')', ' ', '\n']).unwrap_or(link.len());
    link.get(..end).map(|rest| format!("https://{rest}"))
}

fn cut(text: &str) -> String {
    if text.chars().count() <= DESCRIPTION {
        return text.to_owned();
    }
    let kept: String = text.chars().take(DESCRIPTION - 1).collect();
    kept + "\u{2026}"
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# a/b\n\nA summary.\n\n## What\n\nFirst\nparagraph.\n\nSecond.\n\n## Fix\n\nDo it.\n\n\
        ## Reference\n\n- <https://example.com/a>\n- <https://example.com/b>\n\n## Examples\n\n### One\n";

    #[test]
    fn a_page_is_taken_apart() {
        assert_eq!(name("a/cd-e"), "ACdE");
        assert_eq!(what(PAGE, "A summary."), "First paragraph.");
        assert_eq!(reference(PAGE).unwrap(), "https://example.com/a");
        let help = help(PAGE);
        assert!(help.starts_with("A summary.\n\n## What"), "{help}");
        assert!(help.ends_with("<https://example.com/b>"), "{help}");
    }

    #[test]
    fn a_page_may_lack_everything() {
        assert_eq!(what("", "A summary."), "A summary.");
        assert_eq!(reference("# a/b\n\n## Reference\n\nnone\n"), None);
        assert_eq!(help(""), "");
        assert_eq!(cut(&"ä".repeat(2000)).chars().count(), 1024);
    }
}
