//! `podroute.clusters/v1`: every report as the policy wrote it, and the
//! conflicts.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Cluster, Conflict};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    clusters: Vec<Named<'a>>,
    conflicts: &'a [Conflict],
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    report: &'a RawValue,
}

pub(super) fn render(clusters: &[Cluster], conflicts: &[Conflict]) -> serde_json::Result<String> {
    let named: serde_json::Result<Vec<Named<'_>>> = clusters
        .iter()
        .map(|cluster| {
            Ok(Named {
                name: &cluster.name,
                report: serde_json::from_str(&cluster.json)?,
            })
        })
        .collect();
    serde_json::to_string(&Document {
        schema: "podroute.clusters/v1",
        clusters: named?,
        conflicts,
    })
}
