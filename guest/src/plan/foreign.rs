//! Routes of others, and where they are in the way.

use std::collections::BTreeMap;

use super::Observed;
use crate::prefix::Prefix;
use crate::report::Route;

/// A route of somebody else in the way of one of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub prefix: Prefix,
    pub node: String,
    pub foreign: Observed,
    /// Whether ours is left out because of it. Else theirs takes a part of
    /// the packets.
    pub blocks: bool,
}

/// The routes of others by prefix. What is no prefix is in nobody's way.
pub(super) struct Foreign {
    by_prefix: BTreeMap<Prefix, Vec<Observed>>,
    count: usize,
}

impl Foreign {
    pub(super) fn index(routes: Vec<Observed>) -> Self {
        let count = routes.len();
        let mut by_prefix: BTreeMap<Prefix, Vec<Observed>> = BTreeMap::new();
        for route in routes {
            if let Some(prefix) = route.prefix() {
                by_prefix.entry(prefix).or_default().push(route);
            }
        }
        Self { by_prefix, count }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// What stands in the way of a route. One to the same prefix keeps a new
    /// one of ours out: which of the two counts would be chance. A narrower
    /// one takes a part of its packets, wherever they should go.
    pub(super) fn conflicts(&self, route: &Route, is_new: bool) -> Vec<Conflict> {
        self.by_prefix
            .range(route.prefix..)
            .take_while(|(prefix, _)| route.prefix.contains(**prefix))
            .flat_map(|(prefix, routes)| routes.iter().map(move |foreign| (*prefix, foreign)))
            .filter(|(prefix, foreign)| {
                *prefix == route.prefix || foreign.next_hop() != Some(route.next_hop)
            })
            .map(|(prefix, foreign)| Conflict {
                prefix: route.prefix,
                node: route.node.clone(),
                foreign: foreign.clone(),
                blocks: is_new && prefix == route.prefix,
            })
            .collect()
    }
}
