//! The verbs, one file each, and what they share.

mod baseline;
mod check;
mod cleanup;
mod clusters;
mod completions;
mod component;
mod config;
mod diff;
mod evaluated;
mod explain;
mod fail_on;
mod input_options;
mod kube_options;
mod live;
mod manual;
mod notes;
mod outputs;
mod owner_options;
mod plan;
mod policy_options;
mod rules;
mod run;
mod schema;
mod settings_options;
mod snapshot;
mod snapshot_paths;
mod trace;
mod vrf_plan;
mod webhook;

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use config::Config;

/// Which node must a packet for a pod go to, and is the cluster configured so that it will arrive?
#[derive(Parser)]
#[command(name = "podroute", version, max_term_width = 100)]
#[command(after_help = "Examples:
  podroute check cluster.yaml                check a snapshot
  podroute check --live                      check the cluster of the current context
  kubectl get nodes,ciliumnodes,pods,svc,cm,ds,deploy,sts -A -o yaml | podroute check -
  podroute run --cluster-name shop avi --help  keep a load balancer's routes right
  podroute webhook --help                    answer policy engines: what would a change break?
  podroute explain ako/cni-plugin-mismatch   what a rule means, and how to mend it")]
struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// When to use colours. NO_COLOR is respected.
    #[arg(
        long,
        value_enum,
        default_value = "auto",
        global = true,
        value_name = "WHEN"
    )]
    color: Color,

    /// Options for this project [default: the nearest podroute.toml, here or in a folder above]
    #[arg(
        long,
        env = "PODROUTE_CONFIG",
        global = true,
        value_name = "FILE",
        help_heading = "Configuration"
    )]
    config: Option<PathBuf>,

    /// Read no podroute.toml
    #[arg(long, global = true, help_heading = "Configuration")]
    no_config: bool,

    /// Say nothing on standard error but errors: no progress, no notes
    #[arg(long, short, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    Check(Box<check::Arguments>),
    Diff(Box<diff::Arguments>),
    Trace(Box<trace::Arguments>),
    Plan(Box<plan::Arguments>),
    Snapshot(Box<snapshot::Arguments>),
    Run(Box<run::Arguments>),
    Webhook(Box<webhook::Arguments>),
    Cleanup(Box<cleanup::Arguments>),
    Rules(rules::Arguments),
    Explain(explain::Arguments),
    Component(component::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Manual(manual::Arguments),
}

#[derive(Clone, Copy, ValueEnum)]
enum Color {
    /// On a terminal that has them.
    Auto,
    Always,
    Never,
}

/// How a command ended, as documented in `podroute check --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Nothing to report.
    Clean,
    /// Findings at or above the threshold.
    Findings,
    /// Wrong usage, or input that could not be read.
    Unusable,
    /// Evidence is missing, so that there is no verdict on the routes.
    Undecided,
}

/// Why a command could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Policy(#[from] podroute::policy::Error),
    #[error(transparent)]
    Profile(#[from] podroute::profile::Error),
    #[error(transparent)]
    Daemon(#[from] podroute::daemon::Error),
    #[error(transparent)]
    Config(#[from] config::Error),
    #[error(transparent)]
    Capture(#[from] podroute::capture::Error),
    #[error(transparent)]
    Output(#[from] io::Error),
    #[error("{0}")]
    Usage(String),
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Clean => 0,
            Outcome::Findings => 1,
            Outcome::Unusable => 2,
            Outcome::Undecided => 3,
        })
    }
}

/// What asynchronous commands run on.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    // One for the whole process, whoever does TLS. Fails if there is one
    // already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // All of it waits for others most of the time. Each thread more would
    // keep memory of its own, on large machines a lot.
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::Output)
}

/// Runs the command that the arguments name.
pub(crate) fn run() -> ExitCode {
    let arguments = match parse() {
        Ok(arguments) => arguments,
        Err(failure) => return fail(&failure),
    };
    match arguments.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
    .write_global();
    notes::set_quiet(arguments.quiet);
    let result = match &arguments.command {
        Command::Check(arguments) => check::run(arguments),
        Command::Snapshot(arguments) => snapshot::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Trace(arguments) => trace::run(arguments),
        Command::Plan(arguments) => plan::run(arguments),
        Command::Run(arguments) => run::run(arguments),
        Command::Webhook(arguments) => webhook::run(arguments),
        Command::Cleanup(arguments) => cleanup::run(arguments),
        Command::Rules(arguments) => rules::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Component(arguments) => component::run(arguments),
        Command::Schema(arguments) => schema::run(arguments),
        Command::Completions(arguments) => completions::run(arguments),
        Command::Manual(arguments) => manual::run(arguments),
    };
    match result {
        Ok(outcome) => outcome.into(),
        // Whoever reads our output has seen enough: `podroute check | head`.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => fail(&failure),
    }
}

fn fail(failure: &Failure) -> ExitCode {
    anstream::eprintln!("{}: {failure}", podroute::render::style::error("error"));
    Outcome::Unusable.into()
}

/// The arguments, with the project's own as defaults. Wrong usage ends the
/// program here, as does `--help`.
fn parse() -> Result<Arguments, Failure> {
    let given: Vec<OsString> = env::args_os().collect();
    let config = Config::find(&given)?;
    let mut command = Arguments::command();
    if let Some(config) = &config {
        command = config.apply(command)?;
    }
    let parsed = command
        .try_get_matches_from_mut(&given)
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    parsed.map_err(|error| {
        let error = error.format(&mut command);
        if error.use_stderr()
            && let Some(config) = &config
        {
            let note = podroute::render::style::info("note");
            let path = config.path.display();
            anstream::eprintln!(
                "{note}: some options come from {path}; --no-config leaves them out"
            );
        }
        error.exit()
    })
}
