//! The annotations of Nodes that are read. Each has a name and a field.

use serde::Deserialize;

use super::metadata::Ignore;
use super::text::Text;

/// Declares the annotations once: the names as constants, the fields of the
/// kept form and of the wire form, and the way from the one to the other.
macro_rules! annotations {
    ($($(#[$doc:meta])* $constant:ident $field:ident = $name:literal;)*) => {
        /// The names of annotations, as constants.
        pub mod names {
            $($(#[$doc])* pub const $constant: &str = $name;)*
            /// Findings that are accepted: `rule: reason`, one a line.
            pub const IGNORE: &str = "podroute.dev/ignore";
        }

        /// The values of a Node's annotations; None where one is missing.
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
        pub struct Annotations {
            $($(#[$doc])* pub $field: Option<String>,)*
        }

        impl Annotations {
            /// The names of those that are there.
            pub fn present(&self) -> impl Iterator<Item = &'static str> {
                [$((names::$constant, self.$field.is_some()),)*]
                    .into_iter()
                    .filter_map(|(name, is_there)| is_there.then_some(name))
            }
        }

        #[derive(Default, Deserialize)]
        #[serde(default)]
        pub(super) struct WireAnnotations<'a> {
            $(#[serde(borrow, rename = $name)] $field: Option<Text<'a>>,)*
            #[serde(borrow, rename = "podroute.dev/ignore")]
            ignore: Option<Text<'a>>,
        }

        impl From<WireAnnotations<'_>> for Annotations {
            fn from(wire: WireAnnotations<'_>) -> Self {
                Self { $($field: wire.$field.map(Text::into_owned),)* }
            }
        }
    };
}

annotations! {
    /// AKO's list of a node's pod CIDRs.
    AKO_POD_CIDRS ako_pod_cidrs = "ako.vmware.com/pod-cidrs";
    /// OVN-Kubernetes: the subnets of a node's pods, JSON.
    OVN_NODE_SUBNETS ovn_node_subnets = "k8s.ovn.org/node-subnets";
    /// OVN-Kubernetes: the node's own addresses with masks, JSON.
    OVN_PRIMARY_IFADDR ovn_primary_ifaddr = "k8s.ovn.org/node-primary-ifaddr";
    /// OVN-Kubernetes up to OpenShift 4.13: all addresses of the node, JSON.
    OVN_HOST_ADDRESSES ovn_host_addresses = "k8s.ovn.org/host-addresses";
    /// OVN-Kubernetes since OpenShift 4.14: the same, with masks.
    OVN_HOST_CIDRS ovn_host_cidrs = "k8s.ovn.org/host-cidrs";
    /// Calico: the node's IPv4 address with its mask.
    CALICO_IPV4 calico_ipv4 = "projectcalico.org/IPv4Address";
    /// Calico: the node's IPv6 address with its mask.
    CALICO_IPV6 calico_ipv6 = "projectcalico.org/IPv6Address";
    /// Antrea: the addresses of the node's transport interface, by commas.
    ANTREA_TRANSPORT antrea_transport = "node.antrea.io/transport-addresses";
    /// Flannel: the address that other nodes reach this one at.
    FLANNEL_PUBLIC_IP flannel_public_ip = "flannel.alpha.coreos.com/public-ip";
    /// Flannel: the same, IPv6.
    FLANNEL_PUBLIC_IPV6 flannel_public_ipv6 = "flannel.alpha.coreos.com/public-ipv6";
    /// Flannel: the backend, by which flannel shows where it has no DaemonSet.
    FLANNEL_BACKEND flannel_backend = "flannel.alpha.coreos.com/backend-type";
    /// Cilium 1.13 and newer, only with annotate-k8s-node: a copy of the
    /// node's IPv4 pod CIDR.
    CILIUM_IPV4_POD_CIDR cilium_ipv4_pod_cidr = "network.cilium.io/ipv4-pod-cidr";
    /// The same, IPv6.
    CILIUM_IPV6_POD_CIDR cilium_ipv6_pod_cidr = "network.cilium.io/ipv6-pod-cidr";
    /// Cilium up to 1.12: a copy of the node's IPv4 pod CIDR.
    CILIUM_OLD_IPV4_POD_CIDR cilium_old_ipv4_pod_cidr = "io.cilium.network.ipv4-pod-cidr";
    /// The same, IPv6.
    CILIUM_OLD_IPV6_POD_CIDR cilium_old_ipv6_pod_cidr = "io.cilium.network.ipv6-pod-cidr";
    /// The next hop of this node, instead of the one that would be chosen:
    /// one address, or one of each family, by commas.
    NEXT_HOP next_hop = "podroute.dev/next-hop";
    /// `true`: no route goes to this node.
    EXCLUDE exclude = "podroute.dev/exclude";
}

impl Ignore for WireAnnotations<'_> {
    fn ignore(&mut self) -> Option<String> {
        self.ignore.take().map(Text::into_owned)
    }
}
