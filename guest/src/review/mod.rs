//! What changes would bring about, before they are made.
//!
//! The cluster is judged as it is and as it would be, and the findings are
//! compared. Of a change of single objects only the neighbourhood is judged:
//! the nodes that share something with it, among what holds for all.

mod changes;
mod compare;
mod judge;
mod memory;
mod neighbourhood;

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use crate::cluster::{Cluster, Step};
use crate::desired::Desired;
use crate::programmed::Programmed;
use crate::report::{Finding, Problem, Severity};
use crate::rules::route::limit;
use crate::rules::rule::Reach;
use crate::settings::Settings;
use crate::suppressions;
pub use changes::{Change, Changes};
use judge::Judge;
use memory::Memory;
use neighbourhood::Neighbourhood;

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

/// Reviews changes, and remembers what it takes for the next review.
#[derive(Debug, Default)]
pub struct Reviewer {
    /// None until it is needed, and after [`Reviewer::forget`].
    memory: Option<Memory>,
}

impl Reviewer {
    /// The cluster has changed, or the settings have.
    pub fn forget(&mut self) {
        self.memory = None;
    }

    /// Reviews changes, made one after the other, and leaves the cluster as it
    /// is.
    pub fn review(
        &mut self,
        cluster: &mut Cluster,
        desired: &mut Desired,
        settings: &Settings,
        changes: &[Change],
    ) -> Review {
        let changes = Changes::read(changes);
        desired.refresh(cluster, settings);
        let mut review = Review::new(changes.problems);
        let steps = &changes.steps;
        if let Some(around) = Neighbourhood::of(cluster, desired, settings, steps) {
            review.look_around(&around, cluster, desired, settings, steps);
        } else {
            let programmed = desired.programmed();
            let memory = self
                .memory
                .get_or_insert_with(|| Memory::of(cluster, settings, programmed));
            review.look_everywhere(memory, cluster, programmed, settings, steps);
        }
        review.finish();
        review
    }
}

impl Review {
    fn new(problems: Vec<Problem>) -> Self {
        Self {
            schema: Schema,
            verdict: Verdict::Allow,
            added: Vec::new(),
            fixed: Vec::new(),
            undecided: Vec::new(),
            problems,
        }
    }

    /// Judges changes that concern single objects.
    fn look_around(
        &mut self,
        around: &Neighbourhood,
        cluster: &mut Cluster,
        desired: &Desired,
        settings: &Settings,
        steps: &[Step],
    ) {
        let near = Judge::new(desired, settings, |rule| rule.reach == Reach::Node);
        let far = Judge::new(
            desired,
            settings,
            match (around.has_nodes, around.has_routes) {
                (true, true) if settings.route_limit.is_some() => |rule| rule.reach != Reach::Node,
                // Without a limit there is nothing to count routes for.
                (true, true) => |rule| rule.reach != Reach::Node && rule.id != limit::RULE.id,
                (true, false) => |rule| matches!(rule.reach, Reach::Cluster | Reach::Services),
                (false, _) => |rule| rule.reach == Reach::Services,
            },
        );
        let (Some(near), Some(far)) = (near, far) else {
            return;
        };
        let aside = around.narrow(cluster);
        self.judge(&near, cluster, settings, steps);
        cluster.widen(aside);
        self.judge(&far, cluster, settings, steps);
    }

    fn judge(
        &mut self,
        judge: &Judge<'_>,
        cluster: &mut Cluster,
        settings: &Settings,
        steps: &[Step],
    ) {
        let before = accept(judge.judge(cluster), cluster, settings);
        let trial = cluster.try_out(steps);
        let after = accept(judge.judge(cluster), cluster, settings);
        cluster.undo(trial);
        self.add(before, after);
    }

    /// Judges changes that may concern everything.
    fn look_everywhere(
        &mut self,
        memory: &Memory,
        cluster: &mut Cluster,
        programmed: &Programmed,
        settings: &Settings,
        steps: &[Step],
    ) {
        let touched = memory::touched(cluster, steps);
        let trial = cluster.try_out(steps);
        let touched = touched.filter(|_| !cluster.has_gained_sight_by(&trial));
        let compared = memory.compare(cluster, settings, programmed, touched.as_ref());
        let after = accept(compared.after, cluster, settings);
        cluster.undo(trial);
        let before = accept(compared.before, cluster, settings);
        self.add(before, after);
        self.undecided = compared.undecided;
    }

    fn add(&mut self, before: Vec<Finding>, after: Vec<Finding>) {
        let (added, fixed) = compare::findings(before, after);
        self.added.extend(added);
        self.fixed.extend(fixed);
    }

    fn finish(&mut self) {
        self.added.sort_by(Finding::worst_first);
        self.fixed.sort_by(Finding::worst_first);
        self.problems.sort();
        let is_whole = self.undecided.is_empty() && self.problems.is_empty();
        self.verdict = match self.added.first().map(|finding| finding.severity) {
            Some(Severity::Error) => Verdict::Deny,
            Some(Severity::Warning) => Verdict::Warn,
            _ if is_whole => Verdict::Allow,
            _ => Verdict::Warn,
        };
    }
}

/// The findings that nobody has accepted.
fn accept(findings: Vec<Finding>, cluster: &Cluster, settings: &Settings) -> Vec<Finding> {
    if findings.is_empty() {
        return findings;
    }
    let mut accepted = settings.suppressions.clone();
    accepted.extend(suppressions::in_annotations(cluster));
    suppressions::apply(findings, &accepted, settings.today, &BTreeSet::new()).findings
}
