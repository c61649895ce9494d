//! `podroute cleanup`: takes away every route of a cluster.

use clap::Args;
use podroute::daemon::log;
use podroute::render::{plan, style};
use podroute::targets::{Choice, cleanup};

use super::owner_options::OwnerOptions;
use super::policy_options::PolicyOptions;
use super::{Failure, Outcome, runtime};

/// Take away every route of a cluster from a target, and nobody else's.
///
/// For when podroute is uninstalled, or a cluster is gone. Stop `podroute run` first: it would put
/// the routes back. No cluster is asked.
#[derive(Args)]
#[command(after_help = "Exit codes:
  0  no route of the cluster is left
  1  some could not be deleted
  2  wrong usage, or the target cannot be reached

Examples:
  podroute cleanup --cluster-name shop --dry-run avi --controller avi.example.com --credentials /etc/avi
  podroute cleanup --cluster-name shop linux --table 220")]
pub(super) struct Arguments {
    #[command(flatten)]
    owner: OwnerOptions,

    /// Show what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    log: log::Options,

    #[command(flatten)]
    policy: PolicyOptions,

    #[command(subcommand)]
    target: Choice,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    arguments
        .log
        .start()
        .map_err(|error| Failure::Usage(error.to_string()))?;
    runtime()?.block_on(run_async(arguments))
}

async fn run_async(arguments: &Arguments) -> Result<Outcome, Failure> {
    let policy = arguments.policy.load()?;
    let (owner, former) = (arguments.owner.owner(), arguments.owner.former_owners());
    let mut bound = arguments
        .target
        .open(owner)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let mut outcome = Outcome::Clean;
    let mut targets: Vec<_> = bound.drain(..).map(|bound| bound.target).collect();
    let mut strays = Vec::new();
    for target in &mut targets {
        let found = target.strays(owner).await;
        strays
            .extend(found.map_err(|error| Failure::Usage(format!("{}: {error}", target.name())))?);
    }
    targets.extend(strays);
    for mut target in targets {
        let name = target.name().to_owned();
        let cleaned = cleanup::clean(target.as_mut(), &policy, owner, former, arguments.dry_run);
        match cleaned.await {
            Ok(cleaned) => {
                anstream::print!("{}", plan::render(&name, &cleaned.plan));
                for failure in cleaned.written.failed {
                    outcome = Outcome::Findings;
                    anstream::eprintln!(
                        "{}: {}: {}",
                        style::error("error"),
                        failure.prefix,
                        failure.reason
                    );
                }
            }
            Err(error) => {
                outcome = Outcome::Unusable;
                anstream::eprintln!("{}: {name}: {error}", style::error("error"));
            }
        }
    }
    Ok(outcome)
}
