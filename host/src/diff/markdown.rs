//! The differences for the comments of pull requests, in the Markdown of
//! GitHub and GitLab. Comments have a greatest length, so long lists are cut.

use std::fmt::Write;

use super::{Diff, SideFacts};
use crate::reported::{Finding, Severity};

/// How many lines a list may have.
const SHOWN: usize = 50;
/// How many objects of a finding are named.
const OBJECTS: usize = 3;

pub(super) fn render(diff: &Diff) -> String {
    let mut text = format!("### podroute: {}\n", headline(diff));
    missing(&mut text, "old", &diff.old);
    missing(&mut text, "new", &diff.new);
    facts(&mut text, diff);
    routes(&mut text, diff);
    withheld(&mut text, diff);
    findings(&mut text, diff);
    rules(&mut text, diff);
    text
}

fn headline(diff: &Diff) -> String {
    let count = |severity| {
        let new = diff.findings.new.iter();
        new.filter(|new| new.finding.severity == severity).count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let routes = &diff.routes;
    let changed = routes.added.len() + routes.removed.len() + routes.moved.len();
    let known = if diff.decided && !diff.is_unreadable() {
        ""
    } else {
        "; **not all is known**"
    };
    if diff.is_empty() {
        return format!("no difference{known}");
    }
    format!("{changed} route changes, {errors} new errors, {warnings} new warnings{known}")
}

fn missing(text: &mut String, which: &str, side: &SideFacts) {
    if side.undecided.is_empty() && side.unreadable.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n> [!WARNING]\n> Not all is known of the {which} side, {}:",
        code(&side.name)
    );
    for reason in side.undecided.iter().chain(&side.unreadable).take(SHOWN) {
        let _ = writeln!(text, "> - {}", prose(reason));
    }
}

fn facts(text: &mut String, diff: &Diff) {
    let rows = diff.facts.iter().map(|fact| {
        let value = |value: &Option<String>| value.as_deref().map_or_else(String::new, code);
        [prose(&fact.fact), value(&fact.old), value(&fact.new)]
    });
    table(text, ["Cluster", "before", "now"], rows);
}

fn routes(text: &mut String, diff: &Diff) {
    let routes = &diff.routes;
    let one_sided = |sign: &'static str, changes: &[super::Change]| -> Vec<[String; 5]> {
        changes
            .iter()
            .map(|change| {
                [
                    sign.to_owned(),
                    code(&change.prefix),
                    code(&change.next_hop),
                    code(&change.node),
                    prose(&change.because),
                ]
            })
            .collect()
    };
    let moved = routes.moved.iter().map(|moved| {
        [
            "moved".to_owned(),
            code(&moved.prefix),
            format!(
                "{} → {}",
                code(&moved.old.next_hop),
                code(&moved.new.next_hop)
            ),
            if moved.old.node == moved.new.node {
                code(&moved.new.node)
            } else {
                format!("{} → {}", code(&moved.old.node), code(&moved.new.node))
            },
            prose(&moved.because),
        ]
    });
    let rows = moved
        .chain(one_sided("added", &routes.added))
        .chain(one_sided("removed", &routes.removed));
    table(text, ["Route", "prefix", "next hop", "node", "why"], rows);
}

fn withheld(text: &mut String, diff: &Diff) {
    let row = |sign: &str, one: &crate::reported::Withheld| {
        [
            sign.to_owned(),
            code(&one.prefix),
            code(&one.node),
            code(&one.rule),
        ]
    };
    let changes = &diff.withheld;
    let added = changes.added.iter().map(|one| row("withheld now", one));
    let gone = changes.gone.iter().map(|one| row("no longer", one));
    let otherwise = changes.changed.iter().map(|one| row("otherwise", &one.new));
    let rows = added.chain(gone).chain(otherwise);
    table(text, ["Withheld", "prefix", "node", "rule"], rows);
}

fn findings(text: &mut String, diff: &Diff) {
    let new = &diff.findings.new;
    if !new.is_empty() {
        let _ = writeln!(text, "\n#### New findings ({})\n", new.len());
    }
    for one in new.iter().take(SHOWN) {
        let finding = &one.finding;
        let unknown = if one.was_unknown {
            " *(not evaluated before: it may not be new)*"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "- **{}** {}: {}{unknown}\n  - fix: {}\n  - at {}",
            name(finding.severity),
            code(&finding.rule),
            prose(&finding.message),
            prose(&finding.fix),
            objects(finding)
        );
    }
    more(text, new.len());
    let gone = &diff.findings.gone;
    if gone.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n<details><summary>Findings that are gone ({})</summary>\n",
        gone.len()
    );
    for one in gone.iter().take(SHOWN) {
        let finding = &one.finding;
        let _ = writeln!(
            text,
            "- {} {} ({}): {}",
            name(finding.severity),
            code(&finding.rule),
            one.why.describe(),
            prose(&finding.message)
        );
    }
    more(text, gone.len());
    text.push_str("\n</details>\n");
}

fn rules(text: &mut String, diff: &Diff) {
    let lists = [
        ("Not evaluated any more", &diff.not_evaluated.added),
        ("Now evaluated", &diff.not_evaluated.gone),
    ];
    for (title, rules) in lists {
        if !rules.is_empty() {
            let rules: Vec<String> = rules.iter().map(|rule| code(rule)).collect();
            let _ = writeln!(text, "\n{title}: {}", rules.join(", "));
        }
    }
}

fn objects(finding: &Finding) -> String {
    let shown = finding.objects.iter().take(OBJECTS);
    let mut names: Vec<String> = shown.map(|object| code(&object.describe())).collect();
    let more = finding.objects.len().saturating_sub(OBJECTS);
    if more > 0 {
        names.push(format!("and {more} more objects"));
    }
    if names.is_empty() {
        "the cluster as a whole".to_owned()
    } else {
        names.join(", ")
    }
}

fn table<const N: usize>(
    text: &mut String,
    headings: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) {
    let mut count = 0;
    for row in rows {
        if count == 0 {
            let line = headings.map(|_| "---").join(" | ");
            let _ = writeln!(text, "\n| {} |\n| {line} |", headings.join(" | "));
        }
        if count < SHOWN {
            let cells = row.map(|cell| cell.replace('|', "\\|"));
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        count += 1;
    }
    more(text, count);
}

fn more(text: &mut String, count: usize) {
    if count > SHOWN {
        let _ = writeln!(text, "\nand {} more", count - SHOWN);
    }
}

/// A name as code, whatever characters it has. Line ends would end a table.
fn code(value: &str) -> String {
    let value = value.replace(['\n', '\r'], " ");
    let ticks = value
        .split(|character| character != '`')
        .map(str::len)
        .max();
    match ticks {
        None | Some(0) => format!("`{value}`"),
        Some(longest) => {
            let fence = "`".repeat(longest + 1);
            format!("{fence} {value} {fence}")
        }
    }
}

/// Words that mean nothing to Markdown or HTML.
fn prose(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '\n' | '\r' => text.push(' '),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            '@' => text.push_str("&#64;"),
            '\\' | '*' | '_' | '[' | ']' | '#' | '~' | '`' => {
                text.push('\\');
                text.push(character);
            }
            _ => text.push(character),
        }
    }
    text
}

fn name(severity: Severity) -> &'static str {
    crate::render::style::severity_name(severity.into())
}
