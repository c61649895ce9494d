//! Objects into their maps, and out of them.

use super::Cluster;
use super::copies::Keep;
use super::ledger::Entry;
use crate::objects::config_map::ConfigMap;
use crate::objects::gateway::Listener;
use crate::objects::{Key, Kind, Object};

impl Cluster {
    /// Puts an object in. When a copy of it is there, one of the two is kept;
    /// the versions of the one kept and the one dropped are returned.
    pub(super) fn put(&mut self, object: Object, keep: Keep) -> Option<(Option<u64>, Option<u64>)> {
        self.see(&object);
        let key = object.key();
        let before = self.entry(&key);
        let copies = self.place(object, keep);
        let after = self.entry(&key);
        self.ledger.enter(&key, before, after);
        copies
    }

    fn place(&mut self, object: Object, keep: Keep) -> Option<(Option<u64>, Option<u64>)> {
        let (_, namespace, name) = object.identity();
        let name = (namespace.to_owned(), name.to_owned());
        match object {
            Object::BlockAffinity(object) => keep.put(&mut self.block_affinities, name.1, object),
            Object::CiliumPodIpPool(object) => {
                keep.put(&mut self.cilium_pod_ip_pools, name.1, object)
            }
            Object::HostSubnet(object) => keep.put(&mut self.host_subnets, name.1, object),
            Object::Installation(object) => keep.put(&mut self.installations, name.1, object),
            Object::IpPool(object) => keep.put(&mut self.ip_pools, name.1, object),
            Object::CiliumNode(object) => keep.put(&mut self.cilium_nodes, name.1, object),
            Object::CiliumNodeConfig(object) => {
                keep.put(&mut self.cilium_node_configs, name, object)
            }
            Object::ConfigMap(object) if ConfigMap::READ.contains(&name.1.as_str()) => {
                keep.put(&mut self.config_maps, name, object)
            }
            Object::ConfigMap(_) => None,
            Object::DaemonSet(object) => keep.put(&mut self.daemon_sets, name, object),
            Object::Deployment(object) => keep.put(&mut self.deployments, name, object),
            Object::Gateway(object) => keep.put(&mut self.gateways, name, object),
            Object::GatewayClass(object) => keep.put(&mut self.gateway_classes, name.1, object),
            Object::Node(object) => keep.put(&mut self.nodes, name.1, object),
            Object::Pod(object) => keep.put(&mut self.pods, name, object),
            Object::Service(object) => keep.put(&mut self.services, name, object),
            Object::StatefulSet(object) => keep.put(&mut self.stateful_sets, name, object),
        }
    }

    /// Takes an object out.
    pub(super) fn take(&mut self, key: &Key) -> Option<Object> {
        let before = self.entry(key);
        self.ledger.enter(key, before, Entry::default());
        let name = (key.namespace.clone(), key.name.clone());
        match key.kind {
            Kind::BlockAffinity => self
                .block_affinities
                .remove(&name.1)
                .map(Object::BlockAffinity),
            Kind::CiliumPodIpPool => self
                .cilium_pod_ip_pools
                .remove(&name.1)
                .map(Object::CiliumPodIpPool),
            Kind::HostSubnet => self.host_subnets.remove(&name.1).map(Object::HostSubnet),
            Kind::Installation => self.installations.remove(&name.1).map(Object::Installation),
            Kind::IpPool => self.ip_pools.remove(&name.1).map(Object::IpPool),
            Kind::CiliumNode => self.cilium_nodes.remove(&name.1).map(Object::CiliumNode),
            Kind::CiliumNodeConfig => self
                .cilium_node_configs
                .remove(&name)
                .map(Object::CiliumNodeConfig),
            Kind::ConfigMap => self.config_maps.remove(&name).map(Object::ConfigMap),
            Kind::DaemonSet => self.daemon_sets.remove(&name).map(Object::DaemonSet),
            Kind::Deployment => self.deployments.remove(&name).map(Object::Deployment),
            Kind::Gateway => self.gateways.remove(&name).map(Object::Gateway),
            Kind::GatewayClass => self
                .gateway_classes
                .remove(&name.1)
                .map(Object::GatewayClass),
            Kind::Node => self.nodes.remove(&name.1).map(Object::Node),
            Kind::Pod => self.pods.remove(&name).map(Object::Pod),
            Kind::Service => self.services.remove(&name).map(Object::Service),
            Kind::StatefulSet => self.stateful_sets.remove(&name).map(Object::StatefulSet),
        }
    }
}

/// Whether anything reads this object. A snapshot keeps more than that, since
/// of two copies the one that nothing reads may be the newer.
pub(super) fn is_read(object: &Object) -> bool {
    match object {
        Object::ConfigMap(object) => ConfigMap::READ.contains(&object.metadata.name.as_str()),
        Object::Gateway(object) => object.listeners.iter().any(Listener::is_sctp),
        _ => true,
    }
}
