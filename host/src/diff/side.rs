//! One side of a comparison.

use super::SideFacts;
use crate::Snapshot;
use crate::reported::{ObjectRef, Report, Severity};

/// A report, and what was wrong with what it is about.
#[derive(Clone, Debug)]
pub struct Side {
    /// What people call it: the path it was given as.
    pub name: String,
    pub report: Report,
    /// What could not be read of the snapshot.
    pub unreadable: Vec<String>,
}

impl Side {
    /// A report that was read from a file.
    pub fn of_report(name: String, report: Report) -> Self {
        Self {
            unreadable: unreadable_objects(&report),
            name,
            report,
        }
    }

    /// A report that was made of a snapshot.
    pub fn of_snapshot(name: String, report: Report, snapshot: &Snapshot) -> Self {
        let mut unreadable: Vec<String> = snapshot.errors.iter().map(ToString::to_string).collect();
        unreadable.extend(unreadable_objects(&report));
        Self {
            name,
            report,
            unreadable,
        }
    }

    /// Whether its routes are known.
    pub(super) fn is_decided(&self) -> bool {
        self.report.undecided.is_empty()
    }

    pub(super) fn facts(&self) -> SideFacts {
        SideFacts {
            name: self.name.clone(),
            undecided: self.report.undecided.clone(),
            unreadable: self.unreadable.clone(),
        }
    }
}

fn unreadable_objects(report: &Report) -> Vec<String> {
    let problems = report.problems.iter();
    problems
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| match &problem.object {
            Some(object) => format!("{}: {}", object.describe(), problem.message),
            None => problem.message.clone(),
        })
        .collect()
}

impl ObjectRef {
    /// `ConfigMap kube-system/cilium-config data.ipam`.
    pub fn describe(&self) -> String {
        let namespace = match &self.namespace {
            Some(namespace) => format!("{namespace}/"),
            None => String::new(),
        };
        let field = match &self.field {
            Some(field) => format!(" {field}"),
            None => String::new(),
        };
        format!("{} {namespace}{}{field}", self.kind, self.name)
    }
}
