//! `podroute run`: keeps a load balancer's routes right.

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use podroute::daemon::metrics::Metrics;
use podroute::daemon::tables::{End, Terms};
use podroute::daemon::{self, Config, leader, log, server};
use podroute::engines;
use podroute::render::{plan, style};
use podroute::targets::Choice;

use super::kube_options::KubeOptions;
use super::owner_options::OwnerOptions;
use super::policy_options::PolicyOptions;
use super::settings_options::SettingsOptions;
use super::{Failure, Outcome, runtime};

/// Keep a load balancer's routes right, as a daemon.
///
/// Watches a cluster, works out which node each pod CIDR has to be routed to, and keeps a table of
/// routes that way: an Avi Controller's VRF, the routing table of a Linux host, or a file for
/// another router. Only routes with the owner mark of this cluster are touched, and none while
/// anything that routes come from cannot be read.
#[derive(Args)]
// Switches of a command line.
#[allow(clippy::struct_excessive_bools)]
#[command(after_help = "Exit codes:
  0  stopped by SIGTERM or SIGINT; with --once: every table is as it should be
  1  with --once: something is left to do: refused, held back, waiting for a confirmation,
     or not written because of --dry-run
  2  wrong usage, or the daemon cannot run
  3  with --once: it is not known what the routes should be

Examples:
  podroute run --cluster-name shop --dry-run --once avi --controller avi.example.com --credentials /etc/avi
  podroute run --cluster-name shop --kubeconfig shop.kubeconfig linux --table 220
  podroute run --cluster-name shop file --template frr --output /etc/frr/podroute.conf --reload 'systemctl reload frr'
  podroute run avi --help                    the options of a target

A plan that waits for a confirmation is confirmed by one of
  curl --json '{\"table\": \"...\", \"token\": \"...\"}' localhost:8080/plan/confirm
  kubectl annotate --overwrite lease podroute podroute.dev/confirm=TOKEN
  podroute run --once --confirm TOKEN ...")]
pub(super) struct Arguments {
    #[command(flatten)]
    owner: OwnerOptions,

    /// Show plans and write nothing
    #[arg(long, env = "PODROUTE_DRY_RUN")]
    dry_run: bool,

    /// Bring every table in order once, print the plans, and exit
    #[arg(long)]
    once: bool,

    /// Seconds that --once may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60, requires = "once")]
    once_timeout: u32,

    /// Confirm the plan with this token; may be repeated
    #[arg(long, value_name = "TOKEN")]
    confirm: Vec<String>,

    /// Take away all routes of this cluster, and keep them away: the switch to turn podroute off with
    #[arg(long, env = "PODROUTE_WITHDRAW", help_heading = "Safety")]
    withdraw: bool,

    /// Deletes wait for a confirmation when they take more than this share of our routes, in percent, and at least three, or all; 100: never
    #[arg(long, value_name = "PERCENT", default_value_t = 25, env = "PODROUTE_DELETE_SHARE", help_heading = "Safety",
          value_parser = clap::value_parser!(u32).range(0..=100))]
    delete_share: u32,

    /// Write though AKO programs static routes under the same name: only right for a table that AKO does not write to
    #[arg(long, env = "PODROUTE_BESIDE_AKO", help_heading = "Safety")]
    beside_ako: bool,

    /// Seconds between two writes to a table; what happens meanwhile goes into one
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, env = "PODROUTE_WINDOW", help_heading = "Pace",
          value_parser = seconds)]
    window: f64,

    /// Seconds after which a table is looked at though nothing happened
    #[arg(long, value_name = "SECONDS", default_value_t = 300.0, env = "PODROUTE_DRIFT_INTERVAL", help_heading = "Pace",
          value_parser = seconds)]
    drift_interval: f64,

    /// Watch Pods too, for the rules that look at their addresses; takes memory for each
    #[arg(long, env = "PODROUTE_WATCH_PODS", help_heading = "Kubernetes")]
    watch_pods: bool,

    /// Write no Kubernetes Events
    #[arg(long, env = "PODROUTE_NO_EVENTS", help_heading = "Kubernetes")]
    no_events: bool,

    /// Write no ClusterReport (openreports.io), even where the cluster has the API
    #[arg(long, env = "PODROUTE_NO_CLUSTER_REPORT", help_heading = "Kubernetes")]
    no_cluster_report: bool,

    #[command(flatten)]
    kube: KubeOptions,

    #[command(flatten)]
    leader: leader::Options,

    #[command(flatten)]
    server: server::Options,

    #[command(flatten)]
    engines: engines::RunOptions,

    #[command(flatten)]
    log: log::Options,

    #[command(flatten)]
    settings: SettingsOptions,

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
    let metrics = Arc::new(Metrics::new());
    let usage = |error: server::StartError| Failure::Usage(error.to_string());
    let server = if arguments.once {
        None
    } else {
        Some(arguments.server.open().map_err(usage)?)
    };
    let owner = arguments.owner.owner();
    let targets = arguments
        .target
        .open(owner)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let client = arguments.kube.client().await?;
    let engines = if arguments.once {
        None
    } else {
        let server = arguments.engines.open(&client).map_err(usage)?;
        server.map(|server| (server, arguments.engines.admission.clone()))
    };
    let config = Config {
        client,
        policy: arguments.policy.load()?,
        settings: arguments.settings.read()?,
        targets,
        terms: arguments.terms(),
        leader: arguments.leader.clone(),
        server,
        engines,
        metrics,
        confirmed: arguments.confirm.clone(),
        events: !arguments.no_events,
        cluster_report: !arguments.no_cluster_report,
        watch_pods: arguments.watch_pods,
    };
    if arguments.once {
        let patience = Duration::from_secs(arguments.once_timeout.into());
        let outcome = daemon::run_once(config, patience).await?;
        return Ok(show(&outcome));
    }
    daemon::run(config).await?;
    Ok(Outcome::Clean)
}

impl Arguments {
    fn terms(&self) -> Terms {
        Terms {
            owner: self.owner.owner().to_owned(),
            former_owners: self.owner.former_owners().to_vec(),
            delete_share: self.delete_share,
            dry_run: self.dry_run,
            withdraw: self.withdraw,
            beside_ako: self.beside_ako,
            window: Duration::from_secs_f64(self.window),
            drift: Duration::from_secs_f64(self.drift_interval),
        }
    }
}

/// Prints what `--once` has done.
fn show(outcome: &daemon::Outcome) -> Outcome {
    for reason in &outcome.unread {
        anstream::eprintln!("{}: {reason}", style::warning("warning"));
    }
    let mut result = Outcome::Clean;
    for table in &outcome.tables {
        if let Some(seen) = &table.seen {
            anstream::print!("{}", plan::render(&table.name, &seen.plan));
        }
        if let Some(error) = &table.error {
            anstream::eprintln!("{}: {}: {error}", style::error("error"), table.name);
        }
        let stopped = table
            .seen
            .as_ref()
            .is_some_and(|seen| !seen.plan.stopped.is_empty());
        let of_table = match table.end {
            End::Settled => Outcome::Clean,
            End::Waiting if stopped => Outcome::Undecided,
            End::Waiting | End::Again | End::Failed => Outcome::Findings,
        };
        result = match (result, of_table) {
            (Outcome::Findings, _) | (_, Outcome::Findings) => Outcome::Findings,
            (Outcome::Undecided, _) | (_, Outcome::Undecided) => Outcome::Undecided,
            _ => Outcome::Clean,
        };
    }
    result
}

/// A number of seconds that a clock can wait for.
fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "expected seconds such as 1.5")?;
    if (0.0..=86_400.0).contains(&seconds) {
        Ok(seconds)
    } else {
        Err("expected 0 to 86400 seconds".to_owned())
    }
}
