//! Between the policy, which plans, and the targets, which hold routes.

use super::{Changes, Observed, Wanted};
use crate::policy::{ObservedRoute, Plan, PlannedRoute};

/// What has to be written. The error names a text of the policy that is no
/// address, which only another policy than the built-in one can bring about.
pub fn changes(plan: &Plan, owner: &str) -> Result<Changes, String> {
    let adds = wanted(&plan.adds)?;
    let updates = wanted(plan.updates.iter().map(|update| &update.to))?;
    let mut all = wanted(&plan.right)?;
    all.extend(adds.iter().chain(&updates).cloned());
    all.extend(plan.held.iter().filter_map(|held| kept(&held.route)));
    all.sort_by(|a, b| (a.prefix, &a.id).cmp(&(b.prefix, &b.id)));
    Ok(Changes {
        owner: owner.to_owned(),
        adds,
        updates,
        deletes: plan.deletes.iter().map(Into::into).collect(),
        all,
    })
}

fn wanted<'a>(routes: impl IntoIterator<Item = &'a PlannedRoute>) -> Result<Vec<Wanted>, String> {
    let read = |route: &PlannedRoute| {
        let (Ok(prefix), Ok(next_hop)) = (route.prefix.parse(), route.next_hop.parse()) else {
            return Err(format!(
                "the policy planned a route that cannot be read: {} via {}; use the built-in policy, or mend this one",
                route.prefix, route.next_hop
            ));
        };
        Ok(Wanted {
            id: route.id.clone(),
            prefix,
            next_hop,
            node: route.node.clone(),
        })
    };
    routes.into_iter().map(read).collect()
}

/// A route that stays though it is not wanted. Nobody knows its node any more.
fn kept(route: &ObservedRoute) -> Option<Wanted> {
    Some(Wanted {
        id: route.id.clone(),
        prefix: route.prefix.parse().ok()?,
        next_hop: route.next_hop.as_deref()?.parse().ok()?,
        node: String::new(),
    })
}

impl From<&Observed> for ObservedRoute {
    fn from(route: &Observed) -> Self {
        Self {
            id: route.id.clone(),
            prefix: route.prefix.clone(),
            next_hop: route.next_hop.clone(),
            owner: route.owner.clone(),
        }
    }
}

impl From<&ObservedRoute> for Observed {
    fn from(route: &ObservedRoute) -> Self {
        Self {
            id: route.id.clone(),
            prefix: route.prefix.clone(),
            next_hop: route.next_hop.clone(),
            owner: route.owner.clone(),
        }
    }
}
