//! What is asked of the policy for a table, and what is shown of its plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::Terms;
use crate::daemon::server::documents;
use crate::daemon::status::{ByFamily, Confirmation, Held, PlanSize, Routes};
use crate::policy::{Plan, PlanRequest, PlannedRoute};
use crate::targets::Observed;

/// What was last seen in a table, and planned.
#[derive(Clone, Debug)]
pub struct Seen {
    pub at: Timestamp,
    pub plan: Arc<Plan>,
}

/// Tokens of plans that persons have confirmed.
#[derive(Clone, Default)]
pub struct Confirmed(Arc<Mutex<BTreeMap<String, Timestamp>>>);

/// How many confirmations are remembered.
const REMEMBERED: usize = 64;

impl Confirmed {
    /// Remembers a token. It stands for one set of deletes and for no other,
    /// so it does no harm when it stays.
    pub fn add(&self, token: &str) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.insert(token.trim().to_owned(), Timestamp::now());
        while tokens.len() > REMEMBERED {
            let oldest = tokens.iter().min_by_key(|(_, at)| **at);
            let Some(oldest) = oldest.map(|(token, _)| token.clone()) else {
                break;
            };
            tokens.remove(&oldest);
        }
    }

    pub fn has(&self, token: &str) -> bool {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.contains_key(token)
    }
}

/// What the policy is asked.
pub(super) fn request(
    terms: &Terms,
    nodes: Option<&str>,
    observed: &[Observed],
    confirmed: Option<String>,
) -> PlanRequest {
    PlanRequest {
        owner: terms.owner.clone(),
        former_owners: terms.former_owners.clone(),
        node_selector: nodes.map(str::to_owned),
        observed: observed.iter().map(Into::into).collect(),
        delete_share: terms.delete_share,
        confirmed,
        withdraw: terms.withdraw,
    }
}

/// How many routes the plan is about, by family.
pub(super) fn counts(plan: &Plan, observed: &[Observed]) -> ByFamily<Routes> {
    let mut counts = ByFamily::<Routes>::default();
    for route in &plan.right {
        let of_family = counts.of(&route.prefix);
        of_family.desired += 1;
        of_family.applied += 1;
    }
    let updates = plan.updates.iter().map(|update| &update.to);
    for route in plan.adds.iter().chain(updates) {
        counts.of(&route.prefix).desired += 1;
    }
    for conflict in plan.conflicts.iter().filter(|conflict| conflict.blocks) {
        let of_family = counts.of(&conflict.prefix);
        of_family.desired += 1;
        of_family.withheld += 1;
    }
    for held in &plan.held {
        counts.of(&held.route.prefix).held += 1;
    }
    let right = plan.right.iter().map(|route| &route.id);
    let ours: BTreeSet<&String> = plan
        .deletes
        .iter()
        .chain(plan.updates.iter().map(|update| &update.from))
        .chain(plan.held.iter().map(|held| &held.route))
        .map(|route| &route.id)
        .chain(right)
        .collect();
    for route in observed.iter().filter(|route| !ours.contains(&route.id)) {
        counts.of(&route.prefix).foreign += 1;
    }
    counts
}

pub(super) fn size(plan: &Plan) -> PlanSize {
    PlanSize {
        adds: plan.adds.len() as u64,
        changes: plan.updates.len() as u64,
        deletes: plan.deletes.len() as u64,
    }
}

/// What is not done, and why, each reason once.
pub(super) fn held(plan: &Plan) -> Vec<Held> {
    let mut by_reason: BTreeMap<String, u64> = BTreeMap::new();
    for held in &plan.held {
        *by_reason.entry(held.reason.clone()).or_default() += 1;
    }
    for conflict in plan.conflicts.iter().filter(|conflict| conflict.blocks) {
        let reason = format!(
            "{} has a route of somebody else already ({})",
            conflict.prefix, conflict.foreign.id
        );
        *by_reason.entry(reason).or_default() += 1;
    }
    for reason in &plan.stopped {
        by_reason.entry(reason.clone()).or_default();
    }
    by_reason
        .into_iter()
        .map(|(why, routes)| Held { routes, why })
        .collect()
}

/// What a person is asked, if anything.
pub(super) fn question(plan: &Plan) -> Option<Confirmation> {
    let asked = plan.confirmation.as_ref().filter(|asked| !asked.given)?;
    Some(Confirmation {
        token: asked.token.clone(),
        deletes: asked.deletes.into(),
        share: f64::from(asked.deletes) / f64::from(asked.of_routes.max(1)),
    })
}

impl Seen {
    /// As the server shows it.
    pub fn document(&self, table: &str, dry_run: bool) -> documents::TablePlan {
        let plan = &self.plan;
        documents::TablePlan {
            table: table.to_owned(),
            read: Some(self.at),
            dry_run,
            adds: plan.adds.iter().map(Into::into).collect(),
            changes: plan
                .updates
                .iter()
                .map(|update| documents::Change {
                    to: (&update.to).into(),
                    from_next_hop: update.from.next_hop.clone(),
                })
                .collect(),
            deletes: plan
                .deletes
                .iter()
                .map(|route| documents::Delete {
                    prefix: route.prefix.clone(),
                    next_hop: route.next_hop.clone(),
                })
                .collect(),
            right: plan.right.len() as u64,
            foreign: plan.foreign.into(),
            withheld: Vec::new(),
            held: held(plan),
            confirmation: question(plan),
        }
    }
}

impl From<&PlannedRoute> for documents::Route {
    fn from(route: &PlannedRoute) -> Self {
        Self {
            prefix: route.prefix.clone(),
            next_hop: route.next_hop.clone(),
            node: route.node.clone(),
        }
    }
}
