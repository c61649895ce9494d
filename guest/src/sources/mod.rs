//! The places where pod CIDRs stand: objects in, claims out. One file each.

pub mod annotation;
pub mod cilium;
pub mod kubernetes;
pub mod ovn_kubernetes;

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::cluster::Cluster;
use crate::detect::cni::Cni;
use crate::detect::{Detected, Place};
use crate::objects::Kind;
use crate::objects::annotations::names;
use crate::objects::node::Node;
use crate::prefix::Prefix;
use crate::report::ObjectRef;

/// A node's claim to a pod CIDR.
#[derive(Clone, Debug)]
pub struct Claim<'a> {
    pub prefix: Prefix,
    /// The prefix as written.
    pub text: &'a str,
    pub node: &'a str,
    pub origin: Origin<'a>,
    /// The text had host bits set.
    pub had_host_bits: bool,
    /// When the object that carries the claim was created.
    pub created: Option<&'a str>,
}

/// An address that the CNI itself names for a node, in an annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    pub address: IpAddr,
    /// The annotation's name.
    pub annotation: &'static str,
    /// Whether it comes before the Node's own addresses, or is only one more
    /// to choose from when the node networks are known.
    pub preferred: bool,
}

/// The addresses that the CNI names for a node, best first.
pub fn announced(_node: &Node, _cni: Cni) -> Vec<Announced> {
    Vec::new()
}

/// A text that should be a pod CIDR and is none.
#[derive(Clone, Debug)]
pub struct InvalidCidr<'a> {
    pub text: &'a str,
    pub reason: &'static str,
    pub node: &'a str,
    pub origin: Origin<'a>,
}

/// The field that a CIDR was read from. Objects are named after their node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin<'a> {
    pub kind: Kind,
    pub name: &'a str,
    pub field: Field,
}

/// A field that holds pod CIDRs, with the positions in its lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    PodCidr,
    PodCidrs(usize),
    CiliumPodCidrs(usize),
    CiliumPool(usize, usize),
    AkoAnnotation,
    OvnAnnotation,
}

/// What the source of a cluster's pod CIDRs says.
#[derive(Debug, Default)]
pub struct Claims<'a> {
    /// By node and position, each prefix once per node.
    pub valid: Vec<Claim<'a>>,
    pub invalid: Vec<InvalidCidr<'a>>,
}

impl<'a> Claims<'a> {
    /// Reads the place that was detected, and no other.
    pub fn read(cluster: &'a Cluster, detected: &Detected<'a>) -> Self {
        let mut claims = Self::default();
        match detected.place {
            Place::CiliumNode(mode) => {
                for node in cluster.cilium_nodes.values() {
                    cilium::read(node, mode, detected.cilium.as_ref(), &mut claims);
                }
            }
            Place::NodeSpec => {
                for node in cluster.nodes.values() {
                    kubernetes::read(node, &mut claims);
                }
            }
            Place::AnnotationOrNodeSpec => {
                for node in cluster.nodes.values() {
                    annotation::read(node, &mut claims);
                }
            }
            Place::OvnAnnotation => {
                for node in cluster.nodes.values() {
                    ovn_kubernetes::read(node, &mut claims);
                }
            }
            Place::Nowhere => {}
        }
        let mut node = "";
        let mut seen = BTreeSet::new();
        claims.valid.retain(|claim| {
            // A node's claims stand one after the other.
            if claim.node != node {
                node = claim.node;
                seen.clear();
            }
            detected.may_have(claim.prefix.family()) && seen.insert(claim.prefix)
        });
        claims
    }

    /// Adds one text.
    fn add(&mut self, text: &'a str, node: &'a str, created: Option<&'a str>, origin: Origin<'a>) {
        let parsed = match Prefix::parse(text) {
            Ok(parsed) if parsed.prefix.length() == 0 => {
                return self.refuse(text, "covers every address", node, origin);
            }
            Ok(parsed) => parsed,
            Err(reason) => return self.refuse(text, reason, node, origin),
        };
        self.valid.push(Claim {
            prefix: parsed.prefix,
            text,
            node,
            origin,
            had_host_bits: parsed.had_host_bits,
            created,
        });
    }

    fn refuse(&mut self, text: &'a str, reason: &'static str, node: &'a str, origin: Origin<'a>) {
        self.invalid.push(InvalidCidr {
            text,
            reason,
            node,
            origin,
        });
    }
}

impl Origin<'_> {
    pub fn to_ref(self) -> ObjectRef {
        ObjectRef {
            kind: self.kind.name().into(),
            namespace: None,
            name: self.name.to_owned(),
            field: Some(self.field.path()),
        }
    }
}

impl Field {
    pub fn path(self) -> String {
        match self {
            Self::PodCidr => "spec.podCIDR".to_owned(),
            Self::PodCidrs(at) => format!("spec.podCIDRs[{at}]"),
            Self::CiliumPodCidrs(at) => format!("spec.ipam.podCIDRs[{at}]"),
            Self::CiliumPool(pool, at) => {
                format!("spec.ipam.pools.allocated[{pool}].cidrs[{at}]")
            }
            Self::AkoAnnotation => annotation_path(names::AKO_POD_CIDRS),
            Self::OvnAnnotation => annotation_path(names::OVN_NODE_SUBNETS),
        }
    }
}

/// The path of an annotation, whose name has dots of its own.
pub fn annotation_path(name: &str) -> String {
    format!("metadata.annotations[\"{name}\"]")
}
