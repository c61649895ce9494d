//! By which objects CNIs show themselves, from the surest to the least sure.

use std::collections::BTreeMap;

use super::Cni;
use crate::cluster::Cluster;
use crate::detect::cilium;
use crate::objects::annotations::{Annotations, names};
use crate::objects::config_map::ConfigMap;

/// CNIs and the objects that show them, in words.
pub(super) type Shown = BTreeMap<Cni, Vec<String>>;

/// DaemonSets by which CNIs show themselves. A name that ends in `*` stands
/// for all that begin so.
const DAEMON_SETS: [(&str, Cni); 18] = [
    ("antrea-agent*", Cni::Antrea),
    ("aws-node*", Cni::AwsVpc),
    ("azure-cns*", Cni::Azure),
    ("calico-node*", Cni::Calico),
    ("canal", Cni::Canal),
    ("cilium", Cni::Cilium),
    ("kindnet", Cni::Kindnet),
    ("kube-flannel*", Cni::Flannel),
    ("kube-router", Cni::KubeRouter),
    ("nsx-ncp-bootstrap", Cni::Ncp),
    ("nsx-node-agent", Cni::Ncp),
    ("ovnkube-node*", Cni::OvnKubernetes),
    ("rke2-calico-node", Cni::Calico),
    ("rke2-canal", Cni::Canal),
    ("rke2-flannel", Cni::Flannel),
    ("sdn", Cni::OpenShiftSdn),
    ("weave-net", Cni::Weave),
    ("weave-net-*", Cni::Weave),
];

/// Reasons of the node condition NetworkUnavailable by which CNIs sign.
const NETWORK_REASONS: [(&str, Cni); 5] = [
    ("AntreaIsUp", Cni::Antrea),
    ("CalicoIsUp", Cni::Calico),
    ("CiliumIsUp", Cni::Cilium),
    ("FlannelIsUp", Cni::Flannel),
    ("WeaveIsUp", Cni::Weave),
];

/// Annotations that CNIs write to Nodes.
const ANNOTATIONS: [(&str, Cni, Read); 10] = [
    (names::OVN_NODE_SUBNETS, Cni::OvnKubernetes, |all| {
        &all.ovn_node_subnets
    }),
    (names::ANTREA_TRANSPORT, Cni::Antrea, |all| {
        &all.antrea_transport
    }),
    (names::FLANNEL_BACKEND, Cni::Flannel, |all| {
        &all.flannel_backend
    }),
    (names::FLANNEL_PUBLIC_IP, Cni::Flannel, |all| {
        &all.flannel_public_ip
    }),
    (names::CALICO_IPV4, Cni::Calico, |all| &all.calico_ipv4),
    (names::CALICO_IPV6, Cni::Calico, |all| &all.calico_ipv6),
    (names::CILIUM_IPV4_POD_CIDR, Cni::Cilium, |all| {
        &all.cilium_ipv4_pod_cidr
    }),
    (names::CILIUM_IPV6_POD_CIDR, Cni::Cilium, |all| {
        &all.cilium_ipv6_pod_cidr
    }),
    (names::CILIUM_OLD_IPV4_POD_CIDR, Cni::Cilium, |all| {
        &all.cilium_old_ipv4_pod_cidr
    }),
    (names::CILIUM_OLD_IPV6_POD_CIDR, Cni::Cilium, |all| {
        &all.cilium_old_ipv6_pod_cidr
    }),
];

type Read = fn(&Annotations) -> &Option<String>;

/// CNIs that run: those with a DaemonSet, and Cilium with its configuration
/// where no other CNI has one.
pub(super) fn running(cluster: &Cluster) -> Shown {
    let mut shown = Shown::new();
    for ((namespace, name), daemon_set) in cluster.daemon_sets.iter() {
        // A DaemonSet that selects no node was switched off, or is that of
        // another architecture.
        if daemon_set.rollout.desired != Some(0)
            && let Some(cni) = of_daemon_set(name)
        {
            add(&mut shown, cni, format!("DaemonSet {namespace}/{name}"));
        }
    }
    let has_other = shown
        .keys()
        .any(|cni| !matches!(cni, Cni::Cilium | Cni::KubeRouter));
    let config = cilium::Config::find(cluster);
    let is_chained = config
        .as_ref()
        .is_some_and(|config| config.chained_behind().is_some());
    if let Some(config) = config
        && (shown.contains_key(&Cni::Cilium) || !has_other || is_chained)
    {
        let metadata = &config.object.metadata;
        let words = format!("ConfigMap {}/{}", metadata.namespace, metadata.name);
        shown.entry(Cni::Cilium).or_default().insert(0, words);
    }
    if let Some(words) = shown.get_mut(&Cni::Cilium) {
        words.extend(cilium_nodes(cluster));
        words.extend(network_reason(cluster, "CiliumIsUp"));
    }
    // kube-router may do no more than announce what another CNI allocates.
    if shown.keys().eq([&Cni::KubeRouter]) {
        shown.extend(traces(cluster, false));
    }
    shown
}

/// CNIs of which there are objects or annotations, which may be left from
/// before.
pub(super) fn traces(cluster: &Cluster, has_all_daemon_sets: bool) -> Shown {
    let mut shown = Shown::new();
    if let Some(words) = cilium_nodes(cluster) {
        add(&mut shown, Cni::Cilium, words);
    }
    let objects = [
        ("Installation", cluster.installations.len(), Cni::Calico),
        ("BlockAffinity", blocks(cluster), Cni::Calico),
        ("IPPool", cluster.ip_pools.len(), Cni::Calico),
        ("HostSubnet", cluster.host_subnets.len(), Cni::OpenShiftSdn),
    ];
    for (kind, count, cni) in objects {
        if count > 0 {
            add(&mut shown, cni, counted(count, kind));
        }
    }
    for (namespace, name) in cluster.config_maps.keys() {
        let cni = match name.as_str() {
            ConfigMap::CALICO => Cni::Calico,
            ConfigMap::CANAL | ConfigMap::RKE2_CANAL => Cni::Canal,
            _ => continue,
        };
        add(&mut shown, cni, format!("ConfigMap {namespace}/{name}"));
    }
    for (name, cni, read) in ANNOTATIONS {
        let count = cluster
            .nodes
            .values()
            .filter(|node| read(&node.annotations).is_some())
            .count();
        if count > 0 {
            let words = format!("annotation {name} on {}", counted(count, "Node"));
            add(&mut shown, cni, words);
        }
    }
    // Flannel alone may run without a DaemonSet: k3s has it built in. Where
    // all DaemonSets were given, the others do not run.
    if has_all_daemon_sets && shown.contains_key(&Cni::Flannel) {
        shown.retain(|cni, _| *cni == Cni::Flannel);
    }
    shown
}

/// CNIs that signed a node condition.
pub(super) fn signatures(cluster: &Cluster) -> Shown {
    let mut shown = Shown::new();
    for (reason, cni) in NETWORK_REASONS {
        if let Some(words) = network_reason(cluster, reason) {
            add(&mut shown, cni, words);
        }
    }
    shown
}

fn add(shown: &mut Shown, cni: Cni, words: String) {
    shown.entry(cni).or_default().push(words);
}

fn of_daemon_set(name: &str) -> Option<Cni> {
    DAEMON_SETS
        .into_iter()
        .find(|(pattern, _)| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *pattern,
        })
        .map(|(_, cni)| cni)
}

fn cilium_nodes(cluster: &Cluster) -> Option<String> {
    let count = cluster.cilium_nodes.len();
    (count > 0).then(|| counted(count, "CiliumNode"))
}

/// Blocks of nodes, without those of load balancer addresses.
fn blocks(cluster: &Cluster) -> usize {
    let blocks = cluster.block_affinities.values();
    blocks.filter(|block| !block.is_virtual).count()
}

fn network_reason(cluster: &Cluster, reason: &str) -> Option<String> {
    let count = cluster
        .nodes
        .values()
        .filter(|node| node.network_reason.as_deref() == Some(reason))
        .count();
    (count > 0).then(|| {
        format!(
            "condition NetworkUnavailable with reason {reason} on {}",
            counted(count, "Node")
        )
    })
}

/// `1 Node`, `3 Nodes`, `2 BlockAffinities`.
fn counted(count: usize, kind: &str) -> String {
    match (count, kind.strip_suffix('y')) {
        (1, _) => format!("1 {kind}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {kind}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cni, counted, of_daemon_set};

    #[test]
    fn knows_the_daemon_sets_of_distributions() {
        for (name, cni) in [
            ("cilium", Some(Cni::Cilium)),
            ("cilium-envoy", None),
            ("rke2-canal", Some(Cni::Canal)),
            ("kube-flannel-ds-arm64", Some(Cni::Flannel)),
            ("calico-node-windows", Some(Cni::Calico)),
            ("calico-typha", None),
            ("kube-multus-ds", None),
            ("istio-cni-node", None),
            ("kube-proxy", None),
        ] {
            assert_eq!(of_daemon_set(name), cni, "{name}");
        }
    }

    #[test]
    fn counts_in_words() {
        assert_eq!(counted(1, "BlockAffinity"), "1 BlockAffinity");
        assert_eq!(counted(2, "BlockAffinity"), "2 BlockAffinities");
        assert_eq!(counted(2, "Node"), "2 Nodes");
    }
}
