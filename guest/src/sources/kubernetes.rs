//! Kubernetes host scope: the node IPAM controller writes pod CIDRs to
//! Node.spec.podCIDRs, and the first of them to spec.podCIDR.

use super::{Claims, Field, Origin};
use crate::objects::Kind;
use crate::objects::node::Node;

pub(super) fn read<'a>(node: &'a Node, claims: &mut Claims<'a>) {
    let created = node.metadata.created.as_deref();
    let origin = |field| Origin {
        kind: Kind::Node,
        name: node.name(),
        field,
    };
    if node.pod_cidrs.is_empty()
        && let Some(text) = &node.pod_cidr
    {
        claims.add(
            text,
            text.parsed(),
            node.name(),
            created,
            origin(Field::PodCidr),
        );
    }
    for (at, text) in node.pod_cidrs.iter().enumerate() {
        claims.add(
            text,
            text.parsed(),
            node.name(),
            created,
            origin(Field::PodCidrs(at)),
        );
    }
}
