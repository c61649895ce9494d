//! OpenShift SDN: the master gives each node one subnet, in a HostSubnet that
//! has the node's name. OpenShift SDN knows IPv4 only.

use super::{Claims, Field, Origin};
use crate::objects::Kind;
use crate::objects::host_subnet::HostSubnet;

pub(super) fn read<'a>(subnet: &'a HostSubnet, claims: &mut Claims<'a>) {
    // What is empty names nothing: openshift/host-subnet-invalid says so.
    if subnet.host.is_empty() || subnet.subnet.is_empty() {
        return;
    }
    let origin = Origin {
        kind: Kind::HostSubnet,
        name: &subnet.metadata.name,
        field: Field::HostSubnet,
    };
    let created = subnet.metadata.created.as_deref();
    claims.add(
        &subnet.subnet,
        subnet.subnet.parsed(),
        &subnet.host,
        created,
        origin,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Cluster;

    #[test]
    fn reads_host_and_subnet() {
        let mut cluster = Cluster::default();
        let subnet = |name: &str, host: &str, subnet: &str| {
            format!(
                r#"{{"apiVersion":"network.openshift.io/v1","kind":"HostSubnet","metadata":{{"name":"{name}"}},"host":"{host}","hostIP":"10.0.0.1","subnet":"{subnet}"}}"#
            )
        };
        let documents = [
            subnet("w1", "w1", "10.128.0.0/23"),
            subnet("w2", "", "10.128.2.0/23"),
            subnet("w3", "w3", ""),
            subnet("w4", "w4", "10.128.6.0"),
        ];
        cluster.load(documents.iter().map(String::as_str));
        let mut claims = Claims::default();
        for subnet in cluster.host_subnets.values() {
            read(subnet, &mut claims);
        }
        let valid: Vec<_> = claims
            .valid
            .iter()
            .map(|claim| (claim.node, claim.text))
            .collect();
        assert_eq!(valid, [("w1", "10.128.0.0/23")]);
        let invalid: Vec<_> = claims
            .invalid
            .iter()
            .map(|one| (one.node, one.text))
            .collect();
        assert_eq!(invalid, [("w4", "10.128.6.0")]);
    }
}
