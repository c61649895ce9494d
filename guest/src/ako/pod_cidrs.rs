//! Where AKO's branches look for the pod CIDRs of a Node, and what makes them
//! give the node none.

use super::patterns::matches_v4;
use crate::cluster::Cluster;
use crate::objects::annotations::names;
use crate::objects::node::Node;
use crate::sources::{annotation, ovn_kubernetes};

/// The annotation replaces spec.podCIDRs even when it is empty, and takes
/// IPv4 only. Without it spec.podCIDR must be set, and spec.podCIDRs is used.
pub(super) fn default(node: &Node) -> Result<Vec<&str>, String> {
    if let Some(list) = &node.annotations.ako_pod_cidrs {
        let entries: Vec<&str> = annotation::entries(list).collect();
        return match entries.iter().find(|entry| !matches_v4(entry)) {
            Some(entry) => Err(format!(
                "`{entry}` in {} is not an IPv4 CIDR",
                names::AKO_POD_CIDRS
            )),
            None => Ok(entries),
        };
    }
    match node.pod_cidr {
        None => Err("spec.podCIDR is not set".to_owned()),
        Some(_) => Ok(node.pod_cidrs.iter().map(|cidr| &**cidr).collect()),
    }
}

pub(super) fn cilium<'a>(cluster: &'a Cluster, node: &Node) -> Result<Vec<&'a str>, String> {
    let Some(cilium_node) = cluster.cilium_nodes.get(node.name()) else {
        return Ok(Vec::new());
    };
    if cilium_node.pod_cidrs.is_empty() {
        return Err("its CiliumNode has no spec.ipam.podCIDRs".to_owned());
    }
    let mut cidrs: Vec<&str> = Vec::new();
    for cidr in &cilium_node.pod_cidrs {
        if !cidrs.contains(&&**cidr) {
            cidrs.push(cidr);
        }
    }
    Ok(cidrs)
}

pub(super) fn ovn(node: &Node) -> Result<Vec<&str>, String> {
    let Some(text) = node.annotations.ovn_node_subnets.as_deref() else {
        return Err(format!("no annotation {}", names::OVN_NODE_SUBNETS));
    };
    let names_default = serde_json::from_str::<serde_json::Value>(text)
        .is_ok_and(|value| value.get("default").is_some());
    let subnets = ovn_kubernetes::subnets(text)
        .map_err(|reason| format!("annotation {} {reason}", names::OVN_NODE_SUBNETS))?;
    if names_default && (subnets.is_empty() || subnets.contains(&"")) {
        return Err(format!("an empty subnet in {}", names::OVN_NODE_SUBNETS));
    }
    Ok(subnets.into_owned())
}
