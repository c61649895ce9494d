//! The verbs, one file each, and what they share.

mod check;
mod cleanup;
mod completions;
mod component;
mod explain;
mod fail_on;
mod kube_options;
mod outputs;
mod owner_options;
mod policy_options;
mod rules;
mod run;
mod schema;
mod settings_options;
mod snapshot_paths;
mod vrf_plan;
mod webhook;

use std::io;
use std::process::ExitCode;

use anstream::ColorChoice;
use clap::{Parser, Subcommand, ValueEnum};

/// Which node must a packet for a pod go to, and is the cluster configured so that it will arrive?
#[derive(Parser)]
#[command(name = "podroute", version, max_term_width = 100)]
#[command(after_help = "Examples:
  podroute check cluster.yaml                check a snapshot
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
}

#[derive(Subcommand)]
enum Command {
    Check(Box<check::Arguments>),
    Run(Box<run::Arguments>),
    Webhook(Box<webhook::Arguments>),
    Cleanup(Box<cleanup::Arguments>),
    Rules(rules::Arguments),
    Explain(explain::Arguments),
    Component(component::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
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
    let arguments = Arguments::parse();
    match arguments.color {
        Color::Auto => ColorChoice::Auto,
        Color::Always => ColorChoice::Always,
        Color::Never => ColorChoice::Never,
    }
    .write_global();
    let result = match &arguments.command {
        Command::Check(arguments) => check::run(arguments),
        Command::Run(arguments) => run::run(arguments),
        Command::Webhook(arguments) => webhook::run(arguments),
        Command::Cleanup(arguments) => cleanup::run(arguments),
        Command::Rules(arguments) => rules::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Component(arguments) => component::run(arguments),
        Command::Schema(arguments) => schema::run(arguments),
        Command::Completions(arguments) => completions::run(arguments),
    };
    match result {
        Ok(outcome) => outcome.into(),
        // Whoever reads our output has seen enough: `podroute check | head`.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            anstream::eprintln!("{}: {failure}", podroute::render::style::error("error"));
            Outcome::Unusable.into()
        }
    }
}
