//! What several clusters cannot both have in one VRF.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde::Serialize;

use crate::policy::Report;

/// Something that two clusters both have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Conflict {
    /// Both need a route to this prefix: a VRF has one.
    SamePrefix { of: [Holder; 2] },
    /// A prefix inside of another cluster's: the longer one takes its packets.
    OverlappingPrefix { of: [Holder; 2] },
    /// Their AKOs mark routes with one name, and delete each other's.
    SameOwner {
        owner: String,
        clusters: Vec<String>,
    },
}

/// A route, and the cluster that needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    pub cluster: String,
    pub prefix: String,
    pub next_hop: String,
    pub node: String,
}

/// The conflicts of clusters, by prefix, then by owner name.
pub fn find(clusters: &[(&str, &Report)]) -> Vec<Conflict> {
    let mut conflicts = of_prefixes(clusters);
    conflicts.extend(of_owners(clusters));
    conflicts
}

/// Prefixes nest or are disjoint: in their order, those that one is in are
/// the last that were met.
fn of_prefixes(clusters: &[(&str, &Report)]) -> Vec<Conflict> {
    let mut routes: Vec<(IpNet, Holder)> = clusters
        .iter()
        .flat_map(|(cluster, report)| {
            report.routes.iter().filter_map(|route| {
                let holder = Holder {
                    cluster: (*cluster).to_owned(),
                    prefix: route.prefix.clone(),
                    next_hop: route.next_hop.clone(),
                    node: route.node.clone(),
                };
                Some((route.prefix.parse().ok()?, holder))
            })
        })
        .collect();
    routes.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cluster.cmp(&b.1.cluster)));
    let mut covers: Vec<&(IpNet, Holder)> = Vec::new();
    let mut conflicts = Vec::new();
    for route in &routes {
        let (prefix, holder) = route;
        covers.retain(|(cover, _)| cover.contains(prefix));
        for (cover, other) in &covers {
            if other.cluster == holder.cluster {
                continue;
            }
            let of = [other.clone(), holder.clone()];
            conflicts.push(if cover == prefix {
                Conflict::SamePrefix { of }
            } else {
                Conflict::OverlappingPrefix { of }
            });
        }
        covers.push(route);
    }
    conflicts
}

/// AKOs of different clusters with one cluster name.
fn of_owners(clusters: &[(&str, &Report)]) -> Vec<Conflict> {
    let mut by_owner: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (cluster, report) in clusters {
        let akos = report.cluster.ako.iter().filter(|ako| ako.syncs_routes);
        for owner in akos.filter_map(|ako| ako.cluster_name.as_deref()) {
            by_owner.entry(owner).or_default().insert(cluster);
        }
    }
    by_owner
        .into_iter()
        .filter(|(_, clusters)| clusters.len() > 1)
        .map(|(owner, clusters)| Conflict::SameOwner {
            owner: owner.to_owned(),
            clusters: clusters.into_iter().map(str::to_owned).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{ClusterFacts, Family, ObjectRef, Route, types::Ako};

    fn report(routes: &[(&str, &str)], owner: Option<&str>) -> Report {
        Report {
            cluster: ClusterFacts {
                cni: "cilium".to_owned(),
                cni_evidence: Vec::new(),
                ipam_mode: None,
                pod_cidr_source: None,
                cilium_version: None,
                kubernetes_version: None,
                families: vec![Family::Ipv4],
                nodes: 1,
                cilium_nodes: 1,
                ako: owner
                    .map(|owner| Ako {
                        namespace: "avi-system".to_owned(),
                        version: None,
                        cluster_name: Some(owner.to_owned()),
                        cni_plugin: String::new(),
                        syncs_routes: true,
                    })
                    .into_iter()
                    .collect(),
            },
            routes: routes
                .iter()
                .map(|(prefix, node)| Route {
                    prefix: (*prefix).to_owned(),
                    next_hop: "192.0.2.1".to_owned(),
                    node: (*node).to_owned(),
                    family: Family::Ipv4,
                    source: ObjectRef {
                        kind: "Node".to_owned(),
                        namespace: None,
                        name: (*node).to_owned(),
                        field: None,
                    },
                    stands_for: Vec::new(),
                })
                .collect(),
            withheld: Vec::new(),
            networks: Vec::new(),
            findings: Vec::new(),
            suppressed: Vec::new(),
            suppressions: Vec::new(),
            not_evaluated: Vec::new(),
            rules_off: Vec::new(),
            undecided: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn words(conflicts: &[Conflict]) -> Vec<String> {
        let both = |of: &[Holder; 2]| {
            let [a, b] = of;
            format!("{} {} / {} {}", a.cluster, a.prefix, b.cluster, b.prefix)
        };
        conflicts
            .iter()
            .map(|conflict| match conflict {
                Conflict::SamePrefix { of } => format!("same {}", both(of)),
                Conflict::OverlappingPrefix { of } => format!("overlap {}", both(of)),
                Conflict::SameOwner { owner, clusters } => {
                    format!("owner {owner} {}", clusters.join(" "))
                }
            })
            .collect()
    }

    #[test]
    fn prefixes_of_different_clusters_conflict() {
        let east = report(
            &[
                ("10.0.0.0/16", "a"),
                ("10.0.1.0/24", "b"),
                ("fd00::/64", "a"),
            ],
            Some("prod"),
        );
        let west = report(
            &[
                ("10.0.1.0/24", "a"),
                ("10.0.2.0/24", "a"),
                ("10.1.0.0/24", "b"),
            ],
            Some("prod"),
        );
        let north = report(&[("10.2.0.0/24", "a"), ("fd00::/64", "b")], Some("north"));
        let conflicts = find(&[("east", &east), ("west", &west), ("north", &north)]);
        assert_eq!(
            words(&conflicts),
            [
                "overlap east 10.0.0.0/16 / west 10.0.1.0/24",
                "same east 10.0.1.0/24 / west 10.0.1.0/24",
                "overlap east 10.0.0.0/16 / west 10.0.2.0/24",
                "same east fd00::/64 / north fd00::/64",
                "owner prod east west",
            ]
        );
    }

    #[test]
    fn neighbours_and_nests_of_one_cluster_are_no_conflict() {
        let east = report(&[("10.0.0.0/16", "a"), ("10.0.1.0/24", "b")], Some("east"));
        let west = report(&[("10.1.0.0/16", "a")], None);
        assert_eq!(find(&[("east", &east), ("west", &west)]), []);
        assert_eq!(find(&[("east", &report(&[], None)), ("west", &west)]), []);
    }

    #[test]
    fn every_route_is_compared_with_every_other() {
        let names: Vec<String> = (0..2500)
            .map(|at| format!("10.{}.{}.0/24", at / 256, at % 256))
            .collect();
        let routes: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "a")).collect();
        let (east, west) = (report(&routes, None), report(&routes, None));
        assert_eq!(find(&[("east", &east), ("west", &west)]).len(), 2500);
    }
}
