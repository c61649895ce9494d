//! pool/mask-invalid: a block size that the operator refuses.

use super::pools;
use super::wording::refusal;
use crate::detect::cilium::pools::{MAX_V6_BITS, Mask, Pool, exceeds, width};
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording::quote;

pub const RULE: Rule = Rule {
    id: "pool/mask-invalid",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("mask_invalid.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for pool in pools::in_use(context, verdict)? {
        if let Some((fault, fix)) = fault(&pool) {
            verdict.report(
                Draft::new(fault)
                    .effect(refusal(&pool))
                    .fix(fix)
                    .object(pool.mask_ref()),
            );
        }
    }
    Ok(())
}

/// What is wrong with the mask, and what mends it.
fn fault(pool: &Pool<'_>) -> Option<(String, String)> {
    let (name, whose) = (pool.mask_name(), pool.name());
    let width = width(pool.family);
    let length = match pool.mask {
        Mask::Unreadable(text) => {
            return Some((
                format!("{name} ({whose}) is {}, which is no number", quote(text)),
                format!("set {name} to a number of bits up to {width}"),
            ));
        }
        Mask::Missing => return None,
        Mask::Set(length) | Mask::Default(length) => length,
    };
    if !(0..=width).contains(&length) {
        return Some((
            format!(
                "{name} ({whose}) is {length}, which is no {} prefix length",
                pool.family
            ),
            format!("set {name} to at most {width}"),
        ));
    }
    let range = pool
        .prefixes()
        .find(|range| exceeds(pool.family, length - i64::from(range.length())))?;
    let default = match pool.mask {
        Mask::Default(_) => ", the operator's default",
        _ => "",
    };
    Some((
        format!(
            "{name} ({whose}) is {length}{default}: {range} would have more than 2^{MAX_V6_BITS} blocks, the most that the operator takes of an IPv6 range"
        ),
        format!(
            "set {name} to at most {}, or name a smaller range",
            i64::from(range.length()) + MAX_V6_BITS
        ),
    ))
}
