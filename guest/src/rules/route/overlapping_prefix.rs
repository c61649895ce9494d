//! route/overlapping-prefix: the prefix of a node lies inside another node's.

use super::{contested, list};
use crate::report::Severity;
use crate::routes::MappedClaim;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "route/overlapping-prefix",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("overlapping_prefix.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for contested in contested::by_owner(context.mapping(), false) {
        let losers: Vec<String> = contested
            .losers
            .iter()
            .map(|loser| describe(loser))
            .collect();
        verdict.report(
            Draft::new(format!(
                "pod CIDR {} overlaps {}; {}",
                describe(contested.owner),
                list(&losers),
                contested.outcome()
            ))
            .effect("the longer prefix wins on the load balancer, so that packets for pods of the wider one would go to the wrong node; the withheld pod CIDR cannot be reached")
            .fix(contested.fix())
            .objects(contested.objects()),
        );
    }
    Ok(())
}

fn describe(mapped: &MappedClaim<'_>) -> String {
    format!("{} of node {}", mapped.claim.prefix, mapped.claim.node)
}
