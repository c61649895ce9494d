//! `podroute check --baseline`: which findings are known already.

use std::path::PathBuf;

use clap::Args;
use podroute::baseline::Baseline;

use super::Failure;

#[derive(Args)]
pub(super) struct BaselineOptions {
    /// An earlier report (--format json): findings that it has are known and do not count
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    baseline: Option<PathBuf>,
}

impl BaselineOptions {
    /// The baseline, if one is given.
    pub(super) fn read(&self) -> Result<Option<Baseline>, Failure> {
        let baseline = self.baseline.as_deref().map(Baseline::read).transpose();
        baseline.map_err(|error| Failure::Usage(error.to_string()))
    }
}
