//! Who has an address: pods, nodes, Services, and the pools it comes from.

use std::net::IpAddr;

use super::TracedClaim;
use crate::cluster::Cluster;
use crate::detect::cilium::pools;
use crate::detect::cni::Cni;
use crate::objects::Kind;
use crate::objects::pod::Pod;
use crate::prefix::Prefix;
use crate::report::ObjectRef;
use crate::rules::context::{Context, cluster_object, namespaced_object};

/// A pod that has the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedPod {
    pub namespace: String,
    pub name: String,
    pub node: String,
    /// The route leads to another node.
    pub elsewhere: bool,
}

/// A pool that the address is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedPool {
    pub name: String,
    pub prefix: Prefix,
    pub source: ObjectRef,
}

/// The pods that have the address for themselves: those in the network of
/// their node have the node's.
pub(super) fn pods(cluster: &Cluster, ip: IpAddr, right: Option<&TracedClaim>) -> Vec<TracedPod> {
    let has_it = |pod: &Pod| {
        let done = matches!(&*pod.phase, "Succeeded" | "Failed");
        !done && !pod.host_network && pod.ips.iter().any(|text| text.parse() == Ok(ip))
    };
    cluster
        .pods
        .iter()
        .filter(|(_, pod)| has_it(pod))
        .map(|((namespace, name), pod)| TracedPod {
            namespace: namespace.clone(),
            name: name.clone(),
            node: pod.node.clone(),
            elsewhere: right.is_some_and(|claim| claim.node != pod.node),
        })
        .collect()
}

/// Addresses of the Nodes, and those that Cilium gives to its own interface
/// on each of them.
pub(super) fn nodes(cluster: &Cluster, ip: IpAddr) -> Vec<ObjectRef> {
    let of_nodes = cluster.nodes.values().flat_map(|node| {
        let addresses = node.addresses.iter().zip(0..);
        addresses
            .filter(|(address, _)| address.ip == Some(ip))
            .map(|(_, at): (_, usize)| node.to_ref().at(format!("status.addresses[{at}]")))
    });
    let of_cilium = cluster.cilium_nodes.values().flat_map(|node| {
        let addresses = node.addresses.iter().zip(0..);
        addresses
            .filter(|(address, _)| address.kind == "CiliumInternalIP" && address.ip == Some(ip))
            .map(|(_, at): (_, usize)| node.to_ref().at(format!("spec.addresses[{at}]")))
    });
    of_nodes.chain(of_cilium).collect()
}

/// The Services whose cluster IP it is.
pub(super) fn services(cluster: &Cluster, ip: IpAddr) -> Vec<ObjectRef> {
    let services = cluster.services.iter();
    services
        .filter(|(_, service)| service.cluster_ips.contains(&ip))
        .map(|(name, _)| namespaced_object(Kind::Service, name).at("spec.clusterIPs"))
        .collect()
}

/// The ranges of pools that it is in, the longest first.
pub(super) fn pools(context: &Context<'_>, ip: IpAddr) -> Vec<TracedPool> {
    let mut found: Vec<TracedPool> = Vec::new();
    let cluster = context.cluster;
    if let Some(cilium) = &context.detected.cilium {
        for pool in pools::find(cluster, cilium) {
            let around = pool.prefixes().filter(|prefix| prefix.contains_address(ip));
            found.extend(around.map(|prefix| TracedPool {
                name: pool.name(),
                prefix,
                source: pool.cidrs_ref(),
            }));
        }
    }
    if matches!(context.detected.cni.owner(), Cni::Calico | Cni::Canal) {
        for pool in cluster.ip_pools.values().filter(|pool| !pool.disabled) {
            let prefix = Prefix::parse(&pool.cidr).map(|parsed| parsed.prefix);
            let around = prefix.ok().filter(|prefix| prefix.contains_address(ip));
            found.extend(around.map(|prefix| TracedPool {
                name: format!("IPPool {}", pool.metadata.name),
                prefix,
                source: cluster_object(Kind::IpPool, &pool.metadata.name).at("spec.cidr"),
            }));
        }
    }
    found.sort_by_key(|pool| std::cmp::Reverse(pool.prefix.length()));
    found
}
