//! snapshot/partial: kinds that some rule needs are not in the snapshot.

use std::collections::BTreeMap;

use crate::report::{Finding, Severity};
use crate::rules::page::Page;
use crate::rules::rule::{Missing, Reach, Rule, Unjudged};

pub const RULE: Rule = Rule {
    id: "snapshot/partial",
    reach: Reach::Cluster,
    severities: &[Severity::Info],
    parameters: &[],
    page: include_str!("partial.md"),
    // What was missing is only known once every other rule has run.
    check: |_, _| Ok(()),
};

/// One finding that lists the kinds and the rules that wait for them.
pub fn summarise(unjudged: &[Unjudged]) -> Option<Finding> {
    let mut waiting: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in unjudged {
        for missing in &entry.missing {
            if let Missing::Kind(kind) = missing {
                waiting.entry(kind).or_default().push(entry.rule);
            }
        }
    }
    if waiting.is_empty() {
        return None;
    }
    let kinds: Vec<&str> = waiting.keys().copied().collect();
    let lists: Vec<String> = waiting
        .iter()
        .map(|(kind, rules)| format!("{kind} ({})", rules.join(", ")))
        .collect();
    Some(Finding {
        rule: RULE.id,
        severity: Severity::Info,
        message: format!("not in the snapshot, or not completely: {}", lists.join("; ")),
        effect: "the rules named were not evaluated, or only in part: that they report nothing is no pass".to_owned(),
        fix: format!(
            "add the objects: kubectl get {} -A -o yaml",
            kinds.join(",").to_lowercase()
        ),
        reference: Page::parse(RULE.page).reference(),
        objects: Vec::new(),
    })
}
