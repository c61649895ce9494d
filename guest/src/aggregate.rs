//! Lossless aggregation: adjacent pod CIDRs of one node become one route.
//!
//! An aggregate covers exactly the addresses of the prefixes that it stands
//! for, so it can take no packet that would have gone elsewhere.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::prefix::Prefix;
use crate::report::{Part, Route};

/// Merges the routes of each node and next hop. The result is in no order.
pub fn aggregate(routes: Vec<Route>) -> Vec<Route> {
    let mut groups: BTreeMap<(String, IpAddr), Vec<Route>> = BTreeMap::new();
    for route in routes {
        let key = (route.node.clone(), route.next_hop);
        groups.entry(key).or_default().push(route);
    }
    groups.into_values().flat_map(merge).collect()
}

/// Merges routes to one next hop.
fn merge(mut routes: Vec<Route>) -> Vec<Route> {
    routes.sort_by_key(|route| route.prefix);
    let prefixes: Vec<Prefix> = routes.iter().map(|route| route.prefix).collect();
    let mut parts = routes.into_iter().peekable();
    let mut merged = Vec::new();
    for prefix in Prefix::aggregate(&prefixes) {
        let mut group = Vec::new();
        while let Some(part) = parts.next_if(|part| prefix.contains(part.prefix)) {
            group.push(part);
        }
        let stands_for = match group.as_slice() {
            [_] => Vec::new(),
            several => several.iter().map(Part::from).collect(),
        };
        merged.extend(group.into_iter().next().map(|first| Route {
            prefix,
            stands_for,
            ..first
        }));
    }
    merged
}

impl From<&Route> for Part {
    fn from(route: &Route) -> Self {
        Self {
            prefix: route.prefix,
            source: route.source.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::aggregate;
    use crate::prefix::Prefix;
    use crate::report::{ObjectRef, Route};

    fn route(prefix: &str, next_hop: &str, node: &str) -> Route {
        let prefix = Prefix::parse(prefix).unwrap().prefix;
        Route {
            prefix,
            next_hop: next_hop.parse().unwrap(),
            node: node.to_owned(),
            family: prefix.family(),
            source: ObjectRef {
                kind: "Node".into(),
                namespace: None,
                name: node.to_owned(),
                field: None,
            },
            stands_for: Vec::new(),
        }
    }

    fn aggregated(routes: &[(&str, &str, &str)]) -> Vec<(String, String, usize)> {
        let routes = routes
            .iter()
            .map(|(prefix, next_hop, node)| route(prefix, next_hop, node))
            .collect();
        let mut found: Vec<_> = aggregate(routes)
            .into_iter()
            .map(|route| (route.prefix.to_string(), route.node, route.stands_for.len()))
            .collect();
        found.sort();
        found
    }

    #[test]
    fn merges_what_is_adjacent_and_of_one_node() {
        let found = aggregated(&[
            ("192.168.0.128/26", "10.0.0.1", "a"),
            ("192.168.0.0/26", "10.0.0.1", "a"),
            ("192.168.0.192/26", "10.0.0.1", "a"),
            ("192.168.0.64/26", "10.0.0.1", "a"),
            ("192.168.1.0/26", "10.0.0.1", "a"),
            ("192.168.1.64/26", "10.0.0.2", "b"),
            ("fd00:0:0:2::/64", "fd01::1", "a"),
            ("fd00:0:0:3::/64", "fd01::1", "a"),
        ]);
        assert_eq!(
            found,
            [
                ("192.168.0.0/24".into(), "a".into(), 4),
                ("192.168.1.0/26".into(), "a".into(), 0),
                ("192.168.1.64/26".into(), "b".into(), 0),
                ("fd00:0:0:2::/63".into(), "a".into(), 2),
            ]
        );
    }

    /// 10.0.1.0/24 and 10.0.2.0/24 are neighbours but no halves of one prefix.
    #[test]
    fn covers_nothing_that_was_not_there() {
        let found = aggregated(&[
            ("10.0.1.0/24", "10.9.0.1", "a"),
            ("10.0.2.0/24", "10.9.0.1", "a"),
            ("10.0.4.0/23", "10.9.0.1", "a"),
            ("10.0.4.0/24", "10.9.0.1", "a"),
        ]);
        assert_eq!(
            found,
            [
                ("10.0.1.0/24".into(), "a".into(), 0),
                ("10.0.2.0/24".into(), "a".into(), 0),
                ("10.0.4.0/23".into(), "a".into(), 2),
            ]
        );
    }

    #[test]
    fn never_makes_a_default_route() {
        let found = aggregated(&[
            ("0.0.0.0/1", "10.9.0.1", "a"),
            ("128.0.0.0/1", "10.9.0.1", "a"),
        ]);
        assert_eq!(found.len(), 2);
    }
}
