//! Options that choose what is looked at: a snapshot, or a live cluster.

use std::path::PathBuf;

use clap::Args;
use podroute::policy::{Cluster, Settings};
use podroute::{Policy, Snapshot};

use super::live::LiveOptions;
use super::notes::Progress;
use super::{Failure, snapshot_paths};

#[derive(Args)]
pub(super) struct InputOptions {
    /// Files, folders (everything .json, .yaml, .yml in them, also .gz), archives of them (.zip, .tar, .tar.gz), or - for standard input
    #[arg(required_unless_present = "live", value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Look at the cluster itself instead of a snapshot; kinds that it does not let you list are
    /// not evaluated
    #[arg(long, conflicts_with = "paths", help_heading = "Kubernetes")]
    live: bool,

    #[command(flatten)]
    cluster: LiveOptions,
}

impl InputOptions {
    /// Reads the files into a cluster, or what is needed of a live one under
    /// these settings. The snapshot may be without the objects.
    pub(super) fn open(
        &self,
        policy: &Policy,
        settings: &Settings,
    ) -> Result<(Snapshot, Cluster), Failure> {
        let mut cluster = policy.open(settings)?;
        let snapshot = if self.live {
            let snapshot = Snapshot::from(self.cluster.capture(policy, settings)?);
            snapshot.load_into(&mut cluster)?;
            snapshot
        } else if self.cluster.is_given() {
            return Err(Failure::Usage(
                "options that choose a cluster need --live, which looks at it".to_owned(),
            ));
        } else {
            let inputs = snapshot_paths::inputs(&self.paths);
            let mut progress = Progress::start("objects read");
            Snapshot::feed(&inputs, &mut cluster, |count| progress.add(count))?
        };
        if settings.at.is_none() && snapshot.taken.is_some() {
            cluster.set_clock(snapshot.taken.as_deref(), settings.today.as_deref())?;
        }
        Ok((snapshot, cluster))
    }
}
