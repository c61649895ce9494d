//! What the counters are told apart by.

use prometheus_client::encoding::EncodeLabelSet;

use super::Outcome;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByTable {
    pub(super) table: String,
}

impl ByTable {
    pub(super) fn new(table: &str) -> Self {
        Self {
            table: table.to_owned(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByResult {
    pub(super) table: String,
    pub(super) result: &'static str,
}

impl ByResult {
    pub(super) fn new(table: &str, outcome: Outcome) -> Self {
        Self {
            table: table.to_owned(),
            result: outcome.name(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ByKind {
    pub(super) kind: String,
}

impl ByKind {
    pub(super) fn new(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
        }
    }
}
