//! Deletes that are too many to be made without asking.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::ids::fnv1a;
use super::{Held, Observed, Plan, Request};

/// Fewer prefixes than this lose their routes without a question, unless they
/// are all there are.
const AT_LEAST: usize = 3;

/// Deletes that wait, or waited, for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// Names exactly these deletes, so that no others are made because of it.
    pub token: String,
    /// How many prefixes would lose their route.
    pub deletes: usize,
    /// Of how many that have one of ours.
    pub of_routes: usize,
    pub given: bool,
}

/// Puts the routes whose prefixes would not be routed any more among the
/// deletes, or among those that are held until somebody confirms.
pub(super) fn decide(plan: &mut Plan, mut lost: Vec<Observed>, request: &Request) {
    lost.sort_by_cached_key(|route| (route.prefix(), route.id.clone()));
    let deletes = prefixes(&lost);
    let of_routes = prefixes(request.ours());
    if request.withdraw || !is_much(plan, deletes, of_routes, request.delete_share) {
        plan.deletes.extend(lost);
        return;
    }
    let confirmation = Confirmation {
        token: token(&request.owner, &lost),
        deletes,
        of_routes,
        given: false,
    };
    let given = request.confirmed.as_ref() == Some(&confirmation.token);
    if given {
        plan.deletes.extend(lost);
    } else {
        let reason = format!(
            "{deletes} of {of_routes} prefixes would lose their route at once; that waits for a confirmation"
        );
        plan.held.extend(lost.into_iter().map(|route| Held {
            route,
            reason: reason.clone(),
        }));
    }
    plan.confirmation = Some(Confirmation {
        given,
        ..confirmation
    });
}

/// How many prefixes the routes are to: there can be several to one.
fn prefixes<'a>(routes: impl IntoIterator<Item = &'a Observed>) -> usize {
    let prefixes: BTreeSet<_> = routes.into_iter().filter_map(Observed::prefix).collect();
    prefixes.len()
}

fn is_much(plan: &Plan, lost: usize, of_routes: usize, share: u32) -> bool {
    if lost == 0 || share >= 100 {
        return false;
    }
    let leaves_none = plan.right.is_empty()
        && plan.updates.is_empty()
        && plan.adds.is_empty()
        && plan.held.is_empty();
    let share = usize::try_from(share).unwrap_or(usize::MAX);
    leaves_none || (lost >= AT_LEAST && lost.saturating_mul(100) > share.saturating_mul(of_routes))
}

fn token(owner: &str, lost: &[Observed]) -> String {
    let mut text = format!("{owner}\n");
    for route in lost {
        let next_hop = route.next_hop.as_deref().unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} {} {next_hop}", route.id, route.prefix);
    }
    format!("{:016x}", fnv1a(&text))
}
