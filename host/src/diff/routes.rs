//! Routes that came, went and moved, and why as far as two reports tell it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::reported::{Report, Route, Withheld};

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Routes {
    pub added: Vec<Change>,
    pub removed: Vec<Change>,
    pub moved: Vec<Move>,
    /// How many are as they were.
    pub unchanged: usize,
}

/// A route that is new or gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    pub prefix: String,
    pub next_hop: String,
    pub node: String,
    pub reason: Reason,
    /// The reason, for people.
    pub because: String,
}

/// A route to the same prefix that goes elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    pub prefix: String,
    pub old: Hop,
    pub new: Hop,
    pub reason: Reason,
    /// The reason, for people.
    pub because: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hop {
    pub next_hop: String,
    pub node: String,
}

/// Why a route changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Pod CIDRs are read from another place.
    Source,
    /// It was withheld before.
    WithheldBefore,
    /// It is withheld now.
    WithheldNow,
    /// The same pod CIDRs make fewer or more routes.
    Aggregation,
    /// The same node has another next hop.
    NextHop,
    /// The pod CIDR is now of another node.
    OtherNode,
    /// The node had no pod CIDR before, or has none any more.
    Node,
    /// The node has other pod CIDRs.
    PodCidr,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WithheldChanges {
    pub added: Vec<Withheld>,
    pub gone: Vec<Withheld>,
    /// By another rule, or of another next hop.
    pub changed: Vec<WithheldChange>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WithheldChange {
    pub old: Withheld,
    pub new: Withheld,
}

impl WithheldChanges {
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.gone.is_empty() && self.changed.is_empty()
    }
}

pub(super) fn between(old: &Report, new: &Report) -> Routes {
    let (before, after) = (Side::of(old), Side::of(new));
    let source = source_change(old, new);
    let source = source.as_deref();
    let mut routes = Routes {
        added: Vec::new(),
        removed: Vec::new(),
        moved: Vec::new(),
        unchanged: 0,
    };
    for route in &new.routes {
        match before.routes.get(route.prefix.as_str()) {
            None => {
                let why = one_sided(route, &before, &after, source, true);
                routes.added.push(Change::of(route, why));
            }
            Some(was) if was.next_hop == route.next_hop && was.node == route.node => {
                routes.unchanged += 1;
            }
            Some(was) => {
                let (reason, because) = why_moved(was, route, &before, &after, source);
                routes.moved.push(Move {
                    prefix: route.prefix.clone(),
                    old: Hop::of(was),
                    new: Hop::of(route),
                    reason,
                    because,
                });
            }
        }
    }
    for route in &old.routes {
        if !after.routes.contains_key(route.prefix.as_str()) {
            let why = one_sided(route, &after, &before, source, false);
            routes.removed.push(Change::of(route, why));
        }
    }
    routes
}

/// A report, ready to be asked.
struct Side<'a> {
    routes: BTreeMap<&'a str, &'a Route>,
    withheld: BTreeMap<(&'a str, &'a str), &'a Withheld>,
    /// Prefixes that went into an aggregate, with the aggregate.
    parts: BTreeMap<&'a str, &'a str>,
    /// The nodes that claim something.
    nodes: BTreeSet<&'a str>,
}

impl<'a> Side<'a> {
    fn of(report: &'a Report) -> Self {
        let routes = report.routes.iter();
        let withheld = report.withheld.iter();
        Self {
            routes: routes
                .clone()
                .map(|route| (route.prefix.as_str(), route))
                .collect(),
            withheld: withheld
                .clone()
                .map(|one| ((one.prefix.as_str(), one.node.as_str()), one))
                .collect(),
            parts: routes
                .clone()
                .flat_map(|route| {
                    let parts = route.stands_for.iter();
                    parts.map(|part| (part.prefix.as_str(), route.prefix.as_str()))
                })
                .collect(),
            nodes: routes
                .map(|route| route.node.as_str())
                .chain(withheld.map(|one| one.node.as_str()))
                .collect(),
        }
    }

    fn withheld(&self, prefix: &str, node: &str) -> Option<&'a Withheld> {
        self.withheld.get(&(prefix, node)).copied()
    }
}

impl Change {
    fn of(route: &Route, (reason, because): (Reason, String)) -> Self {
        Self {
            prefix: route.prefix.clone(),
            next_hop: route.next_hop.clone(),
            node: route.node.clone(),
            reason,
            because,
        }
    }
}

impl Hop {
    fn of(route: &Route) -> Self {
        Self {
            next_hop: route.next_hop.clone(),
            node: route.node.clone(),
        }
    }
}

/// That pod CIDRs are read from another place, in words.
fn source_change(old: &Report, new: &Report) -> Option<String> {
    let (before, after) = (&old.cluster, &new.cluster);
    if before.pod_cidr_source == after.pod_cidr_source {
        return None;
    }
    let place = |source: &Option<String>| source.clone().unwrap_or_else(|| "nowhere".to_owned());
    let mut why = Vec::new();
    if before.cni != after.cni {
        why.push(format!("the CNI was {} and is {}", before.cni, after.cni));
    }
    if before.ipam_mode != after.ipam_mode {
        let mode = |mode: &Option<String>| mode.clone().unwrap_or_else(|| "none".to_owned());
        let (was, is) = (mode(&before.ipam_mode), mode(&after.ipam_mode));
        why.push(format!("the IPAM mode was {was} and is {is}"));
    }
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(": {}", why.join(", "))
    };
    Some(format!(
        "pod CIDRs are read from {}, before from {}{why}",
        place(&after.pod_cidr_source),
        place(&before.pod_cidr_source),
    ))
}

/// Why a route is on one side only: `without` is the side that has it not.
fn one_sided(
    route: &Route,
    without: &Side<'_>,
    with: &Side<'_>,
    source: Option<&str>,
    is_added: bool,
) -> (Reason, String) {
    let (prefix, node) = (route.prefix.as_str(), route.node.as_str());
    if let Some(withheld) = without.withheld(prefix, node) {
        return if is_added {
            (
                Reason::WithheldBefore,
                format!("it was withheld by {}", withheld.rule),
            )
        } else {
            (
                Reason::WithheldNow,
                format!("it is withheld by {}", withheld.rule),
            )
        };
    }
    if let Some(source) = source {
        return (Reason::Source, source.to_owned());
    }
    if let Some(aggregate) = without.parts.get(prefix) {
        let because = if is_added {
            format!("before, {aggregate} stood for it")
        } else {
            format!("{aggregate} stands for it")
        };
        return (Reason::Aggregation, because);
    }
    let mut parts = route.stands_for.iter();
    if parts.any(|part| without.routes.contains_key(part.prefix.as_str())) {
        let because = if is_added {
            "it stands for several routes that were there before"
        } else {
            "the pod CIDRs that it stood for have routes of their own"
        };
        return (Reason::Aggregation, because.to_owned());
    }
    let has_others = without.nodes.contains(node) && with.nodes.contains(node);
    match (has_others, is_added) {
        (false, true) => (Reason::Node, format!("node {node} had no pod CIDR before")),
        (false, false) => (
            Reason::Node,
            format!("node {node} has no pod CIDR any more"),
        ),
        (true, true) => (
            Reason::PodCidr,
            format!("node {node} has this pod CIDR now"),
        ),
        (true, false) => (
            Reason::PodCidr,
            format!("node {node} does not have this pod CIDR any more"),
        ),
    }
}

fn why_moved(
    was: &Route,
    is: &Route,
    before: &Side<'_>,
    after: &Side<'_>,
    source: Option<&str>,
) -> (Reason, String) {
    if was.node == is.node {
        return (
            Reason::NextHop,
            format!("node {} has another next hop", is.node),
        );
    }
    if let Some(withheld) = after.withheld(&is.prefix, &was.node) {
        return (
            Reason::WithheldNow,
            format!(
                "both nodes claim it, and that of node {} is withheld by {}",
                was.node, withheld.rule
            ),
        );
    }
    if let Some(withheld) = before.withheld(&is.prefix, &is.node) {
        return (
            Reason::WithheldBefore,
            format!(
                "node {} does not claim it any more; that of node {} was withheld by {}",
                was.node, is.node, withheld.rule
            ),
        );
    }
    match source {
        Some(source) => (Reason::Source, source.to_owned()),
        None => (
            Reason::OtherNode,
            format!(
                "the pod CIDR went from node {} to node {}",
                was.node, is.node
            ),
        ),
    }
}

pub(super) fn withheld_between(old: &Report, new: &Report) -> WithheldChanges {
    let (before, after) = (Side::of(old), Side::of(new));
    let is_in = |side: &Side<'_>, one: &Withheld| side.withheld(&one.prefix, &one.node).cloned();
    let mut changes = WithheldChanges {
        added: Vec::new(),
        gone: Vec::new(),
        changed: Vec::new(),
    };
    for one in &new.withheld {
        match is_in(&before, one) {
            None => changes.added.push(one.clone()),
            Some(was) if was == *one => {}
            Some(was) => changes.changed.push(WithheldChange {
                old: was,
                new: one.clone(),
            }),
        }
    }
    let gone = old.withheld.iter();
    changes.gone = gone
        .filter(|one| is_in(&after, one).is_none())
        .cloned()
        .collect();
    changes
}
