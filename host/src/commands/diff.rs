//! `podroute diff`: what is different between two snapshots or reports.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use podroute::diff::{Diff, Side};
use podroute::policy::Settings;
use podroute::render::table::Routes;
use podroute::reported::{Report, Severity, schema_of};
use podroute::snapshot::Limits;
use podroute::{Policy, Snapshot};

use super::check::report_input;
use super::evaluated::Evaluated;
use super::policy_options::PolicyOptions;
use super::settings_options::SettingsOptions;
use super::{Failure, Outcome};

/// Show what is different between two snapshots or reports: routes, findings, facts.
///
/// Each side is a snapshot (a file or a folder), which is evaluated first, or a report that
/// `podroute check --format json` wrote; the contents tell which. The settings count for
/// snapshots only: a report has had its own.
#[derive(Args)]
#[command(after_help = "Exit codes:
  0  nothing that --fail-on names
  1  something that --fail-on names
  2  wrong usage, or input that could not be read (the rest was compared)
  3  evidence is missing: no verdict on the routes of one side
  The first of 2, 1, 3 that applies counts.

Examples:
  podroute diff before.yaml after.yaml
  podroute diff report.json cluster/ --fail-on new-warning,route-change
  podroute diff main.json branch.json --format markdown >> \"$GITHUB_STEP_SUMMARY\"
  kubectl get nodes,ciliumnodes,cm,ds -A -o yaml | podroute diff yesterday.json -")]
pub(super) struct Arguments {
    /// How it was: a snapshot or a report; - for standard input
    #[arg(value_name = "OLD")]
    old: PathBuf,

    /// How it is: a snapshot or a report; - for standard input
    #[arg(value_name = "NEW")]
    new: PathBuf,

    /// What makes the exit code 1; may be repeated
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "new-error",
        value_name = "WHAT"
    )]
    fail_on: Vec<FailOn>,

    /// Output format
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    format: Format,

    /// Print every route, however many there are
    #[arg(long)]
    all_routes: bool,

    #[command(flatten)]
    settings: SettingsOptions,

    #[command(flatten)]
    policy: PolicyOptions,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A finding that is new, an error
    NewError,
    /// A finding that is new, a warning or worse
    NewWarning,
    /// A finding that is new
    NewInfo,
    /// A route that is new, gone, or goes elsewhere
    RouteChange,
    /// Nothing
    Never,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// podroute.diff/v1; see `podroute schema diff`
    Json,
    /// For comments of pull requests
    Markdown,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let fail_on = &arguments.fail_on;
    if fail_on.contains(&FailOn::Never) && fail_on.len() > 1 {
        return Err(Failure::Usage(
            "--fail-on never goes with nothing else".to_owned(),
        ));
    }
    if is_stdin(&arguments.old) && is_stdin(&arguments.new) {
        return Err(Failure::Usage(
            "only one side can be standard input; give a file for the other".to_owned(),
        ));
    }
    let policy = arguments.policy.load()?;
    let settings = arguments.settings.read()?;
    let old = side(&arguments.old, &policy, &settings)?;
    let new = side(&arguments.new, &policy, &settings)?;
    let diff = Diff::between(&old, &new);
    match arguments.format {
        Format::Table => {
            let shown = if arguments.all_routes {
                Routes::All
            } else {
                Routes::Some
            };
            anstream::stdout()
                .lock()
                .write_all(diff.to_table(shown).as_bytes())?;
        }
        Format::Json => {
            let json = diff.to_json().map_err(io::Error::from)?;
            writeln!(io::stdout().lock(), "{json}")?;
        }
        Format::Markdown => io::stdout()
            .lock()
            .write_all(diff.to_markdown().as_bytes())?,
    }
    Ok(outcome(&diff, fail_on))
}

fn outcome(diff: &Diff, fail_on: &[FailOn]) -> Outcome {
    let fails = |what: &FailOn| match what {
        FailOn::NewError => diff.has_new(Severity::Error),
        FailOn::NewWarning => diff.has_new(Severity::Warning),
        FailOn::NewInfo => diff.has_new(Severity::Info),
        FailOn::RouteChange => diff.has_route_changes(),
        FailOn::Never => false,
    };
    if diff.is_unreadable() {
        Outcome::Unusable
    } else if fail_on.iter().any(fails) {
        Outcome::Findings
    } else if diff.decided {
        Outcome::Clean
    } else {
        Outcome::Undecided
    }
}

fn is_stdin(path: &Path) -> bool {
    path.to_str() == Some("-")
}

/// A report as it is, or a snapshot, evaluated.
fn side(path: &Path, policy: &Policy, settings: &Settings) -> Result<Side, Failure> {
    let name = if is_stdin(path) {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    };
    let failed = |error: &dyn std::fmt::Display| Failure::Usage(format!("{name}: {error}"));
    let is_file = path.is_file();
    let text = if is_file {
        // What is no text may be a compressed snapshot.
        fs::read_to_string(path).ok()
    } else if path.is_dir() {
        None
    } else {
        // A pipe can be read once.
        let text = if is_stdin(path) {
            io::read_to_string(io::stdin())
        } else {
            fs::read_to_string(path)
        };
        Some(text.map_err(|error| failed(&error))?)
    };
    if let Some(text) = text.as_deref().filter(|text| schema_of(text).is_some()) {
        let report = Report::parse(text).map_err(|error| failed(&error))?;
        return Ok(Side::of_report(name, report));
    }
    let evaluated = match text.filter(|_| !is_file) {
        Some(text) => {
            let snapshot = Snapshot::read_bytes(&name, text.as_bytes(), &Limits::default());
            Evaluated::of(policy, settings, snapshot)?
        }
        None => Evaluated::read(policy, settings, &[path.to_owned()])?,
    };
    report_input(&evaluated.snapshot);
    let report = Report::from(&evaluated.report);
    Ok(Side::of_snapshot(name, report, &evaluated.snapshot))
}
