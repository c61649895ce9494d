//! `podroute check`: the report on a snapshot.

use clap::Args;
use podroute::Snapshot;
use podroute::formats::{Checked, Format};
use podroute::policy::{Report, Severity};
use podroute::render::{style, table, terminal};

use super::baseline::BaselineOptions;
use super::clusters::{self, ClustersOptions};
use super::evaluated::Evaluated;
use super::fail_on::{self, FailOn};
use super::input_options::InputOptions;
use super::notes;
use super::outputs::{self, OutputOptions};
use super::policy_options::PolicyOptions;
use super::settings_options::SettingsOptions;
use super::vrf_plan::VrfOptions;
use super::{Failure, Outcome};

const EXIT_CODES: &str = "Exit codes:
  0  no finding at or above --fail-on
  1  findings at or above --fail-on
  2  wrong usage, or input that could not be read (the rest was checked)
  3  evidence is missing: no verdict on the routes is possible
  The first of 2, 1, 3 that applies counts.";

const EXAMPLES: &str = "Examples:
  podroute check cluster.yaml more/ nodes.json.gz
  kubectl get nodes,ciliumnodes,pods,svc,cm,ds,deploy,sts -A -o yaml | podroute check -
  podroute check --live --context shop
  podroute check --format json cluster.yaml | jq -r '.routes[] | [.prefix, .nextHop] | @tsv'
  podroute check --format table --format json=report.json cluster.yaml
  podroute check --format github --format sarif=podroute.sarif cluster/
  podroute check --format bird=routes.conf cluster.yaml
  podroute check --format html=report.html --format svg=map.svg cluster.yaml
  podroute check --fail-on warning --connected-network 192.0.2.0/24 cluster.yaml
  podroute check --vrf vrf.json cluster.yaml
  podroute check --baseline report.json cluster.yaml
  podroute check --cluster east=east.yaml --cluster west=west/
  podroute check --profile strict --profile our-rules.toml --rule node/host-bits=off cluster.yaml";

fn after_help() -> String {
    format!("{EXIT_CODES}\n\n{}\n{EXAMPLES}", outputs::help())
}

/// Check a cluster, or a snapshot of one: its routes, and what would break them.
///
/// Reads Kubernetes objects as kubectl prints them, or with --live from the cluster, works out which node each pod CIDR has to be
/// routed to, and reports every mistake in the cluster's, Cilium's and AKO's configuration that
/// makes a route wrong, missing or useless. Nothing is changed, and without --live nothing leaves
/// this machine.
#[derive(Args)]
#[command(after_help = after_help())]
pub(super) struct Arguments {
    #[command(flatten)]
    input: InputOptions,

    #[command(flatten)]
    clusters: ClustersOptions,

    /// Least severity that makes the exit code 1
    #[arg(long, value_enum, default_value = "error", value_name = "SEVERITY")]
    fail_on: FailOn,

    #[command(flatten)]
    outputs: OutputOptions,

    #[command(flatten)]
    baseline: BaselineOptions,

    #[command(flatten)]
    vrf: VrfOptions,

    #[command(flatten)]
    settings: SettingsOptions,

    #[command(flatten)]
    policy: PolicyOptions,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let outputs = &arguments.outputs;
    outputs.check()?;
    if outputs.any(|format| format == Format::PlanJson) && !arguments.vrf.is_asked_for() {
        return Err(Failure::Usage(
            "--format plan-json needs --vrf FILE, the VRF to plan for".to_owned(),
        ));
    }
    let baseline = arguments.baseline.read()?;
    let policy = arguments.policy.load()?;
    let settings = arguments.settings.read()?;
    if arguments.clusters.are_given() {
        let fail_on = arguments.fail_on;
        return clusters::run(&arguments.clusters, &policy, &settings, outputs, fail_on);
    }
    let Evaluated {
        snapshot,
        mut cluster,
        mut report,
    } = arguments.input.evaluate(&policy, &settings)?;
    let owned = if outputs.any(Format::needs_owner) && report.undecided.is_empty() {
        Some(arguments.vrf.all(&mut cluster, &report)?)
    } else {
        None
    };
    let compared = baseline.map(|baseline| baseline.take_known(&mut report));
    let planned = arguments.vrf.plan(&mut cluster, &report)?;

    report_input(&snapshot);
    if !outputs.tells_problems() {
        report_problems(&report, &snapshot);
    }
    let (mut json, mut rules) = (String::new(), Vec::new());
    let (mut map, mut page) = (String::new(), String::new());
    if outputs.any(Format::needs_json) {
        json = cluster.report_json()?;
    }
    if outputs.any(Format::needs_map) {
        map = policy.map(&json)?;
    }
    if outputs.any(Format::needs_page) {
        page = policy.page(&json)?;
    }
    if outputs.any(Format::needs_rules) {
        rules = policy.rules()?;
    }
    outputs.write(&Checked {
        report: &report,
        json: &json,
        map: &map,
        page: &page,
        snapshot: &snapshot,
        rules: &rules,
        plan: planned.as_ref().map(|one| (one.table.as_str(), &one.plan)),
        owned: owned
            .as_ref()
            .map(|(owner, routes)| (owner.as_str(), routes.as_slice())),
        routes: outputs.routes(),
        baseline: compared.as_ref(),
    })?;
    Ok(fail_on::outcome(&report, &snapshot, arguments.fail_on))
}

/// What was wrong with the input goes to standard error, in every format.
pub(super) fn report_input(snapshot: &Snapshot) {
    for note in &snapshot.notes {
        notes::note(note);
    }
    for error in &snapshot.errors {
        anstream::eprintln!("{}: {error}", style::error("error"));
    }
}

/// The table shows the policy's problems itself; the JSON has them without
/// the files that they stand in.
pub(super) fn report_problems(report: &Report, snapshot: &Snapshot) {
    for problem in &report.problems {
        if notes::is_quiet() && problem.severity != Severity::Error {
            continue;
        }
        let label = style::severity(problem.severity);
        let text = table::problem(problem, snapshot);
        anstream::eprintln!("{label}: {}", terminal::harmless(&text));
    }
}
