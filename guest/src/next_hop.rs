//! Which address of a node is the next hop of its pod CIDRs.
//!
//! In this order: what the annotation `podroute.dev/next-hop` says; what the
//! CNI itself announces; Node.status.addresses, by type. With node networks in
//! the settings only addresses inside them count. A CiliumNode's addresses are
//! never used: they can be stale, and its CiliumInternalIP lies inside the pod
//! CIDR.

use std::net::IpAddr;

use crate::detect::cni::Cni;
use crate::objects::annotations::names;
use crate::objects::node::Node;
use crate::prefix::{Family, Prefix};
use crate::sources::{self, annotation_path};

/// What next hops are chosen by.
#[derive(Clone, Debug)]
pub struct Criteria<'a> {
    pub cni: Cni,
    /// Types of Node.status.addresses, best first.
    pub types: &'a [String],
    /// Networks that a next hop has to be in; empty: any.
    pub required: &'a [Prefix],
    /// Networks of which one settles the choice between addresses that are
    /// equal otherwise.
    pub preferred: &'a [Prefix],
}

/// The choice for one family of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextHop {
    pub address: Option<IpAddr>,
    /// Where the chosen address stands.
    pub origin: HopOrigin,
    /// Other addresses of the same rank and family.
    pub alternatives: Vec<IpAddr>,
    /// Addresses of this family that can be no next hop of another machine.
    pub refused: Vec<IpAddr>,
    /// Addresses of this family that are in no required network.
    pub outside: Vec<IpAddr>,
}

/// Where an address stands on a Node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HopOrigin {
    /// The position in status.addresses.
    Status(usize),
    /// An annotation, by name.
    Annotation(&'static str),
}

/// The choices for both families.
#[derive(Clone, Debug, Default)]
pub struct NextHops {
    v4: NextHop,
    v6: NextHop,
    /// What is wrong with the annotation `podroute.dev/next-hop`. Then there
    /// is no next hop: another than the one that somebody asked for is wrong.
    pub bad_annotation: Option<String>,
}

/// An address that may be chosen. Lower ranks come first.
struct Candidate {
    address: IpAddr,
    rank: usize,
    origin: HopOrigin,
}

impl Default for HopOrigin {
    fn default() -> Self {
        Self::Status(0)
    }
}

impl HopOrigin {
    /// The field of the Node, for people.
    pub fn path(self) -> String {
        match self {
            Self::Status(at) => format!("status.addresses[{at}].address"),
            Self::Annotation(name) => annotation_path(name),
        }
    }
}

impl NextHops {
    /// Takes, for each family, the first usable address of the best rank.
    pub fn choose(node: &Node, criteria: &Criteria<'_>) -> Self {
        let mut hops = Self::default();
        let asked_for = match asked_for(node) {
            Ok(addresses) => addresses,
            Err(reason) => {
                hops.bad_annotation = Some(reason);
                return hops;
            }
        };
        let mut candidates = candidates(node, criteria);
        for family in Family::ALL {
            let hop = match family {
                Family::V4 => &mut hops.v4,
                Family::V6 => &mut hops.v6,
            };
            let of_family = |address: &IpAddr| Family::of(*address) == family;
            if let Some(&address) = asked_for.iter().find(|address| of_family(address)) {
                hop.take(address, HopOrigin::Annotation(names::NEXT_HOP));
            } else {
                candidates.retain(|one| !of_family(&one.address) || !hop.refuses(one, criteria));
                let of_family = candidates.iter().filter(|one| of_family(&one.address));
                hop.choose(of_family, criteria.preferred);
            }
        }
        hops
    }

    pub fn get(&self, family: Family) -> &NextHop {
        match family {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        }
    }
}

impl NextHop {
    fn take(&mut self, address: IpAddr, origin: HopOrigin) {
        if is_routable(address) {
            self.address = Some(address);
            self.origin = origin;
        } else {
            self.refused.push(address);
        }
    }

    /// Whether a candidate cannot be chosen, and notes why.
    fn refuses(&mut self, candidate: &Candidate, criteria: &Criteria<'_>) -> bool {
        let address = candidate.address;
        let required = criteria.required;
        if !is_routable(address) {
            self.refused.push(address);
        } else if !required.is_empty() && !is_in(address, required) {
            self.outside.push(address);
        } else {
            return false;
        }
        true
    }

    /// Chooses among candidates in the order of their ranks.
    fn choose<'c>(
        &mut self,
        candidates: impl Iterator<Item = &'c Candidate> + Clone,
        preferred: &[Prefix],
    ) {
        let best = candidates.clone().next().map(|first| first.rank);
        let equal = candidates.take_while(|one| Some(one.rank) == best);
        let is_inside = |one: &Candidate| is_in(one.address, preferred);
        let has_inside = equal.clone().any(is_inside);
        for candidate in equal.filter(|one| !has_inside || is_inside(one)) {
            if self.address.is_none() {
                self.take(candidate.address, candidate.origin);
            } else if self.address != Some(candidate.address) {
                self.alternatives.push(candidate.address);
            }
        }
    }
}

/// The addresses of the annotation `podroute.dev/next-hop`; the error says
/// what is wrong with it.
fn asked_for(node: &Node) -> Result<Vec<IpAddr>, String> {
    let Some(text) = &node.annotations.next_hop else {
        return Ok(Vec::new());
    };
    let mut addresses: Vec<IpAddr> = Vec::new();
    for part in text.split(',').map(str::trim) {
        let address: IpAddr = part
            .parse()
            .map_err(|_| format!("`{part}` is not an IP address"))?;
        if addresses
            .iter()
            .any(|other| Family::of(*other) == Family::of(address))
        {
            return Err(format!("has two {} addresses", Family::of(address)));
        }
        addresses.push(address);
    }
    Ok(addresses)
}

/// Every address that may be chosen, best rank first, as written within one.
fn candidates(node: &Node, criteria: &Criteria<'_>) -> Vec<Candidate> {
    let announced = sources::announced(node, criteria.cni);
    let of_cni = |preferred, rank| {
        announced
            .iter()
            .filter(move |one| one.preferred == preferred)
            .map(move |one| Candidate {
                address: one.address,
                rank,
                origin: HopOrigin::Annotation(one.annotation),
            })
    };
    let mut candidates: Vec<Candidate> = of_cni(true, 0).collect();
    for (rank, kind) in criteria.types.iter().enumerate() {
        let of_type = node.addresses.iter().enumerate().filter_map(|(at, one)| {
            let address = one.ip.filter(|_| one.kind == *kind)?;
            Some(Candidate {
                address,
                rank: rank + 1,
                origin: HopOrigin::Status(at),
            })
        });
        candidates.extend(of_type);
    }
    // More addresses than the node reports: of use only where it is known
    // which networks count.
    if !criteria.required.is_empty() {
        candidates.extend(of_cni(false, criteria.types.len() + 1));
    }
    candidates
}

fn is_in(address: IpAddr, networks: &[Prefix]) -> bool {
    networks
        .iter()
        .any(|network| network.contains_address(address))
}

/// Whether another machine can send packets to this address without knowing
/// an interface for it.
fn is_routable(address: IpAddr) -> bool {
    let link_local = match address {
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_broadcast(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    !(link_local || address.is_unspecified() || address.is_loopback() || address.is_multicast())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::objects::node::NodeAddress;

    fn node(addresses: &[(&str, &str)]) -> Node {
        Node {
            addresses: addresses
                .iter()
                .map(|(kind, address)| NodeAddress::new((*kind).to_owned(), *address))
                .collect(),
            ..Node::default()
        }
    }

    const BOTH: [&str; 2] = ["InternalIP", "ExternalIP"];

    fn hops(node: &Node, types: &[&str], required: &[&str], preferred: &[&str]) -> NextHops {
        let networks = |texts: &[&str]| -> Vec<Prefix> {
            let parse = |text: &&str| Prefix::parse(text).unwrap().prefix;
            texts.iter().map(parse).collect()
        };
        let types: Vec<_> = types.iter().map(ToString::to_string).collect();
        let criteria = Criteria {
            cni: Cni::Unknown,
            types: &types,
            required: &networks(required),
            preferred: &networks(preferred),
        };
        NextHops::choose(node, &criteria)
    }

    fn choose(addresses: &[(&str, &str)], types: &[&str]) -> (Option<String>, Option<String>) {
        let hops = hops(&node(addresses), types, &[], &[]);
        let text = |family| hops.get(family).address.map(|address| address.to_string());
        (text(Family::V4), text(Family::V6))
    }

    #[test]
    fn takes_the_first_of_the_best_type_per_family() {
        let addresses = [
            ("Hostname", "10.9.9.9"),
            ("ExternalIP", "192.0.2.1"),
            ("InternalIP", "10.0.0.1"),
            ("InternalIP", "10.0.0.2"),
            ("ExternalIP", "2001:db8::1"),
            ("CiliumInternalIP", "10.244.0.1"),
        ];
        assert_eq!(
            choose(&addresses, &["InternalIP", "ExternalIP"]),
            (Some("10.0.0.1".into()), Some("2001:db8::1".into()))
        );
        assert_eq!(
            choose(&addresses, &["ExternalIP", "InternalIP"]),
            (Some("192.0.2.1".into()), Some("2001:db8::1".into()))
        );
        assert_eq!(
            choose(&addresses, &["InternalIP"]),
            (Some("10.0.0.1".into()), None)
        );
    }

    #[test]
    fn refuses_addresses_that_need_an_interface() {
        let addresses = [
            ("InternalIP", "169.254.1.1"),
            ("InternalIP", "fe80::1"),
            ("InternalIP", "::"),
            ("InternalIP", "not an address"),
            ("ExternalIP", "192.0.2.1"),
        ];
        let hops = hops(&node(&addresses), &BOTH, &[], &[]);
        assert_eq!(hops.get(Family::V4).address, "192.0.2.1".parse().ok());
        assert_eq!(hops.get(Family::V6).address, None);
        assert_eq!(hops.get(Family::V6).refused.len(), 2);
    }

    #[test]
    fn lists_the_alternatives_of_the_same_type() {
        let addresses = [
            ("InternalIP", "10.0.0.1"),
            ("InternalIP", "10.0.0.1"),
            ("InternalIP", "10.0.1.1"),
            ("ExternalIP", "192.0.2.1"),
        ];
        let hops = hops(&node(&addresses), &BOTH, &[], &[]);
        let expected: Vec<IpAddr> = vec!["10.0.1.1".parse().unwrap()];
        assert_eq!(hops.get(Family::V4).alternatives, expected);
    }

    #[test]
    fn networks_decide() {
        let addresses = [
            ("InternalIP", "10.0.0.1"),
            ("InternalIP", "10.0.1.1"),
            ("InternalIP", "10.0.1.2"),
            ("ExternalIP", "192.0.2.1"),
        ];
        let node = node(&addresses);
        let v4 = |required: &[&str], preferred: &[&str]| {
            let hops = hops(&node, &BOTH, required, preferred);
            let hop = hops.get(Family::V4);
            let text = |address: IpAddr| address.to_string();
            (
                hop.address.map(text),
                hop.alternatives.len(),
                hop.outside.len(),
            )
        };
        // A required network reaches down to types that come later.
        assert_eq!(v4(&["192.0.2.0/24"], &[]), (Some("192.0.2.1".into()), 0, 3));
        assert_eq!(v4(&["198.51.100.0/24"], &[]), (None, 0, 4));
        // A preferred one only settles between equals.
        assert_eq!(v4(&[], &["10.0.1.0/24"]), (Some("10.0.1.1".into()), 1, 0));
        assert_eq!(v4(&[], &["10.0.1.2/32"]), (Some("10.0.1.2".into()), 0, 0));
        assert_eq!(v4(&[], &["192.0.2.0/24"]), (Some("10.0.0.1".into()), 2, 0));
    }

    #[test]
    fn the_annotation_comes_first() {
        let with = |annotation: &str| {
            let mut node = node(&[("InternalIP", "10.0.0.1"), ("InternalIP", "fd00::1")]);
            node.annotations.next_hop = Some(annotation.to_owned());
            hops(&node, &BOTH, &["10.0.0.0/24", "fd00::/64"], &[])
        };
        let text = |hops: &NextHops, family| hops.get(family).address.map(|one| one.to_string());
        let hops = with("203.0.113.7");
        assert_eq!(text(&hops, Family::V4), Some("203.0.113.7".into()));
        assert_eq!(
            hops.get(Family::V4).origin.path(),
            "metadata.annotations[\"podroute.dev/next-hop\"]"
        );
        assert_eq!(text(&hops, Family::V6), Some("fd00::1".into()));
        let hops = with(" 203.0.113.7, 2001:db8::7 ");
        assert_eq!(text(&hops, Family::V6), Some("2001:db8::7".into()));
        for bad in [
            "",
            "node-1",
            "10.0.0.1/24",
            "10.0.0.1,10.0.0.2",
            "10.0.0.1,",
        ] {
            let hops = with(bad);
            assert!(hops.bad_annotation.is_some(), "{bad:?}");
            assert_eq!(text(&hops, Family::V6), None);
        }
        assert_eq!(with("169.254.1.1").get(Family::V4).refused.len(), 1);
    }
}
