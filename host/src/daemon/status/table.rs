//! How one table of routes stands.

use jiff::Timestamp;
use serde::Serialize;

use super::{text, text_if_any};

/// A table of routes on a device, and what was done to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    /// When the device last told what the table holds.
    #[serde(serialize_with = "text_if_any")]
    pub last_read: Option<Timestamp>,
    /// When a write was last tried.
    #[serde(serialize_with = "text_if_any")]
    pub last_write: Option<Timestamp>,
    /// When every route was last seen, or made, as it should be.
    #[serde(serialize_with = "text_if_any")]
    pub last_success: Option<Timestamp>,
    /// What went wrong, until it goes right.
    pub error: Option<Failure>,
    pub routes: ByFamily<Routes>,
    pub plan: PlanSize,
    /// Changes that are not made now, and why.
    pub held: Vec<Held>,
    pub confirmation: Option<Confirmation>,
    /// Nothing is written; the plan is only shown.
    pub dry_run: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    #[serde(serialize_with = "text")]
    pub at: Timestamp,
    pub text: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ByFamily<T> {
    pub ipv4: T,
    pub ipv6: T,
}

impl<T> ByFamily<T> {
    /// The part of the family that a prefix belongs to. A device may have
    /// routes whose prefix is no network: only the colon counts.
    pub fn of(&mut self, prefix: &str) -> &mut T {
        if prefix.contains(':') {
            &mut self.ipv6
        } else {
            &mut self.ipv4
        }
    }
}

/// How many routes there are of each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Routes {
    /// Those that the table should hold.
    pub desired: u64,
    /// Those of them that it holds, just as they should be.
    pub applied: u64,
    /// Changes that the device refused when they were last tried.
    pub failed: u64,
    /// Prefixes that some node claims but that must not be routed to it.
    pub withheld: u64,
    /// Routes that are not ours. They are left as they are.
    pub foreign: u64,
    /// Changes that are not made now.
    pub held: u64,
}

/// How many routes the plan changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanSize {
    pub adds: u64,
    pub changes: u64,
    pub deletes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    pub routes: u64,
    pub why: String,
}

/// A plan that deletes so much that a person has to agree.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Confirmation {
    /// Names the plan. No secret: it keeps a confirmation of one plan from
    /// being taken for that of another.
    pub token: String,
    pub deletes: u64,
    /// How much of our routes in the table that is, from 0 to 1.
    pub share: f64,
}
