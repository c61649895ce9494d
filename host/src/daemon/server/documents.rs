//! What the server shows as JSON, besides the policy's report.

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::daemon::status::{Confirmation, Held};

/// `podroute.routes/v1`: where packets for pods have to go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Routes {
    /// Sorted by family, address and length.
    pub routes: Vec<Route>,
    /// Prefixes that some node claims but that must not be routed to it.
    pub withheld: Vec<Withheld>,
    /// Why no verdict on the routes is possible; empty when there is one.
    pub undecided: Vec<String>,
}

/// `podroute.plan/v1`: what has to be done to each table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// By name.
    pub tables: Vec<TablePlan>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TablePlan {
    pub table: String,
    /// When the device told what the table holds, which is what the plan rests
    /// on; null as long as it has not.
    #[serde(serialize_with = "text")]
    pub read: Option<Timestamp>,
    /// Nothing is written; the plan is only shown.
    pub dry_run: bool,
    pub adds: Vec<Route>,
    pub changes: Vec<Change>,
    pub deletes: Vec<Delete>,
    /// How many routes are as they should be.
    pub right: u64,
    /// How many routes are not ours and are left as they are.
    pub foreign: u64,
    pub withheld: Vec<Withheld>,
    /// Changes that are not made now, and why.
    pub held: Vec<Held>,
    /// What to send to `/plan/confirm`; null when nobody is asked.
    pub confirmation: Option<Confirmation>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    pub prefix: String,
    pub next_hop: String,
    pub node: String,
}

/// A route of ours that goes to the wrong next hop, or carries a former owner
/// mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    #[serde(flatten)]
    pub to: Route,
    /// The next hop that it has now; null where it has none.
    pub from_next_hop: Option<String>,
}

/// A route of ours that has to go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delete {
    /// As the device has it.
    pub prefix: String,
    pub next_hop: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Withheld {
    pub prefix: String,
    /// Null when the node has no usable address of the family.
    pub next_hop: Option<String>,
    pub node: String,
    /// The rule that says why.
    pub rule: String,
}

impl Plan {
    /// As JSON, with the name of its schema.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Document {
            schema: "podroute.plan/v1",
            content: self,
        })
    }
}

/// A document with the name of its schema.
#[derive(Serialize)]
pub(super) struct Document<T> {
    pub(super) schema: &'static str,
    #[serde(flatten)]
    pub(super) content: T,
}

// Serde hands over a reference to the field as it is.
#[allow(clippy::ref_option)]
fn text<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.collect_str(time),
        None => serializer.serialize_none(),
    }
}
