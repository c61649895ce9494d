//! Plans over the contract.

use super::kept::selector;
use super::wit;
use crate::detect::needs::Need;
use crate::plan::{Confirmation, Conflict, Held, Observed, Plan, Planned, Request, Update};

impl TryFrom<wit::PlanRequest> for Request {
    type Error = wit::Error;

    fn try_from(request: wit::PlanRequest) -> Result<Self, wit::Error> {
        if request.owner.is_empty() {
            return Err(wit::Error::InvalidRequest(
                "owner: must not be empty, or every route without a mark would be ours".to_owned(),
            ));
        }
        Ok(Self {
            owner: request.owner,
            former_owners: request.former_owners,
            nodes: selector(request.node_selector.as_deref())?,
            observed: request.observed.into_iter().map(Into::into).collect(),
            delete_share: request.delete_share,
            confirmed: request.confirmed,
            withdraw: request.withdraw,
        })
    }
}

impl From<wit::ObservedRoute> for Observed {
    fn from(route: wit::ObservedRoute) -> Self {
        Self {
            id: route.id,
            prefix: route.prefix,
            next_hop: route.next_hop,
            owner: route.owner,
        }
    }
}

impl From<Observed> for wit::ObservedRoute {
    fn from(route: Observed) -> Self {
        Self {
            id: route.id,
            prefix: route.prefix,
            next_hop: route.next_hop,
            owner: route.owner,
        }
    }
}

impl From<Planned> for wit::PlannedRoute {
    fn from(route: Planned) -> Self {
        Self {
            id: route.id,
            prefix: route.prefix.to_string(),
            next_hop: route.next_hop.to_string(),
            node: route.node,
        }
    }
}

impl From<Update> for wit::PlannedUpdate {
    fn from(update: Update) -> Self {
        Self {
            from: update.from.into(),
            to: update.to.into(),
        }
    }
}

impl From<Held> for wit::HeldRoute {
    fn from(held: Held) -> Self {
        Self {
            route: held.route.into(),
            reason: held.reason,
        }
    }
}

impl From<Conflict> for wit::Conflict {
    fn from(conflict: Conflict) -> Self {
        Self {
            prefix: conflict.prefix.to_string(),
            node: conflict.node,
            foreign: conflict.foreign.into(),
            blocks: conflict.blocks,
        }
    }
}

impl From<Confirmation> for wit::Confirmation {
    fn from(confirmation: Confirmation) -> Self {
        Self {
            token: confirmation.token,
            deletes: count(confirmation.deletes),
            of_routes: count(confirmation.of_routes),
            given: confirmation.given,
        }
    }
}

impl From<Plan> for wit::Plan {
    fn from(plan: Plan) -> Self {
        Self {
            adds: each(plan.adds),
            updates: each(plan.updates),
            deletes: each(plan.deletes),
            right: each(plan.right),
            held: each(plan.held),
            foreign: count(plan.foreign),
            conflicts: each(plan.conflicts),
            stopped: plan.stopped,
            confirmation: plan.confirmation.map(Into::into),
        }
    }
}

impl From<&Need> for wit::Need {
    fn from(need: &Need) -> Self {
        Self {
            kind: need.kind.name().to_owned(),
            for_routes: need.for_routes,
        }
    }
}

fn each<T, U: From<T>>(list: Vec<T>) -> Vec<U> {
    list.into_iter().map(U::from).collect()
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
