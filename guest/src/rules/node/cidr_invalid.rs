//! node/cidr-invalid: a text that should be a pod CIDR and is none.

use super::source;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Rule, Verdict};
use crate::rules::wording;
use crate::sources::{Field, InvalidCidr, ovn_kubernetes};

pub const RULE: Rule = Rule {
    id: "node/cidr-invalid",
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("cidr_invalid.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for invalid in &context.mapping.invalid {
        // An annotation that is wrong as a whole is ovn/annotation-invalid's.
        if invalid.origin.field == Field::OvnAnnotation
            && ovn_kubernetes::subnets(invalid.text).is_err_and(|reason| reason == invalid.reason)
        {
            continue;
        }
        verdict.report(
            Draft::new(format!(
                "{} of node {} {}",
                wording::quote(invalid.text),
                invalid.node,
                invalid.reason
            ))
            .effect("there is no route for it; the node's other pod CIDRs are routed, but other controllers may drop them as well")
            .fix(fix(invalid))
            .object(invalid.origin.to_ref()),
        );
    }
    source::seen(context)
}

fn fix(invalid: &InvalidCidr<'_>) -> String {
    let node = invalid.node;
    match invalid.origin.field {
        Field::PodCidr | Field::PodCidrs(_) => format!(
            "spec.podCIDRs cannot be changed: delete the Node object (kubectl delete node {node}) and let the kubelet register it again, so that it is given a CIDR anew"
        ),
        field @ (Field::CiliumPodCidrs(_) | Field::CiliumPool(..)) => format!(
            "kubectl edit ciliumnode {node}, and make {} a CIDR such as 10.244.1.0/24",
            field.path()
        ),
        Field::AkoAnnotation => format!(
            "kubectl annotate --overwrite node {node} ako.vmware.com/pod-cidrs=10.244.1.0/24, with the CIDRs of the node, comma separated"
        ),
        Field::BlockCidr => format!(
            "read what Calico has allocated: calicoctl ipam check; then delete the object, which Calico's IPAM writes anew: kubectl delete blockaffinities.crd.projectcalico.org {}",
            invalid.origin.name
        ),
        Field::HostSubnet => format!(
            "oc delete hostsubnet {}, and restart the node's sdn Pod: the node is given a subnet anew",
            invalid.origin.name
        ),
        Field::OvnAnnotation => "make the annotation what OVN-Kubernetes writes, such as {\"default\":[\"10.128.2.0/23\"]}".to_owned(),
    }
}
