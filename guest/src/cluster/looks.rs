//! Which parts of a cluster were looked at.

use std::collections::BTreeSet;

use super::{Cluster, Name};
use crate::objects::Kind;

/// Parts of a cluster.
#[derive(Clone, Debug, Default)]
pub struct Looks {
    /// Kinds, all objects of them.
    pub kinds: BTreeSet<Kind>,
    /// Keys of ConfigMaps.
    pub keys: BTreeSet<(Name, String)>,
}

impl Looks {
    /// Whether there is something in both.
    pub fn meet(&self, other: &Self) -> bool {
        !self.kinds.is_disjoint(&other.kinds) || !self.keys.is_disjoint(&other.keys)
    }
}

impl Cluster {
    /// What was looked at since the last time that this was asked.
    pub fn take_looks(&self) -> Looks {
        macro_rules! seen {
            ($($kind:ident in $map:ident),* $(,)?) => {
                [$((Kind::$kind, self.$map.take_seen())),*]
            };
        }
        let mut keys = BTreeSet::new();
        for (name, config_map) in self.config_maps.iter() {
            let seen = config_map.data.take_seen().into_iter();
            keys.extend(seen.map(|key| (name.clone(), key)));
        }
        let kinds = seen!(
            BlockAffinity in block_affinities,
            CiliumNode in cilium_nodes,
            CiliumNodeConfig in cilium_node_configs,
            CiliumPodIpPool in cilium_pod_ip_pools,
            ConfigMap in config_maps,
            DaemonSet in daemon_sets,
            Deployment in deployments,
            Gateway in gateways,
            GatewayClass in gateway_classes,
            HostSubnet in host_subnets,
            Installation in installations,
            IpPool in ip_pools,
            Node in nodes,
            Pod in pods,
            Service in services,
            StatefulSet in stateful_sets,
        );
        let kinds = kinds.into_iter().filter(|(_, seen)| *seen);
        Looks {
            kinds: kinds.map(|(kind, _)| kind).collect(),
            keys,
        }
    }
}
