//! What happens to a cluster that is watched.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use podroute_policy::objects::Kind;
use podroute_policy::prefix::Prefix;
use podroute_policy::programmed::Hops;
use podroute_policy::settings::{Gap, RawSettings};

use crate::addresses::{NODES, address, cidr};
use crate::objects::BLOCKS;
use crate::watched::Watched;
use crate::world::{self, World, any_object};

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Upsert(Vec<String>),
    Load(Vec<String>),
    Remove(Kind, &'static str, &'static str),
    Gap(&'static str),
    Listed(&'static str),
    Forget,
    /// Devices have these routes, whether anybody wanted them or not.
    Program(Vec<(&'static str, &'static str)>),
    /// Devices have the routes that are wanted, but for one in so many.
    Adopt(usize),
    Take,
    /// The CNI is replaced.
    Replace(World, World),
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) settings: RawSettings,
    pub(crate) start: Vec<String>,
    pub(crate) operations: Vec<Operation>,
}

impl Operation {
    pub(crate) fn run(self, watched: &mut Watched) {
        match self {
            Self::Upsert(documents) => watched.upsert(&documents),
            Self::Load(documents) => watched.load(&documents),
            Self::Remove(kind, namespace, name) => watched.remove(kind, namespace, name),
            Self::Gap(kind) => {
                watched.settings.set_gap(Gap {
                    kind: kind.to_owned(),
                    reason: "forbidden".to_owned(),
                    awaited: false,
                });
                watched.desired.forget();
            }
            Self::Listed(kind) => {
                watched.settings.set_listed(kind);
                watched.desired.forget();
            }
            Self::Forget => watched.desired.forget(),
            Self::Program(routes) => {
                let programmed = routes.into_iter().filter_map(|(prefix, next_hop)| {
                    Some((Prefix::parse(prefix).ok()?.prefix, next_hop.parse().ok()?))
                });
                watched.desired.set_programmed(None, programmed.collect());
            }
            Self::Adopt(skipped) => {
                let routes = watched.desired.routes().enumerate();
                let programmed: Hops = routes
                    .filter(|(at, _)| at % skipped != 0)
                    .map(|(_, route)| (route.prefix, route.next_hop))
                    .collect();
                watched.desired.set_programmed(None, programmed);
            }
            Self::Take => watched.take_changes(),
            Self::Replace(earlier, later) => {
                watched.remove(Kind::DaemonSet, "kube-system", earlier.daemon_set());
                watched.remove(Kind::ConfigMap, "kube-system", "cilium-config");
                watched.remove(Kind::Installation, "", "default");
                watched.upsert(&texts(&later.proof()));
            }
        }
    }
}

pub(crate) fn case() -> impl Strategy<Value = Case> {
    select(&world::ALL[..]).prop_flat_map(|world| {
        (
            settings(world),
            vec(world.object(), 4..20),
            vec(operation(world), 1..25),
        )
            .prop_map(move |(settings, objects, operations)| Case {
                settings,
                start: texts(&[world.proof(), objects].concat()),
                operations,
            })
    })
}

fn settings(world: World) -> impl Strategy<Value = RawSettings> {
    let networks = |choices: Vec<&'static str>| {
        option::weighted(0.1, select(choices))
            .prop_map(|network| network.map(str::to_owned).into_iter().collect::<Vec<_>>())
    };
    (
        any::<bool>(),
        option::weighted(0.1, Just("zone=a".to_owned())),
        networks(vec!["192.0.2.0/24", "198.51.100.0/24"]),
        networks(vec!["192.0.2.0/24", "10.0.2.0/24"]),
        networks(vec!["10.0.3.0/25", "fd00:0:0:3::/64"]),
        option::weighted(0.05, Just("kubernetes".to_owned())),
    )
        .prop_map(
            move |(aggregate, node_selector, node_networks, connected, protected, cni)| {
                RawSettings {
                    cni,
                    aggregate,
                    node_selector,
                    node_networks,
                    connected_networks: connected,
                    protected_networks: protected,
                    listed_kinds: match world {
                        World::Unknown => vec!["DaemonSet".to_owned()],
                        _ => Vec::new(),
                    },
                    ..RawSettings::default()
                }
            },
        )
}

fn operation(world: World) -> impl Strategy<Value = Operation> {
    let kind = || {
        select(vec![
            "Node",
            "CiliumNode",
            "BlockAffinity",
            "ConfigMap",
            "DaemonSet",
            "Installation",
            "Service",
            "*",
        ])
    };
    let documents = |least| vec(document(world), least..4);
    prop_oneof![
        20 => documents(1).prop_map(Operation::Upsert),
        2 => documents(1).prop_map(Operation::Load),
        10 => remove(world),
        1 => kind().prop_map(Operation::Gap),
        1 => kind().prop_map(Operation::Listed),
        1 => Just(Operation::Forget),
        3 => vec((cidr(), address()), 0..6).prop_map(Operation::Program),
        3 => (1_usize..4).prop_map(Operation::Adopt),
        6 => Just(Operation::Take),
        1 => select(&world::ALL[..]).prop_map(move |later| Operation::Replace(world, later)),
    ]
}

/// A document: an object, or what is none or cannot be read.
fn document(world: World) -> impl Strategy<Value = String> {
    let text = |object: Value| object.to_string();
    let unreadable = select(vec![
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}, "spec": {"podCIDRs": 7}}),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "e"}, "status": {"addresses": [7]}}),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {}}),
        json!({"apiVersion": "cilium.io/v2", "kind": "CiliumNode", "metadata": {"name": "a"}, "spec": 7}),
        json!({"apiVersion": "crd.projectcalico.org/v1", "kind": "BlockAffinity", "metadata": {"name": "b0"}, "spec": 7}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "kube-system", "name": "cilium-config"}, "data": 7}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "kube-system", "name": "calico-config"}, "data": 7}),
        json!({"apiVersion": "v1", "kind": "NodeList", "items": []}),
        json!({"apiVersion": "cilium.io/v2", "kind": "CiliumNodeList", "items": []}),
        json!({"apiVersion": "apps/v1", "kind": "DaemonSetList", "items": []}),
        json!(7),
    ]);
    prop_oneof![
        30 => world.object().prop_map(text),
        1 => any_object().prop_map(text),
        1 => unreadable.prop_map(text),
    ]
}

fn remove(world: World) -> impl Strategy<Value = Operation> {
    let named = |kind, names: &'static [&'static str]| {
        select(names).prop_map(move |name| Operation::Remove(kind, "", name))
    };
    let in_kube_system = |kind, names: Vec<&'static str>| {
        select(names).prop_map(move |name| Operation::Remove(kind, "kube-system", name))
    };
    let configs = vec!["cilium-config", "calico-config", "canal-config", "leader"];
    prop_oneof![
        8 => named(Kind::Node, &NODES),
        4 => named(Kind::CiliumNode, &NODES),
        4 => named(Kind::BlockAffinity, &BLOCKS),
        4 => named(Kind::HostSubnet, &NODES),
        1 => in_kube_system(Kind::ConfigMap, configs),
        1 => Just(Operation::Remove(Kind::ConfigMap, "avi-system", "avi-k8s-config")),
        1 => in_kube_system(Kind::DaemonSet, vec![world.daemon_set()]),
        3 => in_kube_system(Kind::CiliumNodeConfig, vec!["first", "second"]),
        1 => named(Kind::Installation, &["default"]),
        1 => named(Kind::IpPool, &["pool"]),
    ]
}

fn texts(objects: &[Value]) -> Vec<String> {
    objects.iter().map(Value::to_string).collect()
}
