//! OVN-Kubernetes: the annotation `k8s.ovn.org/node-subnets`, JSON whose key
//! `default` holds one subnet or, since OpenShift 4.13, a list of them. Other
//! keys name secondary networks, which are not the pods' default network.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Claims, Field, Origin};
use crate::objects::Kind;
use crate::objects::node::Node;

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
                    node.name(),
                    node.metadata.created.as_deref(),
                    origin,
                );
            }
        }
        Err(reason) => claims.refuse(text, reason, node.name(), origin),
    }
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
    use super::subnets;

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
