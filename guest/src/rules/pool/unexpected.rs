//! pool/unexpected: a pool of a family that is off.

use super::pools;
use super::wording::first_three;
use crate::detect::cilium::FamilySwitch;
use crate::prefix::Family;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "pool/unexpected",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("unexpected.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for pool in pools::of_config(context)? {
        if pool.switch != FamilySwitch::Off || pool.ranges.is_empty() {
            continue;
        }
        let key = pool.name();
        let switch = match pool.family {
            Family::V4 => "enable-ipv4",
            Family::V6 => "enable-ipv6",
        };
        let ranges = first_three(pool.ranges.iter().map(|range| range.text.to_owned()));
        verdict.report(
            Draft::new(format!("{key} is {ranges}, but {switch} is off"))
                .effect(format!("Cilium's operator does not start (`{key} must not be set if {} is disabled`): nodes that join get no pod CIDR, so there is no route to their pods", pool.family))
                .fix(format!("remove {key} from cilium-config, or set {switch}: \"true\"; then kubectl -n kube-system rollout restart deployment/cilium-operator"))
                .object(pool.cidrs_ref()),
        );
    }
    Ok(())
}
