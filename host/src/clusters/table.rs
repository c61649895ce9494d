//! Several clusters for people.

use std::fmt::Write;

use super::{Cluster, Conflict, Holder};
use crate::render::style::{self, dim, heading};
use crate::render::table::{self, Routes, paragraph, plural};

/// How many conflicts are shown unless all routes are asked for.
const SHOWN: usize = 40;

pub(super) fn render(clusters: &[Cluster], conflicts: &[Conflict], routes: Routes) -> String {
    let mut text = String::new();
    for cluster in clusters {
        let title = heading(format!("=== {} ===", cluster.name));
        let report = table::render(&cluster.report, &cluster.snapshot, routes);
        let _ = writeln!(text, "{title}\n\n{report}");
    }
    text + &section(clusters, conflicts, routes)
}

fn section(clusters: &[Cluster], conflicts: &[Conflict], routes: Routes) -> String {
    let title = format!(
        "=== Conflicts of {} in one VRF ({}) ===",
        plural(clusters.len(), "cluster"),
        conflicts.len()
    );
    let mut text = heading(title) + "\n\n";
    let unknown = clusters
        .iter()
        .filter(|cluster| !cluster.report.undecided.is_empty());
    let unknown: Vec<&str> = unknown.map(|cluster| cluster.name.as_str()).collect();
    if !unknown.is_empty() {
        text += &paragraph(
            "not all is known: ",
            &format!("no verdict on the routes of {}", unknown.join(", ")),
        );
    } else if conflicts.is_empty() {
        text += "  none\n";
    }
    let count = match routes {
        Routes::Some if conflicts.len() > SHOWN + 5 => SHOWN,
        _ => conflicts.len(),
    };
    for conflict in conflicts.iter().take(count) {
        let _ = writeln!(
            text,
            "  {} {}",
            style::error("error"),
            heading(kind(conflict))
        );
        text += &paragraph("", &words(conflict));
    }
    if count < conflicts.len() {
        let more = format!(
            "and {} more; --all-routes shows them",
            conflicts.len() - count
        );
        let _ = writeln!(text, "    {}", dim(more));
    }
    text
}

fn kind(conflict: &Conflict) -> &'static str {
    match conflict {
        Conflict::SamePrefix { .. } => "same prefix",
        Conflict::OverlappingPrefix { .. } => "overlapping prefix",
        Conflict::SameOwner { .. } => "same owner",
    }
}

fn words(conflict: &Conflict) -> String {
    let one = |holder: &Holder| {
        format!(
            "{} of {} (node {}, via {})",
            holder.prefix, holder.cluster, holder.node, holder.next_hop
        )
    };
    match conflict {
        Conflict::SamePrefix { of: [a, b] } => format!(
            "{} and {} are the same prefix: packets go to one of the clusters; give the clusters disjoint pod CIDRs, or keep their routes in different VRFs",
            one(a),
            one(b)
        ),
        Conflict::OverlappingPrefix { of: [a, b] } => format!(
            "{} covers {}, which takes its packets; give the clusters disjoint pod CIDRs, or keep their routes in different VRFs",
            one(a),
            one(b)
        ),
        Conflict::SameOwner { owner, clusters } => format!(
            "the AKOs of {} mark their routes with one name, {owner}, and delete each other's; give each AKO a clusterName of its own",
            clusters.join(" and ")
        ),
    }
}
