//! `podroute plan`: what would have to be done to a table of routes.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use podroute::formats::plan_json;
use podroute::observed::{Protocol, Source};
use podroute::policy::{Plan, PlanRequest, Report, Severity};
use podroute::{Snapshot, render};

use super::check::{report_input, report_problems};
use super::evaluated::Evaluated;
use super::input_options::InputOptions;
use super::owner_options;
use super::policy_options::PolicyOptions;
use super::settings_options::SettingsOptions;
use super::vrf_plan::{observed, owner};
use super::{Failure, Outcome};

/// Show what would have to be done so that a table holds the routes of a cluster.
///
/// The table comes from a file: a VRF of an Avi Controller, what `ip -json route show` prints, or
/// a list of routes. Nothing is written anywhere. `podroute run` does the same to a table itself.
#[derive(Args)]
#[command(after_help = "Exit codes:
  0  the plan was made, whatever is in it (with --fail-on changes: the table is right)
  1  with --fail-on changes: the table is not right
  2  wrong usage, or input that could not be read
  3  evidence is missing: no verdict on the routes is possible, and nothing would be touched
  The first of 2, 3, 1 that applies counts.

Examples:
  podroute plan cluster.yaml --vrf vrf.json
  podroute plan --live --vrf vrf.json
  (ip -json route; ip -json -6 route) | podroute plan cluster.yaml --ip-route -
  podroute plan cluster.yaml --routes routes.csv --fail-on changes
  podroute plan cluster/ --vrf vrf.json --format json | jq '.tables[].adds'")]
pub(super) struct Arguments {
    #[command(flatten)]
    input: InputOptions,

    #[command(flatten)]
    table: Table,

    /// The routing protocol, number or name, that marks our routes in --ip-route
    #[arg(
        long,
        value_name = "PROTOCOL",
        default_value = PROTOCOL,
        help_heading = TABLE
    )]
    protocol: Protocol,

    /// Name of the cluster: the owner mark of its routes [default: AKO's clusterName in the snapshot]
    #[arg(long, value_name = "NAME", env = "PODROUTE_CLUSTER_NAME", value_parser = owner_options::name,
          help_heading = TABLE)]
    cluster_name: Option<String>,

    /// Share of our routes above which deletes would wait for a confirmation, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 25, help_heading = TABLE,
          value_parser = clap::value_parser!(u32).range(0..=100))]
    delete_share: u32,

    /// What makes the exit code 1
    #[arg(long, value_enum, default_value = "never", value_name = "WHAT")]
    fail_on: FailOn,

    /// Output format
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    format: Format,

    #[command(flatten)]
    settings: SettingsOptions,

    #[command(flatten)]
    policy: PolicyOptions,
}

const TABLE: &str = "The table";

/// As `podroute run linux` has it.
const PROTOCOL: &str = "183";

/// What the owner mark is of routes that have no room for one.
const NAMELESS: &str = "podroute";

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Table {
    /// A VRF: JSON as GET /api/vrfcontext of an Avi Controller answers
    #[arg(long, value_name = "FILE", help_heading = TABLE)]
    vrf: Option<PathBuf>,

    /// A routing table: what ip -json route show prints, of one family or both
    #[arg(long, value_name = "FILE", help_heading = TABLE)]
    ip_route: Option<PathBuf>,

    /// A list of routes, all of them ours: podroute.routes/v1, podroute.report/v1, or CSV with the columns prefix and next_hop
    #[arg(long, value_name = "FILE", help_heading = TABLE)]
    routes: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Something to add, to change or to delete, now or after a confirmation, or a route of somebody else in the way
    Changes,
    /// Nothing
    Never,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// podroute.plan/v1; see `podroute schema plan`
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let (file, source) = arguments.table()?;
    if file.to_str() == Some("-") && arguments.input.is_stdin() {
        return Err(Failure::Usage(
            "only one of the snapshot and the table can be standard input".to_owned(),
        ));
    }
    let policy = arguments.policy.load()?;
    let settings = arguments.settings.read()?;
    let Evaluated {
        snapshot,
        mut cluster,
        report,
    } = arguments.input.evaluate(&policy, &settings)?;
    let owner = arguments.owner(&source, &report)?;
    let plan = cluster.plan(&PlanRequest {
        observed: observed(file, &source, &owner)?,
        owner,
        former_owners: Vec::new(),
        node_selector: None,
        delete_share: arguments.delete_share,
        confirmed: None,
        withdraw: false,
    })?;
    report_input(&snapshot);
    report_problems(&report, &snapshot);
    let table = match file.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => file.display().to_string(),
    };
    match arguments.format {
        Format::Table => anstream::stdout()
            .lock()
            .write_all(render::plan::render(&table, &plan).as_bytes())?,
        Format::Json => io::stdout()
            .lock()
            .write_all(plan_json::document(Some((&table, &plan))).as_bytes())?,
    }
    Ok(arguments.outcome(&plan, &report, &snapshot))
}

impl Arguments {
    /// The file of the table, and what it is.
    fn table(&self) -> Result<(&Path, Source), Failure> {
        let Table {
            vrf,
            ip_route,
            routes,
        } = &self.table;
        match (vrf, ip_route, routes) {
            (Some(file), _, _) => Ok((file, Source::AviVrf)),
            (_, Some(file), _) => Ok((file, Source::IpRoute(self.protocol.clone()))),
            (_, _, Some(file)) => Ok((file, Source::Routes)),
            (None, None, None) => Err(Failure::Usage(
                "which table? Give --vrf, --ip-route or --routes".to_owned(),
            )),
        }
    }

    /// Only in a VRF do routes carry a name.
    fn owner(&self, source: &Source, report: &Report) -> Result<String, Failure> {
        match (source, &self.cluster_name) {
            (Source::AviVrf, given) => owner(given.as_ref(), report),
            (_, Some(name)) => Ok(name.clone()),
            (_, None) => Ok(NAMELESS.to_owned()),
        }
    }

    fn outcome(&self, plan: &Plan, report: &Report, snapshot: &Snapshot) -> Outcome {
        let mut problems = report.problems.iter();
        if !snapshot.errors.is_empty()
            || problems.any(|problem| problem.severity == Severity::Error)
        {
            Outcome::Unusable
        } else if !plan.stopped.is_empty() {
            Outcome::Undecided
        } else if self.fail_on == FailOn::Changes && !is_right(plan) {
            Outcome::Findings
        } else {
            Outcome::Clean
        }
    }
}

/// Whether nothing has to be done, now or later.
fn is_right(plan: &Plan) -> bool {
    let asks = plan.confirmation.as_ref().is_some_and(|one| !one.given);
    let blocked = plan.conflicts.iter().any(|conflict| conflict.blocks);
    plan.adds.is_empty() && plan.updates.is_empty() && plan.deletes.is_empty() && !asks && !blocked
}
