//! route/duplicate-prefix

use crate::report::Severity;
use crate::rules::rule::Rule;

pub const RULE: Rule = Rule {
    id: "route/duplicate-prefix",
    severities: &[Severity::Error],
    page: include_str!("duplicate_prefix.md"),
    check: |_, _| Ok(()),
};
