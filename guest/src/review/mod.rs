//! What a change would bring about, before it is made.
//!
//! The cluster is judged as it is and as it would be, and the findings are
//! compared.

mod compare;

use serde::{Serialize, Serializer};

use crate::cluster::{Change, Cluster};
use crate::evaluate::report;
use crate::objects::Key;
use crate::report::{Finding, Problem, Report, Severity};
use crate::settings::Settings;
use crate::terms::Programmed;

/// What changes would bring about: `podroute.review/v1`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Review {
    schema: Schema,
    pub verdict: Verdict,
    pub added: Vec<Finding>,
    pub fixed: Vec<Finding>,
    pub undecided: Vec<String>,
    pub problems: Vec<Problem>,
}

/// What is to be said of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Allow,
    Warn,
    Deny,
}

#[derive(Clone, Copy, Debug)]
struct Schema;

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("podroute.review/v1")
    }
}

/// Reviews changes, and leaves the cluster as it is.
pub fn review(
    cluster: &mut Cluster,
    settings: &Settings,
    programmed: &Programmed,
    changes: &[Change],
) -> Review {
    let mut puts = Vec::new();
    let mut deletes: Vec<Key> = Vec::new();
    let mut problems = Vec::new();
    for change in changes {
        let contents = change.contents();
        puts.extend(contents.objects);
        problems.extend(contents.problems);
        if let Change::Delete(key) = change {
            deletes.push(key.clone());
        }
    }
    let before = report(cluster, settings, programmed);
    let trial = cluster.try_out(puts, &deletes);
    let after = report(cluster, settings, programmed);
    cluster.undo(trial);
    Review::new(before, after, problems)
}

impl Review {
    fn new(before: Report, after: Report, mut problems: Vec<Problem>) -> Self {
        let (added, fixed) = compare::findings(before.findings, after.findings);
        let undecided: Vec<String> = after
            .undecided
            .into_iter()
            .filter(|reason| !before.undecided.contains(reason))
            .collect();
        problems.sort();
        let worst = added.iter().map(|finding| finding.severity).max();
        let verdict = match worst {
            Some(Severity::Error) => Verdict::Deny,
            Some(Severity::Warning) => Verdict::Warn,
            _ if undecided.is_empty() && problems.is_empty() => Verdict::Allow,
            _ => Verdict::Warn,
        };
        Self {
            schema: Schema,
            verdict,
            added,
            fixed,
            undecided,
            problems,
        }
    }
}
