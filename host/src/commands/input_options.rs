//! Options that choose what is looked at: a snapshot, or a live cluster.

use std::path::PathBuf;

use clap::Args;
use podroute::Policy;
use podroute::policy::Settings;

use super::Failure;
use super::evaluated::Evaluated;
use super::live::LiveOptions;

#[derive(Args)]
pub(super) struct InputOptions {
    /// Files, folders (everything .json, .yaml, .yml in them, also .gz), archives of them (.zip, .tar, .tar.gz), or - for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Look at the cluster itself instead of a snapshot; kinds that it does not let you list are
    /// not evaluated
    #[arg(long, conflicts_with = "paths", help_heading = "Kubernetes")]
    live: bool,

    #[command(flatten)]
    cluster: LiveOptions,
}

impl InputOptions {
    /// Reads and evaluates the files, or the live cluster.
    pub(super) fn evaluate(
        &self,
        policy: &Policy,
        settings: &Settings,
    ) -> Result<Evaluated, Failure> {
        if self.live {
            return Evaluated::live(policy, settings, &self.cluster);
        }
        if self.cluster.is_given() {
            return Err(Failure::Usage(
                "options that choose a cluster need --live, which looks at it".to_owned(),
            ));
        }
        if self.paths.is_empty() {
            return Err(Failure::Usage(
                "which cluster? Give a PATH, - for standard input, or --live".to_owned(),
            ));
        }
        Evaluated::read(policy, settings, &self.paths)
    }

    /// Whether standard input is read.
    pub(super) fn is_stdin(&self) -> bool {
        self.paths.iter().any(|path| path.to_str() == Some("-"))
    }
}
