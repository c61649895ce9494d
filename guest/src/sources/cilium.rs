//! Cilium's cluster scope: the operator writes pod CIDRs to the CiliumNodes,
//! to spec.ipam.podCIDRs (cluster-pool) or to spec.ipam.pools.allocated
//! (multi-pool). While a cluster moves from the one to the other, some nodes
//! have the one and some the other, so both are read.

use std::net::IpAddr;

use super::{Claims, Field, Origin};
use crate::detect::ipam::IpamMode;
use crate::objects::Kind;
use crate::objects::cidr::Cidr;
use crate::objects::cilium_node::CiliumNode;

pub(super) fn read<'a>(
    node: &'a CiliumNode,
    mode: IpamMode,
    can_move: Option<bool>,
    claims: &mut Claims<'a>,
) {
    let created = node.metadata.created.as_deref();
    let origin = |field| Origin {
        kind: Kind::CiliumNode,
        name: node.name(),
        field,
    };
    for (at, text) in node.pod_cidrs.iter().enumerate() {
        let given_back = mode == IpamMode::ClusterPoolV2Beta
            && node.released.iter().any(|released| **released == **text);
        if !given_back && counts(text, mode, can_move) {
            claims.add(
                text,
                text.parsed(),
                node.name(),
                created,
                origin(Field::CiliumPodCidrs(at)),
            );
        }
    }
    for (index, pool) in node.pools.iter().enumerate() {
        for (at, text) in pool.cidrs.iter().enumerate() {
            let field = Field::CiliumPool(index, at);
            claims.add(text, text.parsed(), node.name(), created, origin(field));
        }
    }
}

/// Whether an entry of spec.ipam.podCIDRs is a pod CIDR in this mode.
///
/// In multi-pool mode it is only one during the move from cluster-pool, which
/// exists since 1.20. Older agents put a made-up 10.x.0.0/16 there (Cilium
/// PR 26663), which belongs to no pod.
fn counts(cidr: &Cidr, mode: IpamMode, can_move: Option<bool>) -> bool {
    if mode != IpamMode::MultiPool {
        return true;
    }
    can_move.unwrap_or_else(|| !looks_made_up(cidr))
}

/// Whether a text has the form of a CIDR that agents before PR 26663 made up
/// for themselves: an IPv4 /16 inside 10.0.0.0/8, or an IPv6 /96 the last four
/// bytes of which are that IPv4 prefix, such as
/// `f00d::a0c:0:0:0/96`.
pub fn looks_made_up(cidr: &Cidr) -> bool {
    let Ok(parsed) = cidr.parsed() else {
        return false;
    };
    match (parsed.prefix.first_address(), parsed.prefix.length()) {
        (IpAddr::V4(address), 16) => address.octets().starts_with(&[10]),
        (IpAddr::V6(address), 96) => {
            let [.., first, second, _, _] = address.segments();
            first >> 8 == 10 && second == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    fn looks_made_up(text: &str) -> bool {
        super::looks_made_up(&text.into())
    }

    #[test]
    fn knows_the_made_up_prefix() {
        assert!(looks_made_up("10.12.0.0/16"));
        assert!(!looks_made_up("10.12.0.0/24"));
        assert!(!looks_made_up("172.16.0.0/16"));
        assert!(!looks_made_up("10.12.0.0"));
        assert!(looks_made_up("f00d::a0c:0:0:0/96"));
        assert!(!looks_made_up("f00d::a0c:0:0:0/112"));
        assert!(!looks_made_up("f00d::a0c:1:0:0/96"));
        assert!(!looks_made_up("fd00:10:244:1::/96"));
    }
}
