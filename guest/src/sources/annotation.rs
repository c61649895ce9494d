//! AKO's annotation `ako.vmware.com/pod-cidrs`: a comma separated list that
//! replaces Node.spec.podCIDRs where it is present, even when empty. AKO reads
//! it only in its default branch, and so does podroute where no CNI is known.
//!
//! Unlike AKO, one broken entry does not cost the node its other CIDRs, and
//! IPv6 is accepted.

use super::{Claims, Field, Origin, kubernetes};
use crate::objects::Kind;
use crate::objects::node::Node;
use crate::prefix::Prefix;

pub(super) fn read<'a>(node: &'a Node, claims: &mut Claims<'a>) {
    let Some(list) = &node.annotations.ako_pod_cidrs else {
        return kubernetes::read(node, claims);
    };
    let origin = Origin {
        kind: Kind::Node,
        name: node.name(),
        field: Field::AkoAnnotation,
    };
    for text in entries(list) {
        claims.add(
            text,
            Prefix::parse(text),
            node.name(),
            node.metadata.created.as_deref(),
            origin,
        );
    }
}

/// The entries as AKO splits them: the whole is trimmed, empty pieces are
/// skipped, and each piece is trimmed. A piece of white space stays, as an
/// empty text that is no CIDR.
pub fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.trim()
        .split(',')
        .filter(|piece| !piece.is_empty())
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::entries;

    #[test]
    fn splits_as_ako_does() {
        let split = |list| entries(list).collect::<Vec<_>>();
        assert_eq!(
            split("192.168.1.0/24, 192.168.2.0/24 ,"),
            ["192.168.1.0/24", "192.168.2.0/24"]
        );
        assert_eq!(split("192.168.3.0/24   "), ["192.168.3.0/24"]);
        assert_eq!(split(""), Vec::<&str>::new());
        assert_eq!(split("a, ,b"), ["a", "", "b"]);
    }
}
