//! What is different about a cluster: two reports on it, and what came, went
//! and moved, with the reason as far as the reports tell it.

mod facts;
mod findings;
mod markdown;
mod routes;
mod side;
mod table;

use std::collections::BTreeSet;

use serde::Serialize;

pub use facts::Fact;
pub use findings::{Gone, Known, New, Why, why_gone};
pub use routes::{Change, Hop, Move, Reason, Routes, WithheldChange, WithheldChanges};
pub use side::Side;

use crate::render::table::Routes as Shown;
use crate::reported::Severity;

/// The differences, `podroute.diff/v1`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    schema: &'static str,
    pub old: SideFacts,
    pub new: SideFacts,
    /// Whether the routes of both sides are known. If not, what is not among
    /// the differences may differ all the same.
    pub decided: bool,
    pub facts: Vec<Fact>,
    pub routes: Routes,
    pub withheld: WithheldChanges,
    pub findings: Findings,
    pub not_evaluated: Rules,
}

/// One side, and what is not known of it.
#[derive(Clone, Debug, Serialize)]
pub struct SideFacts {
    pub name: String,
    pub undecided: Vec<String>,
    /// What could not be read.
    pub unreadable: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Findings {
    pub new: Vec<New>,
    pub gone: Vec<Gone>,
    /// How many both sides have.
    pub known: usize,
}

/// Rules that are not evaluated any more, and those that now are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rules {
    pub added: Vec<String>,
    pub gone: Vec<String>,
}

impl Diff {
    /// What is different about `new`.
    pub fn between(old: &Side, new: &Side) -> Self {
        Self {
            schema: "podroute.diff/v1",
            old: old.facts(),
            new: new.facts(),
            decided: old.is_decided() && new.is_decided(),
            facts: facts::between(&old.report, &new.report),
            routes: routes::between(&old.report, &new.report),
            withheld: routes::withheld_between(&old.report, &new.report),
            findings: findings::between(&old.report, &new.report),
            not_evaluated: not_evaluated(old, new),
        }
    }

    /// For people. Styled; print it through `anstream`.
    pub fn to_table(&self, shown: Shown) -> String {
        table::render(self, shown)
    }

    /// For the comments of a pull request.
    pub fn to_markdown(&self) -> String {
        markdown::render(self)
    }

    /// As JSON, `podroute.diff/v1`.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// Whether a finding of this severity or a worse one is new.
    pub fn has_new(&self, least: Severity) -> bool {
        let mut new = self.findings.new.iter();
        new.any(|new| new.finding.severity >= least)
    }

    /// Whether some packets take another way than before.
    pub fn has_route_changes(&self) -> bool {
        let Routes {
            added,
            removed,
            moved,
            ..
        } = &self.routes;
        !(added.is_empty() && removed.is_empty() && moved.is_empty())
    }

    /// Whether everything could be read and nothing is different.
    pub fn is_empty(&self) -> bool {
        !self.has_route_changes()
            && self.facts.is_empty()
            && self.withheld.is_empty()
            && self.findings.new.is_empty()
            && self.findings.gone.is_empty()
            && self.not_evaluated.added.is_empty()
            && self.not_evaluated.gone.is_empty()
    }

    /// Whether something of a side could not be read.
    pub fn is_unreadable(&self) -> bool {
        !(self.old.unreadable.is_empty() && self.new.unreadable.is_empty())
    }
}

fn not_evaluated(old: &Side, new: &Side) -> Rules {
    let rules = |side: &Side| -> BTreeSet<String> {
        let entries = side.report.not_evaluated.iter();
        entries.map(|entry| entry.rule.clone()).collect()
    };
    let (old, new) = (rules(old), rules(new));
    Rules {
        added: new.difference(&old).cloned().collect(),
        gone: old.difference(&new).cloned().collect(),
    }
}

#[cfg(test)]
mod tests;
