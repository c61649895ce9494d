//! What AKO would program under its settings, its all-or-nothing errors and
//! quirks included (internal/nodes/avi_vrf_translator.go and
//! internal/lib/dynamic_client.go). Only ever compared with the right routes.

mod patterns;
mod pod_cidrs;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::cluster::Cluster;
use crate::detect::ako::{Ako, CniBranch};
use crate::objects::annotations::names;
use crate::objects::node::Node;
use crate::prefix::Family;
use patterns::{matches_v4, matches_v6};

/// A route as AKO would write it: the prefix is copied, not canonicalised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AkoRoute<'a> {
    pub prefix: &'a str,
    pub next_hop: IpAddr,
}

/// The routes of one node, or why AKO gives the node none.
pub type NodeRoutes<'a> = Result<Vec<AkoRoute<'a>>, String>;

/// What AKO would program at its start, by node in the order of their names.
/// A node of which any prefix address is taken, whatever the mask, loses all
/// of its routes.
pub fn program<'a>(cluster: &'a Cluster, ako: &Ako<'_>) -> BTreeMap<&'a str, NodeRoutes<'a>> {
    if ako.sync_off().is_some() {
        return BTreeMap::new();
    }
    let simulation = Simulation::new(cluster, ako.cni_branch(), ako.families());
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let mut programmed = BTreeMap::new();
    for node in cluster.nodes.values() {
        let mut routes = simulation.node_routes(node);
        if let Ok(list) = &routes {
            let addresses: Vec<&str> = list.iter().map(|route| address(route.prefix)).collect();
            if addresses.iter().any(|address| taken.contains(address)) {
                routes = Err("another node has a route for one of its prefix addresses".to_owned());
            } else {
                taken.extend(addresses);
            }
        }
        programmed.insert(node.name(), routes);
    }
    programmed
}

/// A branch of AKO, ready to be asked about node after node.
pub struct Simulation<'a> {
    cluster: &'a Cluster,
    branch: CniBranch,
    families: &'static [Family],
    /// What the objects of the branches calico and openshift give to each
    /// node, in the order of their names.
    by_node: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Simulation<'a> {
    pub fn new(cluster: &'a Cluster, branch: CniBranch, families: &'static [Family]) -> Self {
        let mut by_node: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut give = |node: &'a str, cidr: &'a str| {
            let cidrs = by_node.entry(node).or_default();
            if !cidrs.contains(&cidr) {
                cidrs.push(cidr);
            }
        };
        match branch {
            // Whatever their state, and deleted or not.
            CniBranch::Calico => cluster
                .block_affinities
                .values()
                .for_each(|block| give(&block.node, &block.cidr)),
            CniBranch::OpenShift => cluster
                .host_subnets
                .values()
                .for_each(|subnet| give(&subnet.host, &subnet.subnet)),
            _ => {}
        }
        Self {
            cluster,
            branch,
            families,
            by_node,
        }
    }

    /// The routes that AKO works out for one node, before it looks at others.
    pub fn node_routes(&self, node: &'a Node) -> NodeRoutes<'a> {
        let next_hop = |family| {
            if self.families.contains(&family) {
                self.next_hop(node, family)
            } else {
                Ok(None)
            }
        };
        let (v4, v6) = (next_hop(Family::V4)?, next_hop(Family::V6)?);
        if v4.is_none() && v6.is_none() {
            return Err("nodeip not found".to_owned());
        }
        let mut routes = Vec::new();
        for cidr in self.pod_cidrs(node)? {
            let mut parts = cidr.split('/');
            let (Some(_), Some(mask), None) = (parts.next(), parts.next(), parts.next()) else {
                return Err(format!("`{cidr}` is not a CIDR"));
            };
            if mask.parse::<i64>().is_err() {
                return Err(format!("the mask of `{cidr}` is not a number"));
            }
            let next_hop = match (v4, v6) {
                (Some(v4), _) if matches_v4(cidr) => v4,
                (_, Some(v6)) if matches_v6(cidr) => v6,
                _ => continue,
            };
            routes.push(AkoRoute {
                prefix: cidr,
                next_hop,
            });
        }
        Ok(routes)
    }

    /// The pod CIDRs of a node by the chosen branch; an error costs the node
    /// all of its routes.
    fn pod_cidrs(&self, node: &'a Node) -> Result<Vec<&'a str>, String> {
        match self.branch {
            CniBranch::Default | CniBranch::Antrea => pod_cidrs::default(node),
            CniBranch::Cilium => pod_cidrs::cilium(self.cluster, node),
            CniBranch::OvnKubernetes => pod_cidrs::ovn(node),
            CniBranch::Calico => match self.given(node) {
                cidrs if cidrs.contains(&"") => Err("podcidr not found".to_owned()),
                cidrs => Ok(cidrs.to_vec()),
            },
            // One HostSubnet that names no host spoils all nodes.
            CniBranch::OpenShift if self.by_node.contains_key("") => {
                Err("a HostSubnet has no host".to_owned())
            }
            CniBranch::OpenShift => match self.given(node) {
                cidrs if cidrs.contains(&"") => Err("its HostSubnet has no subnet".to_owned()),
                cidrs => Ok(cidrs.to_vec()),
            },
        }
    }

    fn given(&self, node: &Node) -> &[&'a str] {
        self.by_node.get(node.name()).map_or(&[], Vec::as_slice)
    }

    /// The address of a node for prefixes of a family: what the CNI announces,
    /// else the first InternalIP. An error costs the node all of its routes.
    pub fn next_hop(&self, node: &Node, family: Family) -> Result<Option<IpAddr>, String> {
        let announced = match self.branch {
            CniBranch::Calico => calico_address(node, family)?,
            CniBranch::Antrea => antrea_address(node, family),
            _ => None,
        };
        Ok(announced.or_else(|| internal_ip(node, family)))
    }
}

/// Calico's annotation, copied up to its mask without a look at it.
fn calico_address(node: &Node, family: Family) -> Result<Option<IpAddr>, String> {
    let (name, annotation) = match family {
        Family::V4 => (names::CALICO_IPV4, &node.annotations.calico_ipv4),
        Family::V6 => (names::CALICO_IPV6, &node.annotations.calico_ipv6),
    };
    match annotation.as_deref().map_or("", address) {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| format!("`{text}` in {name} is not an address")),
    }
}

/// Antrea's annotation, of whose entries the last of a family counts. They
/// are not trimmed: one after a space is none.
fn antrea_address(node: &Node, family: Family) -> Option<IpAddr> {
    let entries = node.annotations.antrea_transport.as_deref()?.split(',');
    entries
        .filter_map(|entry| entry.parse().ok())
        .rfind(|address| Family::of(*address) == family)
}

/// The first InternalIP of a family. AKO knows no other address.
fn internal_ip(node: &Node, family: Family) -> Option<IpAddr> {
    node.addresses
        .iter()
        .filter(|address| address.kind == "InternalIP")
        .filter_map(|address| address.ip)
        .find(|address| Family::of(*address) == family)
}

fn address(cidr: &str) -> &str {
    cidr.split('/').next().unwrap_or(cidr)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::node::NodeAddress;

    /// Cases of addRouteForNode: one CIDR spoils the node, or only itself.
    /// Not trimmed, and of several the last counts.
    #[test]
    fn antrea_names_next_hops() {
        let routes = |annotations: &str| routes_of_a(CniBranch::Antrea, annotations, &[]);
        for (transport, hop) in [
            ("10.9.0.1,10.9.0.2", "10.9.0.2"),
            ("10.9.0.1, 10.9.0.2", "10.9.0.1"),
            ("2001:db8::1", "10.0.0.1"),
        ] {
            let annotations = format!(
                r#"{{"node.antrea.io/transport-addresses":"{transport}","ako.vmware.com/pod-cidrs":"10.244.0.0/24"}}"#
            );
            assert_eq!(
                routes(&annotations),
                Ok(vec![format!("10.244.0.0/24 via {hop}")])
            );
        }
    }

    #[test]
    fn one_cidr_can_cost_a_node_everything() {
        for (cidr, expected) in [
            ("10.244.0.0/24", Some(2)),
            ("malformedIp", None),
            ("ip/nonintegermask", None),
            ("10.0.0.0/", None),
            ("ip/24", Some(1)),
            ("10.0.0.0/33", Some(1)),
            ("fd00::/64", Some(1)),
        ] {
            let node = Node {
                pod_cidr: Some("10.1.0.0/24".into()),
                pod_cidrs: vec!["10.1.0.0/24".into(), cidr.into()],
                addresses: vec![NodeAddress::new("InternalIP", "192.0.2.1")],
                ..Node::default()
            };
            let cluster = Cluster::default();
            let simulation = Simulation::new(&cluster, CniBranch::Default, &Family::ALL);
            let routes = simulation.node_routes(&node);
            assert_eq!(routes.ok().map(|routes| routes.len()), expected, "{cidr}");
        }
    }

    const NODE: &str = r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"a","annotations":ANNOTATIONS},"status":{"addresses":[{"type":"InternalIP","address":"10.0.0.1"}]}}"#;

    /// The routes of node `a`, as text, or the reason why there are none.
    fn routes_of_a(
        branch: CniBranch,
        annotations: &str,
        others: &[&str],
    ) -> Result<Vec<String>, String> {
        let node = NODE.replace("ANNOTATIONS", annotations);
        let mut cluster = Cluster::default();
        cluster.load(std::iter::once(node.as_str()).chain(others.iter().copied()));
        let simulation = Simulation::new(&cluster, branch, &Family::ALL);
        let routes = simulation.node_routes(&cluster.nodes["a"])?;
        Ok(routes
            .iter()
            .map(|route| format!("{} via {}", route.prefix, route.next_hop))
            .collect())
    }

    #[test]
    fn calico_takes_every_block_whatever_its_state() {
        let block = |name: &str, node: &str, cidr: &str, state: &str| {
            format!(
                r#"{{"apiVersion":"crd.projectcalico.org/v1","kind":"BlockAffinity","metadata":{{"name":"{name}"}},"spec":{{"cidr":"{cidr}","node":"{node}","state":"{state}","deleted":"true"}}}}"#
            )
        };
        let blocks = [
            block("2", "a", "10.1.0.0/26", "pending"),
            block("1", "a", "10.1.0.64/26", "confirmed"),
            block("3", "a", "10.1.0.64/26", "confirmed"),
            block("4", "b", "10.1.0.128/26", "confirmed"),
        ];
        let blocks: Vec<&str> = blocks.iter().map(String::as_str).collect();
        let routes = |annotations| routes_of_a(CniBranch::Calico, annotations, &blocks);
        assert_eq!(
            routes("{}").unwrap(),
            ["10.1.0.64/26 via 10.0.0.1", "10.1.0.0/26 via 10.0.0.1"]
        );
        assert_eq!(
            routes(r#"{"projectcalico.org/IPv4Address":"10.9.0.1/24"}"#).unwrap()[0],
            "10.1.0.64/26 via 10.9.0.1"
        );
        assert!(
            routes(r#"{"projectcalico.org/IPv4Address":"none"}"#)
                .unwrap_err()
                .contains("`none`")
        );
        let empty = block("1", "a", "", "confirmed");
        let error = routes_of_a(CniBranch::Calico, "{}", &[&empty]).unwrap_err();
        assert_eq!(error, "podcidr not found");
        assert_eq!(routes_of_a(CniBranch::Calico, "{}", &[]), Ok(vec![]));
    }

    #[test]
    fn one_host_subnet_without_a_host_spoils_all_nodes() {
        let subnet = |name: &str, host: &str, subnet: &str| {
            format!(
                r#"{{"apiVersion":"network.openshift.io/v1","kind":"HostSubnet","metadata":{{"name":"{name}"}},"host":"{host}","subnet":"{subnet}"}}"#
            )
        };
        let (good, bad) = (
            subnet("a", "a", "10.1.0.0/23"),
            subnet("b", "", "10.1.2.0/23"),
        );
        // Calico's annotation is for the branch of Calico only.
        let annotations = r#"{"projectcalico.org/IPv4Address":"10.9.0.1/24"}"#;
        assert_eq!(
            routes_of_a(CniBranch::OpenShift, annotations, &[&good]).unwrap(),
            ["10.1.0.0/23 via 10.0.0.1"]
        );
        assert!(routes_of_a(CniBranch::OpenShift, "{}", &[&good, &bad]).is_err());
        assert!(routes_of_a(CniBranch::OpenShift, "{}", &[&subnet("a", "a", "")]).is_err());
        assert_eq!(routes_of_a(CniBranch::OpenShift, "{}", &[]), Ok(vec![]));
    }
}
