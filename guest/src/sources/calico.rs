//! Calico's IPAM: each BlockAffinity gives a block of addresses to a node. A
//! node has none until its first pod starts, and may have many.
//!
//! Only blocks that are their node's count. Affinities that are pending or on
//! their way out stand for no pods, and another node may hold their block.

use super::{Announced, Claims, Field, Origin, address};
use crate::objects::Kind;
use crate::objects::annotations::names;
use crate::objects::block_affinity::BlockAffinity;
use crate::objects::node::Node;
use crate::prefix::Family;

/// The annotations by which Calico names a node's addresses.
pub(super) const ANNOUNCING: &[&str] = &[names::CALICO_IPV4, names::CALICO_IPV6];

pub(super) fn read<'a>(block: &'a BlockAffinity, claims: &mut Claims<'a>) {
    if !block.holds() {
        return;
    }
    let origin = Origin {
        kind: Kind::BlockAffinity,
        name: &block.metadata.name,
        field: Field::BlockCidr,
    };
    let created = block.metadata.created.as_deref();
    claims.add(
        &block.cidr,
        block.cidr.parsed(),
        &block.node,
        created,
        origin,
    );
}

/// The node's addresses, without the masks that Calico writes behind them.
pub(super) fn announced(node: &Node) -> Vec<Announced> {
    let annotations = &node.annotations;
    [
        (names::CALICO_IPV4, &annotations.calico_ipv4, Family::V4),
        (names::CALICO_IPV6, &annotations.calico_ipv6, Family::V6),
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
    use crate::cluster::Cluster;
    use crate::sources::tests::{addresses, node_with};

    const BLOCK: &str =
        r#"{"apiVersion":"GROUP","kind":"BlockAffinity","metadata":{"name":"NAME"},"spec":SPEC}"#;

    fn read(blocks: &[(&str, &str, &str)]) -> Vec<String> {
        let documents: Vec<String> = blocks
            .iter()
            .map(|(group, name, spec)| {
                BLOCK
                    .replace("GROUP", group)
                    .replace("NAME", name)
                    .replace("SPEC", spec)
            })
            .collect();
        let mut cluster = Cluster::default();
        let problems = cluster.load(documents.iter().map(String::as_str));
        assert_eq!(problems, []);
        let mut claims = Claims::default();
        for block in cluster.block_affinities.values() {
            super::read(block, &mut claims);
        }
        claims
            .valid
            .iter()
            .map(|claim| format!("{} {} {}", claim.node, claim.prefix, claim.origin.name))
            .collect()
    }

    #[test]
    fn reads_the_blocks_that_nodes_hold() {
        let (crd, v3) = ("crd.projectcalico.org/v1", "projectcalico.org/v3");
        let claims = read(&[
            (
                crd,
                "b1",
                r#"{"cidr":"10.1.0.0/26","node":"b","state":"confirmed","deleted":"false"}"#,
            ),
            (
                v3,
                "a1",
                r#"{"cidr":"fd00::/122","node":"a","state":"confirmed","deleted":false}"#,
            ),
            (crd, "a0", r#"{"cidr":"10.1.0.64/26","node":"a"}"#),
            (
                crd,
                "c1",
                r#"{"cidr":"10.1.1.0/26","node":"a","state":"pending","deleted":"false"}"#,
            ),
            (
                crd,
                "c2",
                r#"{"cidr":"10.1.2.0/26","node":"a","state":"pendingDeletion","deleted":"false"}"#,
            ),
            (
                crd,
                "c3",
                r#"{"cidr":"10.1.3.0/26","node":"a","state":"confirmed","deleted":"true"}"#,
            ),
            (
                v3,
                "c4",
                r#"{"cidr":"10.1.4.0/26","node":"a","state":"confirmed","deleted":true}"#,
            ),
            (
                v3,
                "c5",
                r#"{"cidr":"192.0.2.0/26","node":"load-balancer","state":"confirmed","type":"virtual"}"#,
            ),
        ]);
        assert_eq!(
            claims,
            ["a 10.1.0.64/26 a0", "a fd00::/122 a1", "b 10.1.0.0/26 b1"]
        );
    }

    #[test]
    fn takes_addresses_without_their_masks() {
        let node = node_with(|annotations| {
            annotations.calico_ipv4 = Some("10.0.0.1/24".into());
            annotations.calico_ipv6 = Some("2001:db8::1/64".into());
        });
        assert_eq!(addresses(&announced(&node)), ["10.0.0.1", "2001:db8::1"]);
        // Nothing that is no address of the family.
        let node = node_with(|annotations| {
            annotations.calico_ipv4 = Some("2001:db8::1/64".into());
            annotations.calico_ipv6 = Some("none".into());
        });
        assert_eq!(announced(&node), []);
    }
}
