//! node/host-bits: a pod CIDR is written with host bits.

use super::source;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording;
use crate::sources::Claim;

pub const RULE: Rule = Rule {
    id: "node/host-bits",
    reach: Reach::Node,
    severities: &[Severity::Info],
    parameters: &[],
    page: include_str!("host_bits.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let claims: Vec<&Claim<'_>> = context
        .mapping()
        .claims
        .iter()
        .map(|mapped| &mapped.claim)
        .filter(|claim| claim.had_host_bits)
        .collect();
    if let Some(first) = claims.first() {
        // A node's claims stand one after the other.
        let mut names: Vec<&str> = claims.iter().map(|claim| claim.node).collect();
        names.dedup();
        verdict.report(
            Draft::new(format!(
                "{} a pod CIDR with host bits set; `{}` of {} is used as {}",
                wording::subject("node", &names, ["has", "have"]),
                first.text,
                first.node,
                first.prefix
            ))
            .effect("the routes are those of the canonical prefixes, as Cilium reads them; a controller that copies the text may have its route refused, or see two routes where there is one")
            .fix(format!("write {} instead of `{}`", first.prefix, first.text))
            .objects(claims.iter().map(|claim| claim.origin.to_ref())),
        );
    }
    source::seen(context)
}
