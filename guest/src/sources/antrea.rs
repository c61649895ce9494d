//! Antrea takes pod CIDRs from Node.spec.podCIDRs. Where its traffic between
//! nodes has an interface of its own, an annotation names the addresses there.

use std::net::IpAddr;

use super::Announced;
use crate::objects::annotations::names;
use crate::objects::node::Node;

/// The annotation by which Antrea names a node's transport addresses.
pub(super) const ANNOUNCING: &[&str] = &[names::ANTREA_TRANSPORT];

pub(super) fn announced(node: &Node) -> Vec<Announced> {
    let Some(text) = node.annotations.antrea_transport.as_deref() else {
        return Vec::new();
    };
    entries(text)
        .filter_map(Result::ok)
        .map(|address| Announced {
            address,
            annotation: names::ANTREA_TRANSPORT,
            preferred: true,
        })
        .collect()
}

/// The addresses in the annotation, one of each family, by commas; the error
/// is an entry that is none.
pub fn entries(text: &str) -> impl Iterator<Item = Result<IpAddr, &str>> {
    text.split(',')
        .map(str::trim)
        .map(|entry| entry.parse().map_err(|_| entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::tests::{addresses, node_with};

    #[test]
    fn splits_trims_and_leaves_out_what_is_no_address() {
        let announced = |text: &str| {
            let text = text.to_owned();
            announced(&node_with(|all| all.antrea_transport = Some(text)))
        };
        assert_eq!(
            addresses(&announced("10.0.0.1, 2001:db8::1")),
            ["10.0.0.1", "2001:db8::1"]
        );
        assert_eq!(addresses(&announced("10.0.0.1,,x")), ["10.0.0.1"]);
        assert_eq!(announced(""), []);
        assert_eq!(entries("a, 10.0.0.1").next(), Some(Err("a")));
    }
}
