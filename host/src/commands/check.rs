//! `podroute check`: the report on a snapshot.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use podroute::Snapshot;
use podroute::policy::{Gap, Report, Settings, Severity};
use podroute::render::{plan, style, table};
use podroute::snapshot::InputError;

use super::policy_options::PolicyOptions;
use super::settings_options::SettingsOptions;
use super::vrf_plan::VrfOptions;
use super::{Failure, Outcome, snapshot_paths};

/// Check a cluster snapshot: its routes, and what would break them.
///
/// Reads Kubernetes objects as kubectl prints them, works out which node each pod CIDR has to be
/// routed to, and reports every mistake in the cluster's, Cilium's and AKO's configuration that
/// makes a route wrong, missing or useless. Nothing is changed and nothing leaves this machine.
#[derive(Args)]
#[command(after_help = "Exit codes:
  0  no finding at or above --fail-on
  1  findings at or above --fail-on
  2  wrong usage, or input that could not be read (the rest was checked)
  3  evidence is missing: no verdict on the routes is possible
  The first of 2, 1, 3 that applies counts.

Examples:
  podroute check cluster.yaml more/ nodes.json.gz
  kubectl get nodes,ciliumnodes,pods,svc,cm,ds,deploy,sts -A -o yaml | podroute check -
  podroute check --format json cluster.yaml | jq -r '.routes[] | [.prefix, .nextHop] | @tsv'
  podroute check --fail-on warning --connected-network 192.0.2.0/24 cluster.yaml
  podroute check --vrf vrf.json cluster.yaml
  podroute check --profile strict --profile our-rules.toml --rule node/host-bits=off cluster.yaml")]
pub(super) struct Arguments {
    /// Files, folders (everything .json, .yaml, .yml in them, also .gz), or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Output format
    #[arg(long, value_enum, default_value = "table")]
    format: Format,

    /// Least severity that makes the exit code 1
    #[arg(long, value_enum, default_value = "error", value_name = "SEVERITY")]
    fail_on: FailOn,

    /// Print every route, however many there are
    #[arg(long)]
    all_routes: bool,

    #[command(flatten)]
    vrf: VrfOptions,

    #[command(flatten)]
    settings: SettingsOptions,

    #[command(flatten)]
    policy: PolicyOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// podroute.report/v1; see `podroute schema report`
    Json,
    /// podroute.plan/v1, the plan alone; needs --vrf
    PlanJson,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Error,
    Warning,
    Info,
    Never,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    if arguments.format == Format::PlanJson && !arguments.vrf.is_asked_for() {
        return Err(Failure::Usage(
            "--format plan-json needs --vrf FILE, the VRF to plan for".to_owned(),
        ));
    }
    let policy = arguments.policy.load()?;
    let snapshot = Snapshot::read(&snapshot_paths::inputs(&arguments.paths));
    let mut cluster = policy.open(&arguments.settings(&snapshot)?)?;
    cluster.load(&snapshot.documents)?;
    let report = cluster.report()?;
    let planned = arguments.vrf.plan(&mut cluster, &report)?;

    report_input(&snapshot);
    match arguments.format {
        Format::Table => {
            let routes = if arguments.all_routes {
                table::Routes::All
            } else {
                table::Routes::Some
            };
            let text = table::render(&report, &snapshot, routes);
            let mut out = anstream::stdout().lock();
            out.write_all(text.as_bytes())?;
            if let Some(planned) = &planned {
                let text = plan::render(&planned.table, &planned.plan);
                write!(out, "\nPlan for {text}")?;
            }
        }
        Format::PlanJson => {
            report_problems(&report, &snapshot);
            if let Some(planned) = planned {
                writeln!(io::stdout().lock(), "{}", planned.json()?)?;
            }
        }
        Format::Json => {
            report_problems(&report, &snapshot);
            let mut json = cluster.report_json()?;
            json.push('\n');
            io::stdout().lock().write_all(json.as_bytes())?;
        }
    }
    Ok(outcome(&report, &snapshot, arguments.fail_on))
}

impl Arguments {
    fn settings(&self, snapshot: &Snapshot) -> Result<Settings, Failure> {
        Ok(Settings {
            listed_kinds: snapshot.listed_kinds.iter().cloned().collect(),
            gaps: snapshot.errors.iter().map(unknown_gap).collect(),
            ..self.settings.read()?
        })
    }
}

/// Nobody knows what would have been in input that cannot be read.
fn unknown_gap(error: &InputError) -> Gap {
    Gap {
        kind: "*".to_owned(),
        reason: error.to_string(),
    }
}

/// What was wrong with the input goes to standard error, in every format.
fn report_input(snapshot: &Snapshot) {
    for note in &snapshot.notes {
        anstream::eprintln!("{}: {note}", style::info("note"));
    }
    for error in &snapshot.errors {
        anstream::eprintln!("{}: {error}", style::error("error"));
    }
}

/// The table shows the policy's problems itself; the JSON has them without
/// the files that they stand in.
fn report_problems(report: &Report, snapshot: &Snapshot) {
    for problem in &report.problems {
        let label = style::severity(problem.severity);
        anstream::eprintln!("{label}: {}", table::problem(problem, snapshot));
    }
}

fn outcome(report: &Report, snapshot: &Snapshot, fail_on: FailOn) -> Outcome {
    let unreadable = report
        .problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    let threshold = match fail_on {
        FailOn::Error => Some(Severity::Error),
        FailOn::Warning => Some(Severity::Warning),
        FailOn::Info => Some(Severity::Info),
        FailOn::Never => None,
    };
    let fails = |severity: Severity| match threshold {
        Some(threshold) => severity as u8 >= threshold as u8,
        None => false,
    };
    if unreadable || !snapshot.errors.is_empty() {
        Outcome::Unusable
    } else if report
        .findings
        .iter()
        .any(|finding| fails(finding.severity))
    {
        Outcome::Findings
    } else if !report.undecided.is_empty() {
        Outcome::Undecided
    } else {
        Outcome::Clean
    }
}
