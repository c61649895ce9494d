//! ako/cni-plugin-unknown: `cniPlugin` is no plugin that AKO knows.

use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "ako/cni-plugin-unknown",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("cni_plugin_unknown.md"),
    check,
};

/// What AKO's documentation and code name. Some of these have no branch of
/// their own, but there they are meant to have none.
const KNOWN: [&str; 9] = [
    "",
    "calico",
    "canal",
    "flannel",
    "openshift",
    "antrea",
    "ncp",
    "ovn-kubernetes",
    "cilium",
];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for ako in context.akos()? {
        let value = ako.cni_plugin();
        // Without routes nothing reads the pod CIDRs.
        if ako.sync_off().is_some() || is_known(value) {
            continue;
        }
        verdict.report(
            Draft::new(format!(
                "`cniPlugin: \"{value}\"` is no plugin that AKO knows{}",
                if is_known(value.trim()) {
                    ": it does not cut off white space"
                } else {
                    ""
                }
            ))
            .effect("AKO says nothing and falls back to the Node annotation ako.vmware.com/pod-cidrs, else Node.spec.podCIDRs; where the CNI keeps pod CIDRs elsewhere, routes are missing or point to the wrong nodes")
            .fix(fix(value, ako.namespace()))
            .object(ako.key_ref("cniPlugin")),
        );
    }
    Ok(())
}

/// AKO lower-cases the value and compares exactly.
fn is_known(value: &str) -> bool {
    KNOWN.contains(&value.to_lowercase().as_str())
}

fn fix(value: &str, namespace: &str) -> String {
    let trimmed = value.trim().to_lowercase();
    let to = if is_known(&trimmed) {
        format!("cniPlugin: \"{trimmed}\"")
    } else {
        let named: Vec<&str> = KNOWN.into_iter().filter(|name| !name.is_empty()).collect();
        format!(
            "cniPlugin to \"\" (pod CIDRs stand on the Nodes) or one of {}",
            named.join(", ")
        )
    };
    format!("set {to} in ConfigMap {namespace}/avi-k8s-config and restart AKO")
}
