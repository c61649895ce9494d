//! A cluster, read and evaluated: what several commands start with.

use std::path::PathBuf;

use podroute::policy::{Cluster, Report, Settings};
use podroute::{Policy, Snapshot};

use super::live::LiveOptions;
use super::notes::Progress;
use super::{Failure, snapshot_paths};

pub(super) struct Evaluated {
    pub(super) snapshot: Snapshot,
    pub(super) cluster: Cluster,
    pub(super) report: Report,
}

impl Evaluated {
    /// Reads files and folders as one cluster. The snapshot is without the
    /// objects: the cluster has them.
    pub(super) fn read(
        policy: &Policy,
        settings: &Settings,
        paths: &[PathBuf],
    ) -> Result<Self, Failure> {
        let mut cluster = policy.open(settings)?;
        let mut progress = Progress::start("objects read");
        let inputs = snapshot_paths::inputs(paths);
        let snapshot = Snapshot::feed(&inputs, &mut cluster, |count| progress.add(count))?;
        progress.then("evaluating");
        Self::finish(settings, snapshot, cluster)
    }

    /// What is needed of a live cluster under these settings.
    pub(super) fn live(
        policy: &Policy,
        settings: &Settings,
        options: &LiveOptions,
    ) -> Result<Self, Failure> {
        let captured = options.capture(policy, settings)?;
        Self::of(policy, settings, captured.into())
    }

    /// Evaluates a snapshot that was read.
    pub(super) fn of(
        policy: &Policy,
        settings: &Settings,
        snapshot: Snapshot,
    ) -> Result<Self, Failure> {
        let mut cluster = policy.open(settings)?;
        snapshot.load_into(&mut cluster)?;
        Self::finish(settings, snapshot, cluster)
    }

    fn finish(
        settings: &Settings,
        snapshot: Snapshot,
        mut cluster: Cluster,
    ) -> Result<Self, Failure> {
        if settings.at.is_none() && snapshot.taken.is_some() {
            cluster.set_clock(snapshot.taken.as_deref(), settings.today.as_deref())?;
        }
        let report = cluster.report()?;
        Ok(Self {
            snapshot,
            cluster,
            report,
        })
    }
}
