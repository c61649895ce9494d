//! route/protected-overlap

use crate::report::Severity;
use crate::rules::rule::Rule;

pub const RULE: Rule = Rule {
    id: "route/protected-overlap",
    severities: &[Severity::Error],
    page: include_str!("protected_overlap.md"),
    check: |_, _| Ok(()),
};
