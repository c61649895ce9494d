//! The differences for people.

use std::fmt::Write;

use super::{Change, Diff, Move, Shown, SideFacts};
use crate::render::style::{self, dim, heading};
use crate::render::table::{object, paragraph, plural};
use crate::reported::{Finding, Withheld};

/// How many lines of a kind are shown unless all are asked for.
const SHOWN: usize = 40;
/// How many objects of a finding are shown.
const OBJECTS: usize = 3;

pub(super) fn render(diff: &Diff, shown: Shown) -> String {
    let sections = [
        missing("old", &diff.old),
        missing("new", &diff.new),
        facts(diff),
        routes(diff, shown),
        withheld(diff, shown),
        new_findings(diff),
        gone_findings(diff),
        rules(diff),
        Some(summary(diff)),
    ];
    let sections: Vec<String> = sections.into_iter().flatten().collect();
    sections.join("\n")
}

/// What is not known of a side.
fn missing(which: &str, side: &SideFacts) -> Option<String> {
    if side.undecided.is_empty() && side.unreadable.is_empty() {
        return None;
    }
    let mut text = style::error(format!(
        "Not all is known of the {which} side, {}",
        side.name
    ));
    text += "\n";
    for reason in &side.undecided {
        text += &paragraph("- no verdict on the routes: ", reason);
    }
    for reason in &side.unreadable {
        text += &paragraph("- unreadable: ", reason);
    }
    Some(text)
}

fn facts(diff: &Diff) -> Option<String> {
    if diff.facts.is_empty() {
        return None;
    }
    let mut text = heading("Cluster") + "\n";
    for fact in &diff.facts {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let (old, new) = (value(&fact.old), value(&fact.new));
        let _ = writeln!(text, "  {:<13} {old} -> {new}", fact.fact);
    }
    Some(text)
}

fn routes(diff: &Diff, shown: Shown) -> Option<String> {
    if !diff.has_route_changes() {
        return None;
    }
    let routes = &diff.routes;
    let mut text = heading("Routes") + "\n";
    list(&mut text, &routes.added, shown, |one| change('+', one));
    list(&mut text, &routes.removed, shown, |one| change('-', one));
    list(&mut text, &routes.moved, shown, moved);
    Some(text)
}

fn change(sign: char, change: &Change) -> String {
    let Change {
        prefix,
        next_hop,
        node,
        because,
        ..
    } = change;
    format!("{sign} {prefix} via {next_hop}  (node {node}; {because})")
}

fn moved(moved: &Move) -> String {
    let Move {
        prefix,
        old,
        new,
        because,
        ..
    } = moved;
    format!(
        "~ {prefix} via {}  (node {}; before {}, node {}; {because})",
        new.next_hop, new.node, old.next_hop, old.node
    )
}

/// The first lines of a list, and how many more there are.
fn list<T>(text: &mut String, items: &[T], shown: Shown, line: impl Fn(&T) -> String) {
    let count = match shown {
        Shown::Some if items.len() > SHOWN + 5 => SHOWN,
        _ => items.len(),
    };
    for item in items.iter().take(count) {
        let _ = writeln!(text, "  {}", line(item));
    }
    if count < items.len() {
        let more = format!("and {} more; --all-routes shows them", items.len() - count);
        let _ = writeln!(text, "  {}", dim(more));
    }
}

fn withheld(diff: &Diff, shown: Shown) -> Option<String> {
    let changes = &diff.withheld;
    if changes.is_empty() {
        return None;
    }
    let line = |sign: char, one: &Withheld| {
        format!("{sign} {} of node {}: {}", one.prefix, one.node, one.rule)
    };
    let mut text = heading("Withheld routes") + "\n";
    list(&mut text, &changes.added, shown, |one| line('+', one));
    list(&mut text, &changes.gone, shown, |one| line('-', one));
    list(&mut text, &changes.changed, shown, |one| {
        let hop = |one: &Withheld| one.next_hop.clone().unwrap_or_else(|| "-".to_owned());
        let (was, is) = (hop(&one.old), hop(&one.new));
        format!(
            "{}, before {}; next hop {is}, before {was}",
            line('~', &one.new),
            one.old.rule
        )
    });
    Some(text)
}

fn new_findings(diff: &Diff) -> Option<String> {
    if diff.findings.new.is_empty() {
        return None;
    }
    let mut text = heading(format!("New findings ({})", diff.findings.new.len())) + "\n";
    for new in &diff.findings.new {
        text += &finding(&new.finding, "");
        if new.was_unknown {
            text += &paragraph(
                "",
                "it may have been there before: the rule was not evaluated completely then",
            );
        }
        text += &paragraph("fix:  ", &new.finding.fix);
    }
    Some(text)
}

fn gone_findings(diff: &Diff) -> Option<String> {
    if diff.findings.gone.is_empty() {
        return None;
    }
    let mut text = heading(format!(
        "Findings that are gone ({})",
        diff.findings.gone.len()
    )) + "\n";
    for gone in &diff.findings.gone {
        text += &finding(&gone.finding, gone.why.describe());
    }
    Some(text)
}

fn finding(finding: &Finding, why: &str) -> String {
    let mut text = format!(
        "  {} {}",
        style::severity(finding.severity.into()),
        heading(&finding.rule)
    );
    if !why.is_empty() {
        let _ = write!(text, "  {why}");
    }
    text += "\n";
    text += &paragraph("", &finding.message);
    for found in finding.objects.iter().take(OBJECTS) {
        let _ = writeln!(text, "    {} {}", dim("at"), object(&found.into()));
    }
    if finding.objects.len() > OBJECTS {
        let more = format!("and {} more objects", finding.objects.len() - OBJECTS);
        let _ = writeln!(text, "    {}", dim(more));
    }
    text
}

fn rules(diff: &Diff) -> Option<String> {
    let rules = &diff.not_evaluated;
    if rules.added.is_empty() && rules.gone.is_empty() {
        return None;
    }
    let mut text = heading("Evaluated rules") + "\n";
    if !rules.added.is_empty() {
        text += &paragraph("not evaluated any more: ", &rules.added.join(", "));
    }
    if !rules.gone.is_empty() {
        text += &paragraph("now evaluated: ", &rules.gone.join(", "));
    }
    Some(text)
}

fn summary(diff: &Diff) -> String {
    if diff.is_empty() {
        return match (diff.decided, diff.is_unreadable()) {
            (true, false) => "no difference\n".to_owned(),
            _ => "no difference in what is known; not all is known\n".to_owned(),
        };
    }
    let routes = &diff.routes;
    format!(
        "{} added, {} removed, {} moved, {} unchanged; {} new, {} gone, {} known\n",
        plural(routes.added.len(), "route"),
        routes.removed.len(),
        routes.moved.len(),
        routes.unchanged,
        plural(diff.findings.new.len(), "finding"),
        diff.findings.gone.len(),
        diff.findings.known,
    )
}
