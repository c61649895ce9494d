//! What a rule is.

use std::collections::BTreeSet;

use super::context::Context;
use super::page::Page;
use super::wording;
use crate::report::{Finding, NotEvaluated, ObjectRef, Severity};

/// A rule: one file of code, one page of documentation beside it.
pub struct Rule {
    /// `family/name`. Stable, never reused.
    pub id: &'static str,
    /// How much of the cluster has to be looked at to judge a single change.
    pub reach: Reach,
    /// The severities that it reports, worst first. The first is the one of a
    /// finding that says nothing else.
    pub severities: &'static [Severity],
    /// The numbers that can be set, with their defaults.
    pub parameters: &'static [Parameter],
    /// The rule's Markdown page.
    pub page: &'static str,
    /// Looks at the cluster. An `Err` says what is missing for a verdict.
    pub check: fn(&Context<'_>, &mut Verdict) -> Result<(), Missing>,
}

/// How far the objects of one node, or one Service, matter to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// What it says of a node follows from that node's own objects, from the
    /// objects that share addresses with it, and from what holds for all.
    Node,
    /// It counts routes, pod CIDRs or what holds them.
    Routes,
    /// It looks at Services or Gateways, and perhaps at all nodes.
    Services,
    /// It compares nodes, or takes what is true of one for all, and does not
    /// look at Services or Gateways.
    Cluster,
}

/// A number of a rule that can be set: `{"rule": ..., "parameters": {name: value}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// In camelCase, with the unit where there is one: `warnAtPercent`.
    pub name: &'static str,
    pub default: i64,
    /// The least and the greatest value that is accepted.
    pub range: (i64, i64),
    /// What it does, one sentence.
    pub summary: &'static str,
}

/// What a rule would have to be given to judge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// A kind of object of which none was given, or not all.
    Kind(&'static str),
    /// Anything else, in words.
    Other(String),
}

/// What a rule found.
#[derive(Debug, Default)]
pub struct Verdict {
    pub findings: Vec<Draft>,
    pub missing: BTreeSet<Missing>,
}

/// A finding, but for what is the same for all findings of a rule.
#[derive(Debug)]
pub struct Draft {
    severity: Option<Severity>,
    message: String,
    effect: String,
    fix: String,
    objects: Vec<ObjectRef>,
    alike: Option<Alike>,
}

/// What several nodes have in common, told for the first of them.
#[derive(Debug)]
struct Alike {
    what: String,
    nodes: Vec<String>,
}

impl Rule {
    /// Runs the rule.
    pub fn run(&self, context: &Context<'_>) -> (Vec<Finding>, Option<Unjudged>) {
        let mut verdict = Verdict::default();
        if let Err(missing) = (self.check)(context, &mut verdict) {
            verdict.missing.insert(missing);
        }
        let page = Page::parse(self.page);
        let findings = verdict
            .findings
            .into_iter()
            .map(|draft| draft.finish(self, page.reference()))
            .collect();
        let unjudged = (!verdict.missing.is_empty()).then_some(Unjudged {
            rule: self.id,
            missing: verdict.missing,
        });
        (findings, unjudged)
    }

    /// A finding of this rule.
    pub fn finding(&self, draft: Draft) -> Finding {
        draft.finish(self, Page::parse(self.page).reference())
    }

    fn default_severity(&self) -> Severity {
        self.severities.first().copied().unwrap_or(Severity::Error)
    }
}

/// A rule without a verdict, wholly or in part.
#[derive(Debug)]
pub struct Unjudged {
    pub rule: &'static str,
    pub missing: BTreeSet<Missing>,
}

impl From<Unjudged> for NotEvaluated {
    fn from(unjudged: Unjudged) -> Self {
        Self {
            rule: unjudged.rule,
            missing: unjudged.missing.iter().map(Missing::describe).collect(),
        }
    }
}

impl Missing {
    pub fn other(what: impl Into<String>) -> Self {
        Self::Other(what.into())
    }

    pub fn describe(&self) -> String {
        match self {
            Self::Kind(kind) => (*kind).to_owned(),
            Self::Other(what) => what.clone(),
        }
    }
}

impl Verdict {
    pub fn report(&mut self, draft: Draft) {
        self.findings.push(draft);
    }

    /// Notes a finding about one node. Those of several nodes that are alike
    /// become one: the text is that of the first, so that effect and fix must
    /// hold for each of them.
    pub fn report_alike(&mut self, what: impl Into<String>, node: &str, mut draft: Draft) {
        let what = what.into();
        let earlier = self.findings.iter_mut().find_map(|one| {
            let alike = one.alike.as_mut()?;
            (alike.what == what && one.severity == draft.severity)
                .then_some((&mut alike.nodes, &mut one.objects))
        });
        if let Some((nodes, objects)) = earlier {
            // A node's findings come one after the other.
            if nodes.last().is_none_or(|last| last != node) {
                nodes.push(node.to_owned());
            }
            objects.append(&mut draft.objects);
        } else {
            draft.alike = Some(Alike {
                what,
                nodes: vec![node.to_owned()],
            });
            self.findings.push(draft);
        }
    }

    /// Notes what is missing for a part of the verdict; the rest stands.
    pub fn lacks(&mut self, missing: Missing) {
        self.missing.insert(missing);
    }
}

impl Draft {
    /// A finding that says what is wrong.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            severity: None,
            message: message.into(),
            effect: String::new(),
            fix: String::new(),
            objects: Vec::new(),
            alike: None,
        }
    }

    /// What happens because of it.
    #[must_use]
    pub fn effect(mut self, effect: impl Into<String>) -> Self {
        self.effect = effect.into();
        self
    }

    /// The exact key and value, or command, that mends it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }

    /// An object concerned. The first is the main one.
    #[must_use]
    pub fn object(mut self, object: ObjectRef) -> Self {
        self.objects.push(object);
        self
    }

    #[must_use]
    pub fn objects(mut self, objects: impl IntoIterator<Item = ObjectRef>) -> Self {
        self.objects.extend(objects);
        self
    }

    /// Another severity than the rule's first.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    fn finish(self, rule: &Rule, reference: &'static str) -> Finding {
        let nodes = self.alike.map(|alike| alike.nodes).unwrap_or_default();
        let message = match nodes.len() {
            0 | 1 => self.message,
            count => {
                let names: Vec<&str> = nodes.iter().map(String::as_str).collect();
                format!(
                    "{}; the like on {count} nodes: {}",
                    self.message,
                    wording::list(&names)
                )
            }
        };
        Finding {
            rule: rule.id,
            severity: self.severity.unwrap_or(rule.default_severity()),
            message,
            effect: self.effect,
            fix: self.fix,
            reference,
            objects: self.objects,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Draft, Verdict};
    use crate::report::{ObjectRef, Severity};
    use crate::rules::node::no_next_hop::RULE;

    #[test]
    fn what_is_alike_is_told_once() {
        let mut verdict = Verdict::default();
        for (what, node, severity) in [
            ("v4", "a", Severity::Error),
            ("v6", "a", Severity::Error),
            ("v4", "b", Severity::Error),
            ("v4", "b", Severity::Error),
            ("v4", "c", Severity::Warning),
        ] {
            let object = ObjectRef {
                kind: "Node".into(),
                namespace: None,
                name: node.to_owned(),
                field: None,
            };
            let draft = Draft::new(format!("{node} lacks {what}")).severity(severity);
            verdict.report_alike(what, node, draft.object(object));
        }
        verdict.report(Draft::new("else"));
        let findings: Vec<(String, usize)> = verdict
            .findings
            .into_iter()
            .map(|draft| draft.finish(&RULE, ""))
            .map(|finding| (finding.message, finding.objects.len()))
            .collect();
        assert_eq!(
            findings,
            [
                ("a lacks v4; the like on 2 nodes: a, b".to_owned(), 3),
                ("a lacks v6".to_owned(), 1),
                ("c lacks v4".to_owned(), 1),
                ("else".to_owned(), 0),
            ]
        );
    }
}
