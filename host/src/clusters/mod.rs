//! Several clusters behind one load balancer: each is judged with the pod
//! CIDRs of the others, and what they share is a conflict.

mod conflicts;
mod document;
mod table;

use std::collections::BTreeSet;

pub use conflicts::{Conflict, Holder, find as conflicts};

use crate::Snapshot;
use crate::policy::{NetworkRole, OtherCluster, Report};

/// A cluster that was checked.
pub struct Cluster {
    pub name: String,
    pub snapshot: Snapshot,
    pub report: Report,
    /// The same as `podroute.report/v1`.
    pub json: String,
}

/// What the other clusters have to know of one. None where it has no pod
/// CIDRs at all.
pub fn as_other(name: &str, report: &Report) -> Option<OtherCluster> {
    let routes = report.routes.iter().map(|route| &route.prefix);
    let withheld = report.withheld.iter().map(|withheld| &withheld.prefix);
    let pools = report.networks.iter().filter_map(|network| {
        let is_pool = network.role == NetworkRole::Pool;
        is_pool.then_some(&network.prefix)
    });
    let prefixes: BTreeSet<&String> = routes.chain(withheld).chain(pools).collect();
    (!prefixes.is_empty()).then(|| OtherCluster {
        name: name.to_owned(),
        pod_cidrs: prefixes.into_iter().cloned().collect(),
    })
}

/// As `podroute.clusters/v1`. The error names a report that is not JSON,
/// which only another policy than the built-in one can bring about.
pub fn to_json(clusters: &[Cluster], conflicts: &[Conflict]) -> serde_json::Result<String> {
    document::render(clusters, conflicts)
}

/// For people: each cluster with its name, then the conflicts. Styled; print
/// it through `anstream`.
pub fn to_table(
    clusters: &[Cluster],
    conflicts: &[Conflict],
    routes: crate::render::table::Routes,
) -> String {
    table::render(clusters, conflicts, routes)
}
