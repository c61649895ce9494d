use super::rule::Rule;

pub const RULES: &[&Rule] = &[];
