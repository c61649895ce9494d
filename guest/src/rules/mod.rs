//! The rules: one file each, named after the rule, with its page beside it.
//!
//! A new rule is a file, a page, and a line in its family's list.

pub mod ako;
pub mod antrea;
pub mod calico;
pub mod choices;
pub mod cilium;
pub mod cni;
pub mod context;
pub mod ipam;
pub mod mesh;
pub mod node;
pub mod openshift;
pub mod ovn;
pub mod page;
pub mod pod;
pub mod pool;
pub mod route;
pub mod routing;
pub mod rule;
pub mod sctp;
pub mod snapshot;
mod wording;

use context::Context;
use rule::{Rule, Unjudged};

use crate::report::{Finding, NotEvaluated};
use crate::suppressions::Audited;

/// Every rule, by family.
const FAMILIES: [&[&Rule]; 16] = [
    ako::RULES,
    antrea::RULES,
    calico::RULES,
    cilium::RULES,
    cni::RULES,
    ipam::RULES,
    mesh::RULES,
    node::RULES,
    openshift::RULES,
    ovn::RULES,
    pod::RULES,
    pool::RULES,
    route::RULES,
    routing::RULES,
    sctp::RULES,
    snapshot::RULES,
];

/// Every rule.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.into_iter().flatten().copied()
}

/// What came of running the rules.
#[derive(Debug, Default)]
pub struct Outcome {
    pub findings: Vec<Finding>,
    pub not_evaluated: Vec<NotEvaluated>,
    /// Rules that did not run because the settings say so.
    pub off: Vec<&'static str>,
}

/// Runs every rule that is not switched off.
pub fn run(context: &Context<'_>) -> Outcome {
    let choices = &context.settings.rules;
    let mut outcome = Outcome::default();
    let mut unjudged: Vec<Unjudged> = Vec::new();
    for rule in all() {
        if choices.is_off(rule) {
            outcome.off.push(rule.id);
            continue;
        }
        let (found, missing) = rule.run(context);
        outcome.findings.extend(found);
        unjudged.extend(missing);
    }
    if !choices.is_off(&snapshot::partial::RULE) {
        outcome
            .findings
            .extend(snapshot::partial::summarise(&unjudged));
    }
    choices.weigh(&mut outcome.findings);
    outcome.not_evaluated = unjudged.into_iter().map(NotEvaluated::from).collect();
    outcome.off.sort_unstable();
    outcome
}

/// What some of the rules find, but for those that are switched off.
pub fn findings(context: &Context<'_>, applies: impl Fn(&Rule) -> bool) -> Vec<Finding> {
    let choices = &context.settings.rules;
    let mut findings: Vec<Finding> = all()
        .filter(|rule| applies(rule) && !choices.is_off(rule))
        .flat_map(|rule| rule.run(context).0)
        .collect();
    choices.weigh(&mut findings);
    findings
}

/// What the rules say of the suppressions, once those have been applied.
pub fn audit(context: &Context<'_>, audit: &[Audited]) -> Vec<Finding> {
    let choices = &context.settings.rules;
    if choices.is_off(&snapshot::suppression_in_vain::RULE) {
        return Vec::new();
    }
    let mut findings: Vec<Finding> = snapshot::suppression_in_vain::findings(audit).collect();
    choices.weigh(&mut findings);
    findings
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::all;
    use super::page::Page;

    #[test]
    fn every_rule_has_a_page_of_its_own() {
        for rule in all() {
            let page = Page::parse(rule.page);
            assert_eq!(page.id(), rule.id);
            assert!(page.summary().ends_with('.'), "{}: summary", rule.id);
            assert!(
                page.reference().starts_with("https://"),
                "{}: reference",
                rule.id
            );
            for parameter in rule.parameters {
                let name = format!("`{}`", parameter.name);
                assert!(rule.page.contains(&name), "{}: {name}", rule.id);
            }
            for heading in ["\n## What\n", "\n## Why\n", "\n## Fix\n", "\n## Examples\n"] {
                assert!(rule.page.contains(heading), "{}: {heading:?}", rule.id);
            }
        }
    }

    #[test]
    fn ids_are_unique_and_severities_sorted() {
        let ids: BTreeSet<_> = all().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), all().count());
        for rule in all() {
            assert!(rule.severities.is_sorted_by(|a, b| a > b), "{}", rule.id);
            assert!(!rule.severities.is_empty(), "{}", rule.id);
        }
    }
}
