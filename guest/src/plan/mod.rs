//! Desired routes against those that a table holds: what to add, to change
//! and to delete, and what to leave alone.
//!
//! A route is ours if its owner mark is exactly ours. Everything else belongs
//! to somebody, with or without a mark, and is never touched. Nothing is
//! touched either while it is not known what the routes should be.

mod confirmation;
mod foreign;
mod ids;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

pub use confirmation::Confirmation;
pub use foreign::Conflict;

use crate::cluster::Cluster;
use crate::desired::Desired;
use crate::objects::selector::LabelSelector;
use crate::prefix::Prefix;
use crate::programmed::Hops;
use crate::report::Route;
use crate::rules::node;
use foreign::Foreign;
use ids::Ids;

/// What a plan is made of, besides the cluster.
#[derive(Clone, Debug)]
pub struct Request {
    /// The owner mark.
    pub owner: String,
    /// Marks that were ours before.
    pub former_owners: Vec<String>,
    /// The nodes whose routes the table holds; None: all.
    pub nodes: Option<LabelSelector>,
    /// Every route in the table.
    pub observed: Vec<Observed>,
    /// The share of routes, in percent, above which deletes wait.
    pub delete_share: u32,
    /// The token of the confirmation that was given.
    pub confirmed: Option<String>,
    /// Whether all routes of ours are to go.
    pub withdraw: bool,
}

/// A route as a device has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Observed {
    pub id: String,
    pub prefix: String,
    pub next_hop: Option<String>,
    pub owner: Option<String>,
}

/// A route of ours that the table is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    pub id: String,
    pub prefix: Prefix,
    pub next_hop: IpAddr,
    pub node: String,
}

/// A route of ours that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub from: Observed,
    pub to: Planned,
}

/// A route of ours that is not wanted and stays all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub route: Observed,
    pub reason: String,
}

/// What has to be done to a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub adds: Vec<Planned>,
    pub updates: Vec<Update>,
    pub deletes: Vec<Observed>,
    pub right: Vec<Planned>,
    pub held: Vec<Held>,
    pub foreign: usize,
    pub conflicts: Vec<Conflict>,
    /// Why nothing may be touched.
    pub stopped: Vec<String>,
    pub confirmation: Option<Confirmation>,
}

/// The rules that say a node has no usable address. Pods may well be running
/// there: a route that was right a moment ago is better than none.
const WITHOUT_ADDRESS: [&str; 3] = [
    node::no_next_hop::RULE.id,
    node::link_local_next_hop::RULE.id,
    node::next_hop_annotation::RULE.id,
];

impl Request {
    fn is_ours(&self, route: &Observed) -> bool {
        let is_mark = |owner: &String| *owner == self.owner || self.former_owners.contains(owner);
        route.owner.as_ref().is_some_and(is_mark)
    }

    /// The routes of ours that the table holds.
    fn ours(&self) -> impl Iterator<Item = &Observed> {
        self.observed.iter().filter(|route| self.is_ours(route))
    }

    /// The same, as far as they can be read.
    pub fn programmed(&self) -> Hops {
        self.ours()
            .filter_map(|route| Some((route.prefix()?, route.next_hop()?)))
            .collect()
    }

    /// Whether the table holds the routes of a node.
    fn selects(&self, cluster: &Cluster, node: &str) -> bool {
        let Some(selector) = &self.nodes else {
            return true;
        };
        let node = cluster.nodes.get(node);
        node.is_some_and(|node| selector.matches(&node.labels.read()))
    }
}

impl Observed {
    fn prefix(&self) -> Option<Prefix> {
        let parsed = Prefix::parse(&self.prefix).ok()?;
        Some(parsed.prefix)
    }

    fn next_hop(&self) -> Option<IpAddr> {
        self.next_hop.as_deref()?.parse().ok()
    }
}

/// Makes the plan.
pub fn make(cluster: &Cluster, desired: &Desired, request: &Request) -> Plan {
    let mut observed = request.observed.clone();
    // The order in which the device has them must not show.
    observed.sort();
    let (ours, theirs): (Vec<Observed>, Vec<Observed>) = observed
        .into_iter()
        .partition(|route| request.is_ours(route));
    let undecided = desired.undecided();
    if !request.withdraw && !undecided.is_empty() {
        return Plan::stopped(ours, theirs.len(), undecided);
    }
    let selected = |node: &str| !request.withdraw && request.selects(cluster, node);
    let wanted: BTreeMap<Prefix, &Route> = desired
        .routes()
        .filter(|route| selected(&route.node))
        .map(|route| (route.prefix, route))
        .collect();
    let foreign = Foreign::index(theirs);
    let mut ids = Ids::taken(request.observed.iter().map(|route| route.id.clone()));

    let mut plan = Plan {
        foreign: foreign.len(),
        ..Plan::default()
    };
    let (mut best, extra) = best_by_prefix(ours, &wanted, &request.owner);
    for (prefix, route) in &wanted {
        let existing = best.remove(prefix);
        let conflicts = foreign.conflicts(route, existing.is_none());
        let blocked = conflicts.iter().any(|conflict| conflict.blocks);
        plan.conflicts.extend(conflicts);
        let planned = |id| Planned {
            id,
            prefix: *prefix,
            next_hop: route.next_hop,
            node: route.node.clone(),
        };
        match existing {
            Some(route) if is_right(&route, &wanted, &request.owner) => {
                plan.right.push(planned(route.id));
            }
            Some(from) => plan.updates.push(Update {
                to: planned(from.id.clone()),
                from,
            }),
            None if blocked => {}
            None => plan.adds.push(planned(ids.assign(&request.owner, *prefix))),
        }
    }

    let routed: BTreeSet<Prefix> = plan
        .right
        .iter()
        .chain(&plan.adds)
        .chain(plan.updates.iter().map(|update| &update.to))
        .map(|planned| planned.prefix)
        .collect();
    let addressless: Vec<(Prefix, &str)> = desired
        .withheld()
        .filter(|withheld| WITHOUT_ADDRESS.contains(&withheld.rule) && selected(&withheld.node))
        .map(|withheld| (withheld.prefix, withheld.node.as_str()))
        .collect();
    let mut lost = Vec::new();
    for route in best.into_values().chain(extra) {
        let prefix = route.prefix();
        let covered = prefix.is_some_and(|prefix| is_covered(&routed, prefix));
        let waits_for = prefix.and_then(|prefix| holder(&addressless, &routed, prefix));
        match waits_for {
            Some(node) => plan.held.push(Held {
                reason: format!(
                    "node {node} has no usable address now; its last next hop stays until it has one, or gives the pod CIDR back"
                ),
                route,
            }),
            None if covered || prefix.is_none() => plan.deletes.push(route),
            None => lost.push(route),
        }
    }
    confirmation::decide(&mut plan, lost, request);
    plan.deletes
        .sort_by_cached_key(|route| (route.prefix(), route.id.clone()));
    plan.held
        .sort_by_cached_key(|held| (held.route.prefix(), held.route.id.clone()));
    plan
}

impl Plan {
    fn stopped(ours: Vec<Observed>, foreign: usize, reasons: &[String]) -> Self {
        let hold = |route| Held {
            route,
            reason: "nothing is touched while it is not known what the routes should be".to_owned(),
        };
        Self {
            held: ours.into_iter().map(hold).collect(),
            foreign,
            stopped: reasons.to_vec(),
            ..Self::default()
        }
    }
}

fn is_right(route: &Observed, wanted: &BTreeMap<Prefix, &Route>, owner: &str) -> bool {
    let wanted = route.prefix().and_then(|prefix| wanted.get(&prefix));
    route.owner.as_deref() == Some(owner)
        && wanted.is_some_and(|wanted| route.next_hop() == Some(wanted.next_hop))
}

/// Of several routes of ours to one prefix the one that is right, else the
/// one with our mark, else the first; and the others, with those that cannot
/// be read.
fn best_by_prefix(
    mut ours: Vec<Observed>,
    wanted: &BTreeMap<Prefix, &Route>,
    owner: &str,
) -> (BTreeMap<Prefix, Observed>, Vec<Observed>) {
    ours.sort_by_cached_key(|route| {
        (
            !is_right(route, wanted, owner),
            route.owner.as_deref() != Some(owner),
            route.id.clone(),
        )
    });
    let mut best = BTreeMap::new();
    let mut extra = Vec::new();
    for route in ours {
        match route.prefix() {
            Some(prefix) if !best.contains_key(&prefix) => _ = best.insert(prefix, route),
            _ => extra.push(route),
        }
    }
    (best, extra)
}

/// Whether the routes take all packets to a prefix, one alone or several
/// that it falls apart into.
fn is_covered(routed: &BTreeSet<Prefix>, prefix: Prefix) -> bool {
    let by_one = (0..=prefix.length())
        .filter_map(|length| prefix.shortened(length))
        .any(|cover| routed.contains(&cover));
    by_one || Prefix::aggregate(&inside(routed, prefix)) == [prefix]
}

fn inside(routed: &BTreeSet<Prefix>, prefix: Prefix) -> Vec<Prefix> {
    let rest = routed.range(prefix..).copied();
    rest.take_while(|other| prefix.contains(*other)).collect()
}

/// The node without an address that a route belongs to, unless another route
/// has taken over some of its packets.
fn holder<'a>(
    addressless: &[(Prefix, &'a str)],
    routed: &BTreeSet<Prefix>,
    prefix: Prefix,
) -> Option<&'a str> {
    if !inside(routed, prefix).is_empty() || is_covered(routed, prefix) {
        return None;
    }
    addressless
        .iter()
        .find(|(claimed, _)| claimed.overlaps(prefix))
        .map(|(_, node)| *node)
}
