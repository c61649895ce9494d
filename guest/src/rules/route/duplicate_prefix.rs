//! route/duplicate-prefix: several nodes claim one prefix.

use super::{contested, list};
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "route/duplicate-prefix",
    reach: Reach::Node,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("duplicate_prefix.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    for contested in contested::by_owner(context.mapping(), true) {
        let prefix = contested.owner.claim.prefix;
        let nodes: Vec<String> = std::iter::once(&contested.owner)
            .chain(&contested.losers)
            .map(|mapped| mapped.claim.node.to_owned())
            .collect();
        verdict.report(
            Draft::new(format!(
                "nodes {} have the same pod CIDR {prefix}; {}",
                list(&nodes),
                contested.outcome()
            ))
            .effect(format!("a router sends all packets for {prefix} to one node: pods of that CIDR on the others cannot be reached, and two pods may have one address"))
            .fix(contested.fix())
            .objects(contested.objects()),
        );
    }
    Ok(())
}
