//! `podroute check --cluster`: several clusters behind one load balancer.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use indexmap::IndexMap;
use podroute::clusters::{self, Cluster};
use podroute::formats::Format;
use podroute::policy::{OtherCluster, Settings};
use podroute::{Policy, Snapshot};

use super::check::{report_input, report_problems};
use super::evaluated::Evaluated;
use super::fail_on::{self, FailOn};
use super::outputs::OutputOptions;
use super::{Failure, Outcome, snapshot_paths};

#[derive(Args)]
pub(super) struct ClustersOptions {
    /// One of several clusters behind one load balancer, with its snapshot; may be repeated, also for more files of one cluster
    #[arg(long, value_name = "NAME=PATH", id = "clusters", conflicts_with_all = ["paths", "live", "baseline", "vrf"])]
    cluster: Vec<Named>,
}

/// A part of a cluster's snapshot.
#[derive(Clone)]
struct Named {
    name: String,
    path: PathBuf,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok(Self {
                name: name.to_owned(),
                path: path.into(),
            }),
            _ => Err("expected NAME=PATH such as east=east.yaml".to_owned()),
        }
    }
}

impl ClustersOptions {
    pub(super) fn are_given(&self) -> bool {
        !self.cluster.is_empty()
    }

    /// The paths of each cluster, in the order in which they are named.
    fn paths(&self) -> IndexMap<&str, Vec<PathBuf>> {
        let mut paths: IndexMap<&str, Vec<PathBuf>> = IndexMap::new();
        for named in &self.cluster {
            let of_cluster = paths.entry(named.name.as_str()).or_default();
            of_cluster.push(named.path.clone());
        }
        paths
    }
}

pub(super) fn run(
    options: &ClustersOptions,
    policy: &Policy,
    settings: &Settings,
    outputs: &OutputOptions,
    fail_on: FailOn,
) -> Result<Outcome, Failure> {
    if outputs.any(|format| !matches!(format, Format::Table | Format::Json)) {
        return Err(Failure::Usage(
            "of several clusters (--cluster) there are the formats table and json; for another, check them one by one with --other-cluster".to_owned(),
        ));
    }
    let mut alone: Vec<(&str, Evaluated)> = Vec::new();
    for (name, paths) in options.paths() {
        let snapshot = Snapshot::read(&snapshot_paths::inputs(&paths));
        let evaluated = Evaluated::of(policy, settings, snapshot)?;
        report_input(&evaluated.snapshot);
        alone.push((name, evaluated));
    }
    let all: Vec<OtherCluster> = alone
        .iter()
        .filter_map(|(name, evaluated)| clusters::as_other(name, &evaluated.report))
        .collect();
    let mut together = Vec::new();
    for (name, evaluated) in alone {
        together.push(beside(policy, settings, &all, name, evaluated)?);
    }
    for cluster in &together {
        if !outputs.tells_problems() {
            report_problems(&cluster.report, &cluster.snapshot);
        }
    }
    let pairs: Vec<_> = together
        .iter()
        .map(|cluster| (cluster.name.as_str(), &cluster.report))
        .collect();
    let conflicts = clusters::conflicts(&pairs);
    outputs.write_each(|format| match format {
        Format::Json => {
            let json = clusters::to_json(&together, &conflicts).map_err(std::io::Error::from)?;
            Ok(format!("{json}\n"))
        }
        _ => Ok(clusters::to_table(&together, &conflicts, outputs.routes())),
    })?;
    let outcomes = together
        .iter()
        .map(|cluster| fail_on::outcome(&cluster.report, &cluster.snapshot, fail_on));
    let of_conflicts = if conflicts.is_empty() || fail_on == FailOn::Never {
        Outcome::Clean
    } else {
        Outcome::Findings
    };
    Ok(outcomes.fold(of_conflicts, worse))
}

/// The same cluster once more, with what the others have.
fn beside(
    policy: &Policy,
    settings: &Settings,
    all: &[OtherCluster],
    name: &str,
    alone: Evaluated,
) -> Result<Cluster, Failure> {
    let others = all.iter().filter(|other| other.name != name).cloned();
    let mut settings = settings.clone();
    settings.other_clusters.extend(others);
    let Evaluated {
        snapshot,
        mut cluster,
        report,
    } = Evaluated::of(policy, &settings, alone.snapshot)?;
    Ok(Cluster {
        name: name.to_owned(),
        json: cluster.report_json()?,
        snapshot,
        report,
    })
}

/// The first of unusable, findings and undecided that applies.
fn worse(a: Outcome, b: Outcome) -> Outcome {
    let order = [Outcome::Unusable, Outcome::Findings, Outcome::Undecided];
    let first = order.into_iter().find(|one| *one == a || *one == b);
    first.unwrap_or(Outcome::Clean)
}
