//! route/overlapping-prefix

use crate::report::Severity;
use crate::rules::rule::Rule;

pub const RULE: Rule = Rule {
    id: "route/overlapping-prefix",
    severities: &[Severity::Error],
    page: include_str!("overlapping_prefix.md"),
    check: |_, _| Ok(()),
};
