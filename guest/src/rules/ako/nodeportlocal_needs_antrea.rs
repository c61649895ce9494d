//! ako/nodeportlocal-needs-antrea: serviceType NodePortLocal without Antrea.

use crate::detect::cni::Cni;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "ako/nodeportlocal-needs-antrea",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("nodeportlocal_needs_antrea.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for ako in context.akos()? {
        if ako.service_type() != "NodePortLocal" {
            continue;
        }
        let (message, effect) = if ako.cni_plugin().to_lowercase() == "antrea" {
            let Some(other) = other_cni(context)? else {
                continue;
            };
            (
                format!(
                    "`serviceType: NodePortLocal` works with Antrea only, and this cluster runs {other}"
                ),
                "no other CNI opens the node ports that AKO looks for: its pools stay empty, and it programs no routes either",
            )
        } else {
            (
                format!(
                    "`serviceType: NodePortLocal` works with Antrea only, and `cniPlugin` is \"{}\"",
                    ako.cni_plugin()
                ),
                "AKO refuses the combination and disables its whole sync: no virtual service and no route is programmed",
            )
        };
        verdict.report(
            Draft::new(message)
                .effect(effect)
                .fix(format!(
                    "in ConfigMap {}/avi-k8s-config set serviceType: \"ClusterIP\" (static routes to the pods) or \"NodePort\"; with Antrea and its NodePortLocal feature set cniPlugin: \"antrea\"; then restart AKO",
                    ako.namespace()
                ))
                .object(ako.key_ref("serviceType"))
                .object(ako.key_ref("cniPlugin")),
        );
    }
    Ok(())
}

/// The CNI, where it is known and not Antrea. Fails when what tells it was
/// not given.
fn other_cni(context: &Context<'_>) -> Result<Option<&'static str>, Missing> {
    let detection = &context.detected.cni;
    match detection.cni {
        Cni::Unknown if !detection.conclusive => Err(Missing::other("what tells which CNI runs")),
        // A CNI that nothing shows, or that was chosen by hand as one of
        // many, may be Antrea.
        Cni::Antrea | Cni::Unknown | Cni::Kubernetes => Ok(None),
        // Antrea may run beside the CNI of a cloud, for policies.
        _ if has_antrea(context) => Ok(None),
        other => Ok(Some(other.name())),
    }
}

fn has_antrea(context: &Context<'_>) -> bool {
    let mut daemon_sets = context.cluster.daemon_sets.keys();
    daemon_sets.any(|(_, name)| name == "antrea-agent")
}
