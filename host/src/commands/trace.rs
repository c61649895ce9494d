//! `podroute trace`: what becomes of packets for an address.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use podroute::policy::{Severity, Trace};
use podroute::{Policy, traces};

use super::check::{report_input, report_problems};
use super::evaluated::Evaluated;
use super::live::LiveOptions;
use super::policy_options::PolicyOptions;
use super::settings_options::SettingsOptions;
use super::{Failure, Outcome};

/// Show which route takes packets for an address, and why.
///
/// For each address: the longest route around it, the object and field that it was read from, the
/// pod, node, Service or pool that has the address, what AKO does about it under its settings, and
/// the findings about any of these.
#[derive(Args)]
#[command(after_help = "Exit codes:
  0  every address has a route
  1  an address has none
  2  wrong usage, or input that could not be read
  3  evidence is missing: no verdict on the routes is possible
  The first of 2, 3, 1 that applies counts.

Examples:
  podroute trace 10.0.1.7 -f cluster.yaml
  podroute trace 10.0.1.7 --live
  podroute trace 10.0.1.7 fd00::7 -f nodes.yaml -f ciliumnodes.yaml
  kubectl get nodes,ciliumnodes,pods,svc,cm,ds -A -o yaml | podroute trace 10.0.1.7
  podroute trace 10.0.1.7 -f cluster/ --format json | jq '.traces[].route.nextHop'")]
pub(super) struct Arguments {
    /// Addresses, IPv4 or IPv6
    #[arg(required = true, value_name = "IP")]
    addresses: Vec<String>,

    /// The snapshot: a file, a folder, or - for standard input; may be repeated [default: standard input, when something is piped in]
    #[arg(short = 'f', long = "snapshot", value_name = "PATH")]
    snapshots: Vec<PathBuf>,

    /// Look at the cluster itself instead of a snapshot
    #[arg(long, conflicts_with = "snapshots", help_heading = "Kubernetes")]
    live: bool,

    #[command(flatten)]
    cluster: LiveOptions,

    /// Output format
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    format: Format,

    #[command(flatten)]
    settings: SettingsOptions,

    #[command(flatten)]
    policy: PolicyOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// podroute.trace/v1; see `podroute schema trace`
    Json,
}

impl Arguments {
    fn evaluate(&self, policy: &Policy) -> Result<Evaluated, Failure> {
        let settings = self.settings.read()?;
        if self.live {
            return Evaluated::live(policy, &settings, &self.cluster);
        }
        if !self.snapshots.is_empty() {
            return Evaluated::read(policy, &settings, &self.snapshots);
        }
        if io::stdin().is_terminal() {
            return Err(Failure::Usage(
                "which cluster? Give a snapshot with -f PATH, pipe one in, or use --live"
                    .to_owned(),
            ));
        }
        Evaluated::read(policy, &settings, &[PathBuf::from("-")])
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let policy = arguments.policy.load()?;
    let Evaluated {
        snapshot,
        mut cluster,
        report,
    } = arguments.evaluate(&policy)?;
    let traces: Result<Vec<Trace>, _> = arguments
        .addresses
        .iter()
        .map(|address| cluster.trace(address))
        .collect();
    let traces = traces?;
    report_input(&snapshot);
    report_problems(&report, &snapshot);
    match arguments.format {
        Format::Table => anstream::stdout()
            .lock()
            .write_all(traces::to_table(&traces, &snapshot).as_bytes())?,
        Format::Json => {
            let json = traces::to_json(&traces, &snapshot).map_err(io::Error::from)?;
            writeln!(io::stdout().lock(), "{json}")?;
        }
    }
    let mut problems = report.problems.iter();
    let is_unreadable =
        !snapshot.errors.is_empty() || problems.any(|problem| problem.severity == Severity::Error);
    Ok(if is_unreadable {
        Outcome::Unusable
    } else if !report.undecided.is_empty() {
        // That there is no route is not known then.
        Outcome::Undecided
    } else if traces.iter().any(|trace| trace.route.is_none()) {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}
