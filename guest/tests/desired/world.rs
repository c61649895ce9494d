//! Clusters of one CNI: what shows it, and the objects that come and go.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::addresses::{address, cidr};
use crate::objects::{self as make, Pair, daemon_set, installation};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum World {
    CiliumCluster,
    CiliumMultiPool,
    CiliumHost,
    Calico,
    CalicoHostLocal,
    Canal,
    OvnKubernetes,
    OpenShiftSdn,
    Antrea,
    Flannel,
    /// Nothing shows a CNI, and the DaemonSets were listed.
    Unknown,
}

pub(crate) const ALL: [World; 11] = [
    World::CiliumCluster,
    World::CiliumMultiPool,
    World::CiliumHost,
    World::Calico,
    World::CalicoHostLocal,
    World::Canal,
    World::OvnKubernetes,
    World::OpenShiftSdn,
    World::Antrea,
    World::Flannel,
    World::Unknown,
];

impl World {
    /// The DaemonSet by which the CNI shows.
    pub(crate) fn daemon_set(self) -> &'static str {
        match self {
            Self::CiliumCluster | Self::CiliumMultiPool | Self::CiliumHost => "cilium",
            Self::Calico | Self::CalicoHostLocal => "calico-node",
            Self::Canal => "canal",
            Self::OvnKubernetes => "ovnkube-node",
            Self::OpenShiftSdn => "sdn",
            Self::Antrea => "antrea-agent",
            Self::Flannel => "kube-flannel-ds",
            Self::Unknown => "kube-proxy",
        }
    }

    /// What shows the CNI and its mode.
    pub(crate) fn proof(self) -> Vec<Value> {
        let ipam = |ipam| {
            let data = json!({"ipam": ipam});
            vec![make::config_map("kube-system", "cilium-config", &data)]
        };
        let mut proof = match self {
            Self::CiliumCluster => ipam("cluster-pool"),
            Self::CiliumMultiPool => ipam("multi-pool"),
            Self::CiliumHost => ipam("kubernetes"),
            Self::Calico => vec![installation("Calico", Some("Calico"))],
            Self::CalicoHostLocal => vec![installation("Calico", Some("HostLocal"))],
            _ => Vec::new(),
        };
        proof.push(daemon_set(self.daemon_set(), 2));
        proof
    }

    /// Objects as they come and go in such a cluster.
    pub(crate) fn object(self) -> BoxedStrategy<Value> {
        prop_oneof![
            8 => make::node(annotations(self)),
            8 => self.holder(),
            3 => self.setting(),
            1 => any_object(),
        ]
        .boxed()
    }

    /// The objects that hold pod CIDRs.
    fn holder(self) -> BoxedStrategy<Value> {
        match self {
            Self::CiliumCluster | Self::CiliumMultiPool => make::cilium_node().boxed(),
            Self::Calico => make::block_affinity().boxed(),
            Self::OpenShiftSdn => make::host_subnet().boxed(),
            _ => make::node(annotations(self)).boxed(),
        }
    }

    /// What concerns all nodes.
    fn setting(self) -> BoxedStrategy<Value> {
        let ipam = match self {
            Self::CiliumCluster => "cluster-pool",
            Self::CiliumMultiPool => "multi-pool",
            Self::CiliumHost => "kubernetes",
            Self::Calico | Self::CalicoHostLocal | Self::Canal => {
                return prop_oneof![make::ako_config(), make::calico_config(), make::ip_pool()]
                    .boxed();
            }
            _ => return make::ako_config().boxed(),
        };
        prop_oneof![
            make::ako_config(),
            make::cilium_config(Just(ipam)),
            make::cilium_node_config(),
            make::cilium_node_config(),
        ]
        .boxed()
    }
}

/// Any object that is read for routes, of whatever CNI.
pub(crate) fn any_object() -> BoxedStrategy<Value> {
    let modes = select(vec![
        "",
        "cluster-pool",
        "cluster-pool-v2beta",
        "kubernetes",
        "multi-pool",
        "eni",
        "crd",
        "delegated-plugin",
        "nonsense",
    ]);
    let any_world = || select(&ALL[..]);
    let other_config = select(vec!["kube-root-ca.crt", "leader"])
        .prop_flat_map(|name| {
            select(vec!["kube-system", "default"])
                .prop_map(move |namespace| make::config_map(namespace, name, &json!({})))
        })
        .boxed();
    let installations = select(vec![
        installation("Calico", None),
        installation("Calico", Some("HostLocal")),
        installation("AmazonVPC", Some("AmazonVPC")),
        installation("GKE", None),
    ]);
    prop_oneof![
        3 => any_world().prop_flat_map(|world| make::node(annotations(world))),
        2 => make::cilium_node(),
        2 => make::block_affinity(),
        2 => make::host_subnet(),
        2 => make::cilium_config(modes),
        1 => make::calico_config(),
        1 => make::ako_config(),
        1 => make::cilium_node_config(),
        2 => (any_world(), 0_u8..3)
            .prop_map(|(world, desired)| daemon_set(world.daemon_set(), desired)),
        1 => (select(vec!["aws-node", "weave-net", "kube-router", "kindnet"]), 0_u8..3)
            .prop_map(|(name, desired)| daemon_set(name, desired)),
        1 => installations,
        1 => make::ip_pool(),
        1 => other_config,
    ]
    .boxed()
}

/// The annotations that a CNI writes, those that people do, and now and then
/// one of another CNI.
fn annotations(world: World) -> impl Strategy<Value = Vec<Pair>> {
    let others = prop_oneof![
        30 => Just(Vec::new()),
        1 => select(&ALL[..]).prop_flat_map(|world| vec(written_by(world), 1)),
    ];
    (
        vec(written_by(world), 0..3),
        option::weighted(0.15, written_by_people()),
        others,
    )
        .prop_map(|(mut all, people, others)| {
            all.extend(people);
            all.extend(others);
            all
        })
}

fn pair(name: &'static str, value: impl Strategy<Value = String>) -> impl Strategy<Value = Pair> {
    value.prop_map(move |value| (name.to_owned(), value))
}

fn masked() -> impl Strategy<Value = String> {
    address().prop_map(|address| format!("{address}/24"))
}

fn plain() -> impl Strategy<Value = String> {
    address().prop_map(str::to_owned)
}

fn written_by(world: World) -> BoxedStrategy<Pair> {
    match world {
        World::CiliumCluster | World::CiliumMultiPool | World::CiliumHost => prop_oneof![
            pair(
                "network.cilium.io/ipv4-pod-cidr",
                cidr().prop_map(str::to_owned)
            ),
            pair(
                "io.cilium.network.ipv6-pod-cidr",
                cidr().prop_map(str::to_owned)
            ),
        ]
        .boxed(),
        World::Calico | World::CalicoHostLocal => prop_oneof![
            pair("projectcalico.org/IPv4Address", masked()),
            pair("projectcalico.org/IPv6Address", masked()),
        ]
        .boxed(),
        World::Canal | World::Flannel => prop_oneof![
            pair(
                "flannel.alpha.coreos.com/backend-type",
                Just("vxlan".to_owned())
            ),
            pair("flannel.alpha.coreos.com/public-ip", plain()),
            pair("flannel.alpha.coreos.com/public-ipv6", plain()),
        ]
        .boxed(),
        World::OvnKubernetes => {
            let one = cidr().prop_map(|cidr| format!(r#"{{"default":"{cidr}"}}"#));
            let many = vec(cidr(), 0..3)
                .prop_map(|cidrs| json!({"default": cidrs, "other": "10.9.0.0/24"}).to_string());
            prop_oneof![
                6 => pair("k8s.ovn.org/node-subnets", one),
                6 => pair("k8s.ovn.org/node-subnets", many),
                1 => pair("k8s.ovn.org/node-subnets", Just("broken".to_owned())),
                2 => pair(
                    "k8s.ovn.org/node-primary-ifaddr",
                    address().prop_map(|address| format!(r#"{{"ipv4":"{address}/24"}}"#))
                ),
                2 => pair(
                    "k8s.ovn.org/host-cidrs",
                    address().prop_map(|address| format!(r#"["{address}/24"]"#))
                ),
            ]
            .boxed()
        }
        World::Antrea => pair("node.antrea.io/transport-addresses", plain()).boxed(),
        World::OpenShiftSdn | World::Unknown => pair(
            "ako.vmware.com/pod-cidrs",
            vec(cidr(), 0..3).prop_map(|cidrs| cidrs.join(", ")),
        )
        .boxed(),
    }
}

fn written_by_people() -> impl Strategy<Value = Pair> {
    prop_oneof![
        2 => pair("podroute.dev/next-hop", plain()),
        1 => pair("podroute.dev/exclude", select(vec!["true", "false", "yes"]).prop_map(str::to_owned)),
        1 => pair(
            "ako.vmware.com/pod-cidrs",
            vec(cidr(), 0..3).prop_map(|cidrs| cidrs.join(","))
        ),
    ]
}
