//! The places where pod CIDRs stand: objects in, claims out. One file each.

pub mod annotation;
pub mod antrea;
pub mod calico;
pub mod cilium;
pub mod flannel;
pub mod kubernetes;
pub mod openshift;
pub mod ovn_kubernetes;

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::cluster::{Cluster, Scope};
use crate::detect::Place;
use crate::detect::cni::Cni;
use crate::objects::Kind;
use crate::objects::annotations::names;
use crate::objects::node::Node;
use crate::prefix::{Parsed, Prefix};
use crate::report::ObjectRef;
use crate::terms::Terms;

/// A node's claim to a pod CIDR.
#[derive(Clone, Copy, Debug)]
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

/// The addresses that the CNI names for a node, best first. `cni` is the one
/// that hands out the pods' addresses: [`Detection::owner`].
///
/// [`Detection::owner`]: crate::detect::cni::Detection::owner
pub fn announced(node: &Node, cni: Cni) -> Vec<Announced> {
    match cni {
        Cni::Calico => calico::announced(node),
        Cni::Antrea => antrea::announced(node),
        Cni::Flannel | Cni::Canal => flannel::announced(node),
        Cni::OvnKubernetes => ovn_kubernetes::announced(node),
        _ => Vec::new(),
    }
}

/// The annotations of which [`announced`] takes preferred addresses.
pub fn announcing(cni: Cni) -> &'static [&'static str] {
    match cni {
        Cni::Calico => calico::ANNOUNCING,
        Cni::Antrea => antrea::ANNOUNCING,
        Cni::Flannel | Cni::Canal => flannel::ANNOUNCING,
        Cni::OvnKubernetes => ovn_kubernetes::ANNOUNCING,
        _ => &[],
    }
}

/// The address in `10.0.0.5/24`, or in a text without a mask.
fn address(text: &str) -> Option<IpAddr> {
    text.split('/').next()?.trim().parse().ok()
}

/// A text that should be a pod CIDR and is none.
#[derive(Clone, Debug)]
pub struct InvalidCidr<'a> {
    pub text: &'a str,
    pub reason: &'static str,
    pub node: &'a str,
    pub origin: Origin<'a>,
}

/// The field that a CIDR was read from. `name` is the object's own; not
/// every kind of object is named after its node.
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
    BlockCidr,
    HostSubnet,
}

/// Prefixes that were met. Most nodes have one or two.
#[derive(Default)]
struct Seen {
    first: [Option<Prefix>; 2],
    more: BTreeSet<Prefix>,
}

impl Seen {
    /// Whether a prefix is new.
    fn insert(&mut self, prefix: Prefix) -> bool {
        for place in &mut self.first {
            match place {
                Some(one) if *one == prefix => return false,
                Some(_) => {}
                None => {
                    *place = Some(prefix);
                    return true;
                }
            }
        }
        self.more.insert(prefix)
    }
}

/// What the source of a cluster's pod CIDRs says.
#[derive(Debug, Default)]
pub struct Claims<'a> {
    /// By node and position, each prefix once per node.
    pub valid: Vec<Claim<'a>>,
    pub invalid: Vec<InvalidCidr<'a>>,
}

impl<'a> Claims<'a> {
    /// Reads the place that was detected, and no other, of the nodes in scope.
    pub fn read(cluster: &'a Cluster, scope: Scope<'a>, terms: &Terms) -> Self {
        let mut valid = Vec::new();
        let invalid = Self::for_each(cluster, scope, terms, |claim| valid.push(claim));
        Self { valid, invalid }
    }

    /// Looks at every valid claim in the same order, and keeps none. Returns
    /// what is no pod CIDR.
    pub fn for_each(
        cluster: &'a Cluster,
        scope: Scope<'a>,
        terms: &Terms,
        mut look: impl FnMut(Claim<'a>),
    ) -> Vec<InvalidCidr<'a>> {
        let mut claims = Self::default();
        match terms.place {
            Place::BlockAffinity => {
                for block in cluster.block_affinities_in(scope) {
                    calico::read(block, &mut claims);
                }
                claims.sort();
                claims.hand_on(terms, &mut look);
            }
            Place::HostSubnet => {
                for subnet in cluster.host_subnets_in(scope) {
                    openshift::read(subnet, &mut claims);
                }
                claims.sort();
                claims.hand_on(terms, &mut look);
            }
            Place::CiliumNode(mode) => {
                for node in cluster.cilium_nodes_in(scope) {
                    cilium::read(node, mode, terms.cilium_can_move, &mut claims);
                    claims.hand_on(terms, &mut look);
                }
            }
            Place::NodeSpec => {
                for node in cluster.nodes_in(scope) {
                    kubernetes::read(node, &mut claims);
                    claims.hand_on(terms, &mut look);
                }
            }
            Place::AnnotationOrNodeSpec => {
                for node in cluster.nodes_in(scope) {
                    annotation::read(node, &mut claims);
                    claims.hand_on(terms, &mut look);
                }
            }
            Place::OvnAnnotation => {
                for node in cluster.nodes_in(scope) {
                    ovn_kubernetes::read(node, &mut claims);
                    claims.hand_on(terms, &mut look);
                }
            }
            Place::Nowhere => {}
        }
        claims.invalid
    }

    /// Puts claims in the order of their nodes.
    fn sort(&mut self) {
        self.valid.sort_by(|a, b| a.node.cmp(b.node));
    }

    /// Hands on of each node each prefix once, and none of a family that is
    /// off there.
    fn hand_on(&mut self, terms: &Terms, look: &mut impl FnMut(Claim<'a>)) {
        let mut node = "";
        let mut seen = Seen::default();
        for claim in self.valid.drain(..) {
            // A node's claims stand one after the other.
            if claim.node != node {
                node = claim.node;
                seen = Seen::default();
            }
            if terms.may_have(claim.node, claim.prefix.family()) && seen.insert(claim.prefix) {
                look(claim);
            }
        }
    }

    /// Adds a text, and what it is read as.
    fn add(
        &mut self,
        text: &'a str,
        parsed: Result<Parsed, &'static str>,
        node: &'a str,
        created: Option<&'a str>,
        origin: Origin<'a>,
    ) {
        let parsed = match parsed {
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
            Self::BlockCidr => "spec.cidr".to_owned(),
            Self::HostSubnet => "subnet".to_owned(),
        }
    }
}

/// The path of an annotation, whose name has dots of its own.
pub fn annotation_path(name: &str) -> String {
    format!("metadata.annotations[\"{name}\"]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detected;
    use crate::objects::annotations::Annotations;
    use crate::settings::Settings;

    pub(super) fn node_with(annotate: impl FnOnce(&mut Annotations)) -> Node {
        let mut node = Node::default();
        annotate(&mut node.annotations);
        node
    }

    pub(super) fn addresses(announced: &[Announced]) -> Vec<String> {
        announced
            .iter()
            .map(|announced| announced.address.to_string())
            .collect()
    }

    /// Both nodes have CIDRs of both families; on one IPv6 is switched off.
    #[test]
    fn a_family_that_is_off_on_a_node_is_not_claimed_there() {
        let node = |name: &str, rack: &str| {
            format!(
                r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{name}","labels":{{"rack":"{rack}"}}}}}}"#
            )
        };
        let cilium_node = |name: &str, number: u8| {
            format!(
                r#"{{"apiVersion":"cilium.io/v2","kind":"CiliumNode","metadata":{{"name":"{name}"}},"spec":{{"ipam":{{"podCIDRs":["10.0.{number}.0/24","fd00:{number}::/64"]}}}}}}"#
            )
        };
        let documents = [
            r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"kube-system","name":"cilium-config"},"data":{"ipam":"cluster-pool","enable-ipv6":"true"}}"#.to_owned(),
            r#"{"apiVersion":"cilium.io/v2","kind":"CiliumNodeConfig","metadata":{"namespace":"kube-system","name":"old"},"spec":{"nodeSelector":{"matchLabels":{"rack":"old"}},"defaults":{"enable-ipv6":"false"}}}"#.to_owned(),
            node("a", "old"),
            node("b", "new"),
            cilium_node("a", 1),
            cilium_node("b", 2),
        ];
        let mut cluster = Cluster::default();
        cluster.load(documents.iter().map(String::as_str));
        let settings = Settings::default();
        let terms = Terms::of(&Detected::find(&cluster, &settings), &settings);
        let claims = Claims::read(&cluster, Scope::All, &terms);
        let texts: Vec<&str> = claims.valid.iter().map(|claim| claim.text).collect();
        assert_eq!(texts, ["10.0.1.0/24", "10.0.2.0/24", "fd00:2::/64"]);
    }

    #[test]
    fn an_address_may_have_a_mask() {
        for (text, expected) in [
            ("10.0.0.5/24", Some("10.0.0.5")),
            ("10.0.0.5", Some("10.0.0.5")),
            (" fd00::5/64 ", Some("fd00::5")),
            ("", None),
            ("/24", None),
            ("node-a", None),
        ] {
            let address = address(text).map(|address| address.to_string());
            assert_eq!(address.as_deref(), expected, "{text}");
        }
    }

    /// Every CNI reads its own annotations, and no other's.
    #[test]
    fn announcements_are_of_the_cni_that_made_them() {
        let node = node_with(|all| {
            all.calico_ipv4 = Some("10.0.0.1/24".into());
            all.antrea_transport = Some("10.0.0.2".into());
            all.flannel_public_ip = Some("10.0.0.3".into());
            all.ovn_primary_ifaddr = Some(r#"{"ipv4":"10.0.0.4/24"}"#.into());
        });
        for (cni, expected) in [
            (Cni::Calico, &["10.0.0.1"][..]),
            (Cni::Antrea, &["10.0.0.2"]),
            (Cni::Flannel, &["10.0.0.3"]),
            (Cni::Canal, &["10.0.0.3"]),
            (Cni::OvnKubernetes, &["10.0.0.4"]),
            (Cni::Cilium, &[]),
            (Cni::Kubernetes, &[]),
        ] {
            let announced = announced(&node, cni);
            assert_eq!(addresses(&announced), expected, "{cni:?}");
            for one in announced {
                assert!(one.preferred && announcing(cni).contains(&one.annotation));
            }
        }
    }
}
