//! pool/family: an entry of a pool that is no CIDR of the pool's family.

use super::pools;
use super::wording::{first_three, refusal};
use crate::detect::cilium::pools::{Pool, Range};
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording::quote;

pub const RULE: Rule = Rule {
    id: "pool/family",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("family.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for pool in pools::in_use(context, verdict)? {
        if pool.is_sound() {
            continue;
        }
        let faults = pool.ranges.iter().filter_map(|range| fault(&pool, range));
        verdict.report(
            Draft::new(format!(
                "{} wants {} CIDRs: {}",
                pool.name(),
                pool.family,
                first_three(faults)
            ))
            .effect(refusal(&pool))
            .fix(format!(
                "write each entry as an {} address and a prefix length, and put entries of the other family into its own list",
                pool.family
            ))
            .object(pool.cidrs_ref()),
        );
    }
    Ok(())
}

/// What is wrong with an entry.
fn fault(pool: &Pool<'_>, range: &Range<'_>) -> Option<String> {
    let text = quote(range.text);
    match range.prefix {
        Err(reason) => Some(format!("{text} {reason}")),
        Ok(prefix) if prefix.family() != pool.family => {
            Some(format!("{text} is {}", prefix.family()))
        }
        Ok(_) => None,
    }
}
