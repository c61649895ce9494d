//! pool/missing: a family is on and has no pool.

use super::pools;
use crate::detect::cilium::FamilySwitch;
use crate::prefix::Family;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "pool/missing",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("missing.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for pool in pools::of_config(context)? {
        // A family that is on by default alone may be off for all that the
        // writer of an excerpt knows; charts always write the switch.
        if pool.switch != FamilySwitch::On || !pool.ranges.is_empty() {
            continue;
        }
        let key = pool.name();
        let (switch, example) = match pool.family {
            Family::V4 => ("enable-ipv4", "10.244.0.0/16"),
            Family::V6 => ("enable-ipv6", "fd00:10:244::/104"),
        };
        verdict.report(
            Draft::new(format!("{switch} is on, but {key} names no range"))
                .effect(format!("Cilium's operator does not start (`{key} must be provided when using ClusterPool`): nodes that join get no pod CIDR, so there is no route to their pods"))
                .fix(format!("set {key} in cilium-config, such as {key}: {example}, or {switch}: \"false\"; then kubectl -n kube-system rollout restart deployment/cilium-operator"))
                .object(pool.cidrs_ref()),
        );
    }
    Ok(())
}
