//! Flannel takes pod CIDRs from Node.spec.podCIDRs, and names in annotations
//! the address at which other nodes reach this one.

use super::{Announced, address};
use crate::objects::annotations::names;
use crate::objects::node::Node;
use crate::prefix::Family;

/// The annotations by which flannel names a node's addresses.
pub(super) const ANNOUNCING: &[&str] = &[names::FLANNEL_PUBLIC_IP, names::FLANNEL_PUBLIC_IPV6];

pub(super) fn announced(node: &Node) -> Vec<Announced> {
    let all = &node.annotations;
    [
        (names::FLANNEL_PUBLIC_IP, &all.flannel_public_ip, Family::V4),
        (
            names::FLANNEL_PUBLIC_IPV6,
            &all.flannel_public_ipv6,
            Family::V6,
        ),
    ]
    .into_iter()
    .filter_map(|(annotation, text, family)| {
        let address = address(text.as_deref()?).filter(|address| Family::of(*address) == family)?;
        Some(Announced {
            address,
            annotation,
            preferred: true,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::tests::{addresses, node_with};

    #[test]
    fn takes_one_address_of_each_family() {
        let node = node_with(|all| {
            all.flannel_public_ip = Some("10.0.0.1".into());
            all.flannel_public_ipv6 = Some("2001:db8::1".into());
        });
        assert_eq!(addresses(&announced(&node)), ["10.0.0.1", "2001:db8::1"]);
        // Flannel without IPv6 writes `::` or nothing.
        let node = node_with(|all| all.flannel_public_ip = Some("fd00::1".into()));
        assert_eq!(announced(&node), []);
    }
}
