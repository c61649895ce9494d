//! One look at a table: read, plan, write.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use tokio::task::spawn_blocking;
use tracing::{debug, error, info, warn};

use super::Table;
use super::plan::{self, Seen};
use crate::daemon::events::{Reason, Subject};
use crate::daemon::metrics::Outcome;
use crate::daemon::notices;
use crate::daemon::status::{self, Failure};
use crate::policy::{HeldRoute, ObservedRoute, Plan};
use crate::targets::{self, Changes, Observed, Written};

/// What came of a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    pub end: End,
    /// Whether anything was written.
    pub wrote: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The table is as it should be.
    Settled,
    /// Something is held back, and says why; a change of the cluster, of the
    /// table or a person will end that.
    Waiting,
    /// Somebody else wrote at the same time: look again at once.
    Again,
    /// The device did not answer, or refused.
    Failed,
}

/// Conflicts in a row after which to slow down.
const CONFLICTS: u32 = 5;

/// Changes that are logged one by one, not only as a number.
const IN_DETAIL: usize = 20;

impl Table {
    /// Looks at the table once, and makes it right.
    pub async fn cycle(&mut self) -> Cycle {
        let since = self.signal.take();
        let was_settled = std::mem::take(&mut self.settled);
        let mut cycle = self.look(since, was_settled).await;
        match cycle.end {
            End::Settled => self.settled = true,
            End::Waiting => self.settled = was_settled,
            End::Again | End::Failed => self.signal.put_back(since),
        }
        self.conflicts = match cycle.end {
            End::Again => self.conflicts + 1,
            _ => 0,
        };
        if self.conflicts >= CONFLICTS {
            cycle.end = self.failed(format!(
                "somebody else wrote at the same time, {} times in a row; look for what else writes to it",
                self.conflicts
            ));
        }
        cycle
    }

    async fn look(&mut self, since: Option<Instant>, was_settled: bool) -> Cycle {
        let failed = |end| Cycle { end, wrote: false };
        let table = match self.read().await {
            Ok(table) => table,
            Err(error) => return failed(self.read_failed(&error)),
        };
        let plan = match self.plan(&table.routes).await {
            Ok(plan) => plan,
            Err(error) => return failed(self.failed(format!("no plan: {error}"))),
        };
        self.show(&plan, &table);
        let changes = match targets::plan::changes(&plan, &self.shared.terms.owner) {
            Ok(changes) => changes,
            Err(error) => return failed(self.failed(error)),
        };
        let end = if is_complete(&plan) {
            End::Settled
        } else {
            End::Waiting
        };
        if changes.is_empty() && !(table.stale && plan.stopped.is_empty()) {
            self.succeeded(end, since);
            return Cycle { end, wrote: false };
        }
        if self.shared.terms.dry_run {
            self.log(&changes, "would be");
            return Cycle {
                end: End::Waiting,
                wrote: false,
            };
        }
        // The lease may have been lost while the device was answering.
        if !self.shared.leadership.is_leading_now() {
            return failed(End::Waiting);
        }
        let end = match self.write(&changes).await {
            Ok(written) if written.failed.is_empty() => {
                self.log(&changes, "is");
                let is_drift = since.is_none() && was_settled && !self.signal.is_raised();
                if is_drift && !changes.is_empty() {
                    let count = changes.len() as u64;
                    self.shared.metrics.drift_repaired(&self.name, count);
                    let note = format!(
                        "{}: {count} routes were put right that somebody else had changed",
                        self.name
                    );
                    warn!("drift repaired: {note}");
                    self.shared.notices.happened(Reason::DriftRepaired, note);
                }
                self.applied(&plan, &changes);
                self.succeeded(end, since);
                end
            }
            Ok(written) => self.refused(&changes, &written),
            Err(error) => self.write_failed(&changes, &error),
        };
        Cycle { end, wrote: true }
    }

    async fn read(&mut self) -> Result<targets::Table, targets::Error> {
        let start = Instant::now();
        let table = self.bound.target.read().await;
        let outcome = Outcome::of_read(&table);
        self.shared
            .metrics
            .table_read(&self.name, outcome, start.elapsed());
        table
    }

    async fn write(&mut self, changes: &Changes) -> Result<Written, targets::Error> {
        let start = Instant::now();
        self.update(|table| table.last_write = Some(Timestamp::now()));
        let written = self.bound.target.write(changes).await;
        let outcome = Outcome::of_write(&written);
        self.shared
            .metrics
            .table_written(&self.name, outcome, start.elapsed());
        written
    }

    /// Has the policy plan, a second time with the confirmation if the first
    /// plan asks for one that was given.
    async fn plan(&self, observed: &[Observed]) -> Result<Plan, String> {
        let mut plan = self.ask(observed, None).await?;
        if let Some(asked) = &plan.confirmation
            && self.shared.confirmed.has(&asked.token)
        {
            plan = self.ask(observed, Some(asked.token.clone())).await?;
        }
        let rivals = self.rivals();
        if rivals.is_empty() {
            Ok(plan)
        } else {
            Ok(stopped(&plan, rivals))
        }
    }

    async fn ask(&self, observed: &[Observed], confirmed: Option<String>) -> Result<Plan, String> {
        let nodes = self.bound.nodes.as_deref();
        let request = plan::request(&self.shared.terms, nodes, observed, confirmed);
        let resident = Arc::clone(&self.shared.resident);
        let plan = spawn_blocking(move || {
            let mut resident = resident.lock().unwrap_or_else(PoisonError::into_inner);
            resident.plan(&request)
        });
        match plan.await {
            Ok(Ok(plan)) => Ok(plan),
            Ok(Err(error)) => Err(error.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Who else writes routes under our mark, and has to stop first.
    pub(super) fn rivals(&self) -> Vec<String> {
        if self.shared.terms.beside_ako || !self.bound.target.is_akos() {
            return Vec::new();
        }
        let rivals = self.shared.rivals.borrow().clone();
        rivals.unwrap_or_else(|| {
            vec!["it is not known yet whether AKO writes routes under the same name".to_owned()]
        })
    }

    fn show(&mut self, plan: &Plan, table: &targets::Table) {
        let now = Timestamp::now();
        for note in table.notes.iter().filter(|note| !self.notes.contains(note)) {
            warn!(table = self.name, "{note}");
        }
        self.notes.clone_from(&table.notes);
        self.update(|shown| {
            shown.last_read = Some(now);
            // What was refused counts until it is tried again with success.
            let before = shown.routes;
            shown.routes = plan::counts(plan, &table.routes);
            shown.routes.ipv4.failed = before.ipv4.failed;
            shown.routes.ipv6.failed = before.ipv6.failed;
            shown.plan = plan::size(plan);
            shown.held = plan::held(plan);
            shown.confirmation = plan::question(plan);
        });
        let question = plan::question(plan).map(|asked| {
            format!(
                "{}: {} of our routes would be deleted, which waits for a confirmation with the token {}; /plan shows them",
                self.name, asked.deletes, asked.token
            )
        });
        if let Some(question) = &question {
            warn!("{question}");
        }
        let question = question.map(|question| (Subject::Daemon, question));
        self.tell(
            Reason::PlanNeedsConfirmation,
            question.into_iter().collect(),
        );
        self.seen.send_replace(Some(Seen {
            at: now,
            plan: Arc::new(plan.clone()),
        }));
    }

    /// After a write every route is as planned.
    fn applied(&self, plan: &Plan, changes: &Changes) {
        self.update(|shown| {
            for route in changes.adds.iter().chain(&changes.updates) {
                shown.routes.of(&route.prefix.to_string()).applied += 1;
            }
            shown.plan = status::PlanSize::default();
        });
        let done = Plan {
            adds: Vec::new(),
            updates: Vec::new(),
            deletes: Vec::new(),
            right: plan
                .right
                .iter()
                .chain(&plan.adds)
                .chain(plan.updates.iter().map(|update| &update.to))
                .cloned()
                .collect(),
            ..plan.clone()
        };
        self.seen.send_replace(Some(Seen {
            at: Timestamp::now(),
            plan: Arc::new(done),
        }));
    }

    fn succeeded(&self, end: End, since: Option<Instant>) {
        if let Some(since) = since {
            self.shared
                .metrics
                .event_applied(&self.name, since.elapsed());
        }
        self.tell(Reason::RouteWriteFailed, Vec::new());
        self.count_failed(std::iter::empty());
        self.update(|shown| {
            shown.error = None;
            if end == End::Settled {
                shown.last_success = Some(Timestamp::now());
            }
        });
    }

    fn read_failed(&self, error: &targets::Error) -> End {
        self.failed(format!("cannot be read: {error}"));
        match error {
            targets::Error::Conflict(_) => End::Again,
            _ => End::Failed,
        }
    }

    /// None of the changes was made, as far as is known.
    fn write_failed(&self, changes: &Changes, error: &targets::Error) -> End {
        if let targets::Error::Conflict(reason) = error {
            info!(
                table = self.name,
                "somebody else wrote at the same time, looking again: {reason}"
            );
            return End::Again;
        }
        let routes = changes.adds.iter().chain(&changes.updates);
        let deletes = changes.deletes.iter().map(|route| route.prefix.clone());
        self.count_failed(routes.map(|route| route.prefix.to_string()).chain(deletes));
        self.failed(format!("cannot be written: {error}"))
    }

    /// The device took some changes and refused others.
    fn refused(&self, changes: &Changes, written: &Written) -> End {
        let node_of = |prefix: &str| {
            let routes = changes.adds.iter().chain(&changes.updates);
            let mut routes = routes.filter(|route| route.prefix.to_string() == prefix);
            routes.next().map(|route| route.node.clone())
        };
        let refused = written.failed.iter().map(|failure| {
            let subject = notices::node(&node_of(&failure.prefix).unwrap_or_default());
            let note = format!(
                "{}: {} was refused: {}",
                self.name, failure.prefix, failure.reason
            );
            (subject, note)
        });
        self.tell(Reason::RouteWriteFailed, refused.collect());
        for failure in written.failed.iter().take(IN_DETAIL) {
            error!(
                table = self.name,
                prefix = failure.prefix,
                "refused: {}",
                failure.reason
            );
        }
        let prefixes = written.failed.iter();
        self.count_failed(prefixes.map(|failure| failure.prefix.clone()));
        let first = written.failed.first();
        let first = first.map(|one| format!("{}: {}", one.prefix, one.reason));
        self.note_failure(format!(
            "{} changes were refused; the first is {}",
            written.failed.len(),
            first.unwrap_or_default()
        ));
        End::Failed
    }

    /// Counts the changes that were refused, in place of those before.
    fn count_failed(&self, prefixes: impl Iterator<Item = String>) {
        self.update(|shown| {
            shown.routes.ipv4.failed = 0;
            shown.routes.ipv6.failed = 0;
            for prefix in prefixes {
                shown.routes.of(&prefix).failed += 1;
            }
        });
    }

    fn failed(&self, text: String) -> End {
        let note = format!("{} {text}", self.name);
        self.tell(Reason::RouteWriteFailed, vec![(Subject::Daemon, note)]);
        self.note_failure(text);
        End::Failed
    }

    fn note_failure(&self, text: String) {
        error!(table = self.name, "{text}");
        self.update(|shown| {
            shown.error = Some(Failure {
                at: Timestamp::now(),
                text,
            });
        });
    }

    /// Tells what is so at present.
    fn tell(&self, reason: Reason, now: Vec<(Subject, String)>) {
        self.shared.notices.standing(reason, &self.name, now);
    }

    fn log(&self, changes: &Changes, verb: &str) {
        let table = self.name.as_str();
        let in_detail = changes.len() <= IN_DETAIL;
        let say = |text: String| {
            if in_detail {
                info!(table, "{text}");
            } else {
                debug!(table, "{text}");
            }
        };
        for (list, what) in [(&changes.adds, "added"), (&changes.updates, "changed")] {
            for route in list {
                say(format!(
                    "{} via {} (node {}) {verb} {what}",
                    route.prefix, route.next_hop, route.node
                ));
            }
        }
        for route in &changes.deletes {
            let next_hop = route.next_hop.as_deref().unwrap_or("no address");
            say(format!("{} via {next_hop} {verb} deleted", route.prefix));
        }
        info!(
            table,
            added = changes.adds.len(),
            changed = changes.updates.len(),
            deleted = changes.deletes.len(),
            "the plan {verb} carried out"
        );
    }

    fn update(&self, change: impl FnOnce(&mut status::Table)) {
        self.shared.board.change(|status| {
            change(status.tables.entry(self.name.clone()).or_default());
        });
    }
}

/// Whether the table is wholly as the cluster wants it once the changes are
/// made.
fn is_complete(plan: &Plan) -> bool {
    plan.stopped.is_empty()
        && plan.held.is_empty()
        && !plan.conflicts.iter().any(|conflict| conflict.blocks)
}

/// The plan with everything left as it is, for these reasons.
fn stopped(plan: &Plan, reasons: Vec<String>) -> Plan {
    let deletes = plan.deletes.iter();
    let updates = plan.updates.iter().map(|update| &update.from);
    let hold = |route: &ObservedRoute| HeldRoute {
        route: route.clone(),
        reason: "nothing is touched while AKO writes routes under the same name".to_owned(),
    };
    Plan {
        adds: Vec::new(),
        updates: Vec::new(),
        deletes: Vec::new(),
        held: plan
            .held
            .iter()
            .cloned()
            .chain(deletes.chain(updates).map(hold))
            .collect(),
        stopped: reasons,
        confirmation: None,
        ..plan.clone()
    }
}
