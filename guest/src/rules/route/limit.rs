//! route/limit: more routes than the load balancer holds, or nearly.

use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Parameter, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "route/limit",
    reach: Reach::Routes,
    severities: &[Severity::Error, Severity::Warning],
    parameters: &[NEARLY_FULL],
    page: include_str!("limit.md"),
    check,
};

const NEARLY_FULL: Parameter = Parameter {
    name: "warnAtPercent",
    default: 90,
    range: (1, 100),
    summary: "From which share of the limit on there is a warning, in percent.",
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let mapping = context.mapping();
    if super::routed(mapping).next().is_none() {
        return Ok(());
    }
    let Some(limit) = context.settings.route_limit.map(u64::from) else {
        return Err(Missing::other("the setting routeLimit"));
    };
    let count = mapping.routes().len() as u64;
    if count > limit {
        verdict.report(
            draft(count, limit)
                .effect("the load balancer refuses the routes beyond the limit: some nodes' pods cannot be reached"),
        );
    } else if count * 100 >= limit * context.parameter(&RULE, NEARLY_FULL).unsigned_abs() {
        verdict.report(
            draft(count, limit)
                .effect("soon there will be no room for the routes of another node")
                .severity(Severity::Warning),
        );
    }
    Ok(())
}

fn draft(count: u64, limit: u64) -> Draft {
    Draft::new(format!("the load balancer holds {limit} routes, the cluster needs {count}"))
        .fix("raise the limit of the load balancer and the setting routeLimit, or use fewer pod CIDRs: larger ones per node, or fewer nodes behind this load balancer")
}
