//! openshift/host-subnet-invalid: a HostSubnet without a host or subnet, or of
//! another host than its name says.

use crate::detect::Place;
use crate::objects::Kind;
use crate::objects::host_subnet::HostSubnet;
use crate::report::Severity;
use crate::rules::context::{Context, cluster_object};
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "openshift/host-subnet-invalid",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("host_subnet_invalid.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    if context.detected.place != Place::HostSubnet {
        return Ok(());
    }
    for subnet in context.cluster.host_subnets.values() {
        if let Some((field, message, effect)) = fault(subnet) {
            let name = &subnet.metadata.name;
            verdict.report(
                Draft::new(message)
                    .effect(effect)
                    .fix(format!("oc delete hostsubnet {name}, and restart the node's sdn Pod: the node is given a HostSubnet anew"))
                    .object(cluster_object(Kind::HostSubnet, name).at(field)),
            );
        }
    }
    context.saw(Kind::HostSubnet)
}

/// The field that is wrong, what is wrong with it, and what comes of it. A
/// subnet that is no CIDR is for node/cidr-invalid to say.
fn fault(subnet: &HostSubnet) -> Option<(&'static str, String, &'static str)> {
    let (name, host) = (&subnet.metadata.name, &subnet.host);
    if host.is_empty() {
        Some((
            "host",
            format!("HostSubnet {name} has no host"),
            "whose pods the subnet is for is not known: there is no route to it; AKO fails on such an object for every node, and programs no routes at all",
        ))
    } else if subnet.subnet.is_empty() {
        Some((
            "subnet",
            format!("HostSubnet {name} has no subnet"),
            "the node has no pod CIDR: there is no route to its pods",
        ))
    } else if host != name {
        Some((
            "host",
            format!("HostSubnet {name} is of host {host}; the two must be the same"),
            "OpenShift SDN looks for the HostSubnet by the node's name: the node uses another subnet than the one that is routed, or none",
        ))
    } else {
        None
    }
}
