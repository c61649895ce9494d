//! What is kept of each kind: the fields that the policy reads, and what stands
//! in them. Whatever is not named here is left out.

mod kinds;

use serde_json::{Map, Value};

pub(super) use kinds::fields;

/// What bears a name. When two things bear the same one, the first of these
/// gives it its replacement, so that what was equal stays equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Node,
    Namespace,
    Cluster,
    Service,
    Gateway,
    Workload,
    Pool,
    Pod,
    /// An object whose name says nothing but what else is in it.
    Object,
    Container,
    Port,
}

impl Class {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Namespace => "namespace",
            Self::Cluster => "cluster",
            Self::Service => "service",
            Self::Gateway => "gateway",
            Self::Workload => "workload",
            Self::Pool => "pool",
            Self::Pod => "pod",
            Self::Object => "object",
            Self::Container => "container",
            Self::Port => "port",
        }
    }

    /// Whether a name of this class is nobody's but the cluster's, even when
    /// it is a word that is known.
    pub(super) fn is_always_own(self) -> bool {
        matches!(self, Self::Node | Self::Pod)
    }
}

/// What a field is, and so how it is replaced in a snapshot that is redacted.
#[derive(Debug)]
pub(super) enum Shape {
    /// Numbers and booleans as they are; texts as any text.
    Text,
    /// A name as a whole.
    Name(Class),
    Version,
    Image,
    /// Keys and values of labels, or of a selector.
    Labels,
    LabelKey,
    /// Those that the policy reads.
    Annotations,
    /// Settings by key.
    Settings,
    List(&'static Shape),
    /// By a key that is a text.
    Map(&'static Shape),
    Fields(&'static [(&'static str, Shape)]),
}

/// The annotations that the policy reads, on Nodes; of other kinds only the
/// last.
const ANNOTATIONS: [&str; 18] = [
    "ako.vmware.com/pod-cidrs",
    "flannel.alpha.coreos.com/backend-type",
    "flannel.alpha.coreos.com/public-ip",
    "flannel.alpha.coreos.com/public-ipv6",
    "io.cilium.network.ipv4-pod-cidr",
    "io.cilium.network.ipv6-pod-cidr",
    "k8s.ovn.org/host-addresses",
    "k8s.ovn.org/host-cidrs",
    "k8s.ovn.org/node-primary-ifaddr",
    "k8s.ovn.org/node-subnets",
    "network.cilium.io/ipv4-pod-cidr",
    "network.cilium.io/ipv6-pod-cidr",
    "node.antrea.io/transport-addresses",
    "podroute.dev/exclude",
    "podroute.dev/next-hop",
    "projectcalico.org/IPv4Address",
    "projectcalico.org/IPv6Address",
    IGNORE,
];

pub(super) const IGNORE: &str = "podroute.dev/ignore";

/// An object without what nobody reads.
pub(super) fn narrow(json: String) -> String {
    let Ok(Value::Object(mut object)) = serde_json::from_str::<Value>(&json) else {
        return json;
    };
    let kind = object
        .get("kind")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let kind = kind.unwrap_or_default();
    let Some(fields) = fields(&kind) else {
        return json;
    };
    let head = ["apiVersion", "kind"].map(|field| object.remove_entry(field));
    narrow_fields(&kind, fields, &mut object);
    object.extend(head.into_iter().flatten());
    Value::Object(object).to_string()
}

fn narrow_fields(kind: &str, fields: &[(&str, Shape)], object: &mut Map<String, Value>) {
    object.retain(|field, value| {
        let Some((_, shape)) = fields.iter().find(|(known, _)| known == field) else {
            return false;
        };
        narrow_value(kind, shape, value);
        true
    });
}

fn narrow_value(kind: &str, shape: &Shape, value: &mut Value) {
    match (shape, value) {
        (Shape::Fields(fields), Value::Object(object)) => narrow_fields(kind, fields, object),
        (Shape::List(shape), Value::Array(items)) => {
            for item in items {
                narrow_value(kind, shape, item);
            }
        }
        (Shape::Map(shape), Value::Object(entries)) => {
            for value in entries.values_mut() {
                narrow_value(kind, shape, value);
            }
        }
        (Shape::Annotations, Value::Object(annotations)) => {
            annotations.retain(|name, _| has_annotation(kind, name));
        }
        _ => {}
    }
}

/// Whether the policy reads this annotation of this kind.
fn has_annotation(kind: &str, name: &str) -> bool {
    name == IGNORE || kind == "Node" && ANNOTATIONS.contains(&name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ANNOTATIONS;
    use super::kinds::KINDS;
    use crate::daemon::kinds::kinds;

    #[test]
    fn every_kind_that_is_captured_has_a_schema() {
        let known: Vec<_> = KINDS.iter().map(|(kind, _)| *kind).collect();
        let read: BTreeSet<_> = kinds().into_iter().collect();
        assert_eq!(known.into_iter().collect::<BTreeSet<_>>(), read);
    }

    #[test]
    fn every_annotation_that_the_policy_reads_is_kept() {
        let source = include_str!("../../../../guest/src/objects/annotations.rs");
        let table = source.rsplit_once("\nannotations! {").unwrap().1;
        let table = table.split_once("\n}").unwrap().0;
        let read: BTreeSet<_> = table
            .lines()
            .filter_map(|line| line.split_once(" = \""))
            .filter_map(|(_, rest)| rest.split_once('"'))
            .map(|(name, _)| name)
            .chain(["podroute.dev/ignore"])
            .collect();
        assert_eq!(ANNOTATIONS.into_iter().collect::<BTreeSet<_>>(), read);
    }
}
