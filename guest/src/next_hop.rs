//! Which address of a node is the next hop of its pod CIDRs.
//!
//! Addresses come from Node.status.addresses alone. A CiliumNode's addresses
//! can be stale, and its CiliumInternalIP lies inside the pod CIDR.

use std::net::IpAddr;

use crate::objects::node::Node;
use crate::prefix::Family;

/// The choice for one family of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextHop {
    pub address: Option<IpAddr>,
    /// The position of the chosen address in status.addresses.
    pub index: usize,
    /// Other addresses of the same type and family that came after it.
    pub alternatives: Vec<IpAddr>,
    /// Addresses of a wanted type and this family that can be no next hop.
    pub refused: Vec<IpAddr>,
}

/// The choices for both families.
#[derive(Clone, Debug, Default)]
pub struct NextHops {
    v4: NextHop,
    v6: NextHop,
}

impl NextHops {
    /// Takes, for each family, the first usable address of the best type.
    pub fn choose(node: &Node, types: &[String]) -> Self {
        let mut hops = Self::default();
        for kind in types {
            let of_type = node
                .addresses
                .iter()
                .enumerate()
                .filter(|(_, address)| address.kind == *kind);
            let taken = Family::ALL.map(|family| hops.get(family).address.is_some());
            for (index, address) in of_type {
                let Ok(ip) = address.address.parse::<IpAddr>() else {
                    continue;
                };
                let family = Family::of(ip);
                let better_type_won = match family {
                    Family::V4 => taken[0],
                    Family::V6 => taken[1],
                };
                if !better_type_won {
                    hops.get_mut(family).offer(ip, index);
                }
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

    fn get_mut(&mut self, family: Family) -> &mut NextHop {
        match family {
            Family::V4 => &mut self.v4,
            Family::V6 => &mut self.v6,
        }
    }
}

impl NextHop {
    fn offer(&mut self, address: IpAddr, index: usize) {
        if !is_routable(address) {
            self.refused.push(address);
        } else if self.address.is_none() {
            self.address = Some(address);
            self.index = index;
        } else if self.address != Some(address) {
            self.alternatives.push(address);
        }
    }
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
                .map(|(kind, address)| NodeAddress {
                    kind: (*kind).to_owned().into(),
                    address: (*address).to_owned(),
                })
                .collect(),
            ..Node::default()
        }
    }

    fn choose(addresses: &[(&str, &str)], types: &[&str]) -> (Option<String>, Option<String>) {
        let types: Vec<_> = types.iter().map(ToString::to_string).collect();
        let hops = NextHops::choose(&node(addresses), &types);
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
        let types = ["InternalIP".to_owned(), "ExternalIP".to_owned()];
        let hops = NextHops::choose(&node(&addresses), &types);
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
        let types = ["InternalIP".to_owned(), "ExternalIP".to_owned()];
        let hops = NextHops::choose(&node(&addresses), &types);
        let expected: Vec<IpAddr> = vec!["10.0.1.1".parse().unwrap()];
        assert_eq!(hops.get(Family::V4).alternatives, expected);
    }
}
