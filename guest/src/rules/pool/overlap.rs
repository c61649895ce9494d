//! pool/overlap: two ranges of one pool share addresses.

use super::pools;
use super::wording::refusal;
use crate::detect::cilium::pools::Pool;
use crate::prefix::Prefix;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "pool/overlap",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("overlap.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for pool in pools::in_use(context, verdict)? {
        let Some((outer, inner)) = first_overlap(&pool) else {
            continue;
        };
        let how = if outer == inner {
            format!("{inner} twice")
        } else {
            format!("{inner}, which is inside {outer}")
        };
        verdict.report(
            Draft::new(format!("{} names {how}", pool.name()))
                .effect(refusal(&pool))
                .fix(format!(
                    "remove {inner} from the list, or name ranges that are apart"
                ))
                .object(pool.cidrs_ref()),
        );
    }
    Ok(())
}

/// The first two ranges that overlap. Prefixes nest or are disjoint, and a
/// cover sorts before what it covers.
fn first_overlap(pool: &Pool<'_>) -> Option<(Prefix, Prefix)> {
    let mut prefixes: Vec<Prefix> = pool.prefixes().collect();
    prefixes.sort_unstable();
    prefixes
        .iter()
        .zip(prefixes.iter().skip(1))
        .find(|(outer, inner)| outer.contains(**inner))
        .map(|(outer, inner)| (*outer, *inner))
}
