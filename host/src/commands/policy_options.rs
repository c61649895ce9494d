//! Options that choose a policy and its limits.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use podroute::Policy;
use podroute::policy::{Error, Limits};

#[derive(Args)]
pub(super) struct PolicyOptions {
    /// Run another policy component (of the world podroute:policy/policy) instead of the built-in one
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    policy: Option<PathBuf>,

    /// Memory that the policy may use, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 2048, help_heading = "Policy",
          value_parser = clap::value_parser!(u32).range(1..=4096))]
    memory_limit: u32,

    /// Seconds that one call of the policy may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60, help_heading = "Policy",
          value_parser = clap::value_parser!(u32).range(1..))]
    time_limit: u32,
}

impl PolicyOptions {
    pub(super) fn load(&self) -> Result<Policy, Error> {
        let policy = match &self.policy {
            None => Policy::built_in()?,
            Some(path) => Policy::from_file(path)?,
        };
        Ok(policy.with_limits(Limits {
            memory: (self.memory_limit as usize) << 20,
            deadline: Duration::from_secs(u64::from(self.time_limit)),
        }))
    }
}
