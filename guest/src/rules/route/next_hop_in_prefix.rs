//! route/next-hop-in-prefix

use crate::report::Severity;
use crate::rules::rule::Rule;

pub const RULE: Rule = Rule {
    id: "route/next-hop-in-prefix",
    severities: &[Severity::Error],
    page: include_str!("next_hop_in_prefix.md"),
    check: |_, _| Ok(()),
};
