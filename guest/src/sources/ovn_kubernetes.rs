//! OVN-Kubernetes: the annotation `k8s.ovn.org/node-subnets`, JSON whose key
//! `default` holds one subnet or, since OpenShift 4.13, a list of them. Other
//! keys name secondary networks, which are not the pods' default network.

use std::borrow::Cow;
use std::net::IpAddr;

use serde::Deserialize;

use super::{Announced, Claims, Field, Origin, address};
use crate::objects::Kind;
use crate::objects::annotations::names;
use crate::objects::node::Node;
use crate::prefix::Prefix;

/// The annotation by which OVN-Kubernetes names a node's own addresses.
pub(super) const ANNOUNCING: &[&str] = &[names::OVN_PRIMARY_IFADDR];

/// The value of the annotation.
#[derive(Deserialize)]
struct Subnets<'a> {
    #[serde(borrow)]
    default: Option<OneOrMany<'a>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<'a> {
    One(#[serde(borrow)] &'a str),
    Many(#[serde(borrow)] Vec<&'a str>),
}

pub(super) fn read<'a>(node: &'a Node, claims: &mut Claims<'a>) {
    let Some(text) = node.annotations.ovn_node_subnets.as_deref() else {
        return;
    };
    let origin = Origin {
        kind: Kind::Node,
        name: node.name(),
        field: Field::OvnAnnotation,
    };
    match subnets(text) {
        Ok(subnets) => {
            for subnet in subnets.iter() {
                claims.add(
                    subnet,
                    Prefix::parse(subnet),
                    node.name(),
                    node.metadata.created.as_deref(),
                    origin,
                );
            }
        }
        Err(reason) => claims.refuse(text, reason, node.name(), origin),
    }
}

/// The node's own addresses, then all that it has. Of these only node networks
/// can tell which one is meant.
pub(super) fn announced(node: &Node) -> Vec<Announced> {
    let all = &node.annotations;
    let of = |annotation, text: &Option<String>, read: Reader, preferred| {
        let addresses = text.as_deref().and_then(|text| read(text).ok());
        addresses
            .unwrap_or_default()
            .into_iter()
            .map(move |address| Announced {
                address,
                annotation,
                preferred,
            })
    };
    of(
        names::OVN_PRIMARY_IFADDR,
        &all.ovn_primary_ifaddr,
        primary,
        true,
    )
    .chain(of(
        names::OVN_HOST_CIDRS,
        &all.ovn_host_cidrs,
        host_addresses,
        false,
    ))
    .chain(of(
        names::OVN_HOST_ADDRESSES,
        &all.ovn_host_addresses,
        host_addresses,
        false,
    ))
    .collect()
}

/// Reads the addresses in an annotation; the error says what is wrong with it.
pub type Reader = fn(&str) -> Result<Vec<IpAddr>, String>;

/// The addresses in `{"ipv4":"10.0.0.5/24","ipv6":"2001:db8::5/64"}`.
pub fn primary(text: &str) -> Result<Vec<IpAddr>, String> {
    #[derive(Deserialize)]
    struct Primary<'a> {
        #[serde(borrow)]
        ipv4: Option<Cow<'a, str>>,
        #[serde(borrow)]
        ipv6: Option<Cow<'a, str>>,
    }
    let primary: Primary<'_> = serde_json::from_str(text).map_err(|_| {
        "is not the JSON that OVN-Kubernetes writes: {\"ipv4\": ..., \"ipv6\": ...}".to_owned()
    })?;
    // The family that a node has not is missing or empty.
    let texts = [primary.ipv4, primary.ipv6].into_iter().flatten();
    parse_all(texts.filter(|text| !text.is_empty()))
}

/// The addresses in `["10.0.0.5/24","2001:db8::5/64"]`, or without masks.
pub fn host_addresses(text: &str) -> Result<Vec<IpAddr>, String> {
    let texts: Vec<Cow<'_, str>> = serde_json::from_str(text)
        .map_err(|_| "is not the JSON that OVN-Kubernetes writes: [\"...\"]".to_owned())?;
    parse_all(texts)
}

fn parse_all<'a>(texts: impl IntoIterator<Item = Cow<'a, str>>) -> Result<Vec<IpAddr>, String> {
    texts
        .into_iter()
        .map(|text| address(&text).ok_or_else(|| format!("has `{text}`, which is no address")))
        .collect()
}

/// The subnets of the default network.
pub fn subnets(text: &str) -> Result<Cow<'_, [&str]>, &'static str> {
    let subnets: Subnets<'_> = serde_json::from_str(text)
        .map_err(|_| "is not the JSON that OVN-Kubernetes writes: {\"default\": ...}")?;
    Ok(match subnets.default {
        None => Cow::Borrowed(&[]),
        Some(OneOrMany::One(one)) => Cow::Owned(vec![one]),
        Some(OneOrMany::Many(many)) => Cow::Owned(many),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::tests::node_with;

    #[test]
    fn the_primary_address_is_preferred() {
        let node = node_with(|all| {
            all.ovn_primary_ifaddr =
                Some(r#"{"ipv4":"10.0.0.5/24","ipv6":"2001:db8::5/64"}"#.into());
            all.ovn_host_cidrs = Some(r#"["10.0.0.5/24","10.9.0.5/24"]"#.into());
            all.ovn_host_addresses = Some(r#"["10.8.0.5"]"#.into());
        });
        let announced: Vec<String> = announced(&node)
            .iter()
            .map(|one| format!("{} {}", one.address, one.preferred))
            .collect();
        assert_eq!(
            announced,
            [
                "10.0.0.5 true",
                "2001:db8::5 true",
                "10.0.0.5 false",
                "10.9.0.5 false",
                "10.8.0.5 false"
            ]
        );
    }

    #[test]
    fn says_what_is_wrong_with_addresses() {
        assert!(primary("10.0.0.5/24").is_err());
        assert_eq!(primary(r#"{"ipv6":""}"#), Ok(vec![]));
        assert!(
            primary(r#"{"ipv4":"none"}"#)
                .unwrap_err()
                .contains("`none`")
        );
        assert!(host_addresses("{}").is_err());
        assert!(host_addresses(r#"["10.0.0.5", 7]"#).is_err());
        assert!(host_addresses(r#"["10.0.0"]"#).is_err());
    }

    #[test]
    fn reads_one_or_many() {
        assert_eq!(
            *subnets(r#"{"default":"10.1.0.0/23"}"#).unwrap(),
            ["10.1.0.0/23"]
        );
        assert_eq!(
            *subnets(r#"{"default":["10.1.0.0/23","fd01::/64"],"blue":"10.9.0.0/24"}"#).unwrap(),
            ["10.1.0.0/23", "fd01::/64"]
        );
        assert!(subnets(r#"{"blue":"10.9.0.0/24"}"#).unwrap().is_empty());
        assert!(subnets("10.1.0.0/23").is_err());
        assert!(subnets(r#"{"default":7}"#).is_err());
    }
}
