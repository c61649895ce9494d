//! ako/ip-family-mismatch: `ipFamily` leaves out a family that pods use.

use crate::detect::Place;
use crate::detect::ako::Ako;
use crate::objects::Kind;
use crate::prefix::Family;
use crate::report::Severity;
use crate::routes::MappedClaim;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "ako/ip-family-mismatch",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("ip_family_mismatch.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for ako in context.akos()? {
        let Some(family) = left_out(ako) else {
            continue;
        };
        if let Err(missing) = has_all_claims(context) {
            verdict.lacks(missing);
        }
        let claims: Vec<_> = context
            .mapping()
            .claims
            .iter()
            .filter(|mapped| mapped.claim.prefix.family() == family)
            .collect();
        if let Some(first) = claims.first() {
            verdict.report(draft(ako, family, first, &claims));
        }
    }
    Ok(())
}

/// The family of which this AKO programs no routes; None where it programs
/// both or none at all.
fn left_out(ako: &Ako<'_>) -> Option<Family> {
    if ako.sync_off().is_some() {
        return None;
    }
    let families = ako.families();
    Family::ALL
        .into_iter()
        .find(|family| !families.contains(family))
}

/// Fails unless every pod CIDR is known: only then no claim of a family means
/// that pods do not use it.
fn has_all_claims(context: &Context<'_>) -> Result<(), Missing> {
    context.nodes()?;
    if matches!(context.detected.place, Place::CiliumNode(_)) {
        context.saw(Kind::CiliumNode)?;
    }
    if context.detected.undecided.is_empty() {
        Ok(())
    } else {
        Err(Missing::other("where all pod CIDRs stand"))
    }
}

fn draft(
    ako: &Ako<'_>,
    family: Family,
    first: &MappedClaim<'_>,
    claims: &[&MappedClaim<'_>],
) -> Draft {
    let which = match claims.len() {
        1 => format!("the {family} pod CIDR {}", first.claim.prefix),
        count => format!(
            "{count} {family} pod CIDRs, the first {}",
            first.claim.prefix
        ),
    };
    Draft::new(format!(
        "`ipFamily: {}` leaves out {which} of node {}",
        ako.value("ipFamily").unwrap_or_default(),
        first.claim.node
    ))
    .effect(format!(
        "AKO programs no {family} route: the load balancer cannot reach the {family} addresses of pods"
    ))
    .fix(format!(
        "set ipFamily: \"V4_V6\" in ConfigMap {}/avi-k8s-config and restart AKO; nothing to do where the load balancer is to use the other family only",
        ako.namespace()
    ))
    .object(ako.key_ref("ipFamily"))
    .objects(claims.iter().map(|mapped| mapped.claim.origin.to_ref()))
}
