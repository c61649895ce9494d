//! pool/mask-tiny: blocks with too few addresses for a node.

use super::pools;
use crate::detect::cilium::pools::width;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "pool/mask-tiny",
    reach: Reach::Cluster,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("mask_tiny.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    // A node takes as many blocks of a CiliumPodIPPool as it needs.
    let pools = pools::of_config(context)?;
    for pool in pools.iter().filter(|pool| pools::is_in_use(pool)) {
        let width = width(pool.family);
        let Some(length) = pool.mask.length() else {
            continue;
        };
        let host_bits = width - length;
        if !(0..2).contains(&host_bits) {
            continue;
        }
        let addresses = if host_bits == 0 {
            "1 address"
        } else {
            "2 addresses"
        };
        verdict.report(
            Draft::new(format!(
                "{} is {length}: a node gets {addresses}",
                pool.mask_name()
            ))
            .effect("Cilium itself needs an address for the node's router and one for its health check, so nothing is left for pods")
            .fix(format!(
                "set {} to at most {}, better to {} or less; nodes that have their CIDR keep it until their CiliumNode is deleted and their pods are restarted",
                pool.mask_name(),
                width - 2,
                width - 3
            ))
            .object(pool.mask_ref()),
        );
    }
    Ok(())
}
