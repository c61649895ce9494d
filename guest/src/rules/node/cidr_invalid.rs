//! node/cidr-invalid: a text that should be a pod CIDR and is none.

use super::source;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording;
use crate::sources::{Field, InvalidCidr, ovn_kubernetes};

pub const RULE: Rule = Rule {
    id: "node/cidr-invalid",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("cidr_invalid.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for invalid in &context.claims().invalid {
        // An annotation that is wrong as a whole is ovn/annotation-invalid's.
        if invalid.origin.field == Field::OvnAnnotation
            && ovn_kubernetes::subnets(invalid.text).is_err_and(|reason| reason == invalid.reason)
        {
            continue;
        }
        let fix = fix(invalid);
        verdict.report_alike(
            format!("{} {fix}", invalid.reason),
            invalid.node,
            Draft::new(format!(
                "{} of node {} {}",
                wording::quote(invalid.text),
                invalid.node,
                invalid.reason
            ))
            .effect("there is no route for it; the node's other pod CIDRs are routed, but other controllers may drop them as well")
            .fix(fix)
            .object(invalid.origin.to_ref()),
        );
    }
    source::seen(context)
}

/// What holds for every node whose CIDRs stand in the same field.
fn fix(invalid: &InvalidCidr<'_>) -> &'static str {
    match invalid.origin.field {
        Field::PodCidr | Field::PodCidrs(_) => {
            "spec.podCIDRs cannot be changed: delete the Node object (kubectl delete node NAME) and let the kubelet register it again, so that it is given a CIDR anew"
        }
        Field::CiliumPodCidrs(_) | Field::CiliumPool(..) => {
            "kubectl edit ciliumnode NAME, and make the entry a CIDR such as 10.244.1.0/24"
        }
        Field::AkoAnnotation => {
            "kubectl annotate --overwrite node NAME ako.vmware.com/pod-cidrs=10.244.1.0/24, with the CIDRs of the node, comma separated"
        }
        Field::BlockCidr => {
            "read what Calico has allocated: calicoctl ipam check; then delete the object, which Calico's IPAM writes anew: kubectl delete blockaffinities.crd.projectcalico.org NAME"
        }
        Field::HostSubnet => {
            "oc delete hostsubnet NAME, and restart the node's sdn Pod: the node is given a subnet anew"
        }
        Field::OvnAnnotation => {
            "make the annotation what OVN-Kubernetes writes, such as {\"default\":[\"10.128.2.0/23\"]}"
        }
    }
}
