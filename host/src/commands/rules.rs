//! `podroute rules`: the catalogue.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use podroute::render::catalogue;

use super::policy_options::PolicyOptions;
use super::{Failure, Outcome};

/// List the rules: what podroute looks for.
#[derive(Args)]
#[command(after_help = "Examples:
  podroute rules
  podroute rules --format json | jq -r '.[].id'")]
pub(super) struct Arguments {
    /// Output format
    #[arg(long, value_enum, default_value = "table")]
    format: Format,

    #[command(flatten)]
    policy: PolicyOptions,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Format {
    /// For people
    Table,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let rules = arguments.policy.load()?.rules()?;
    match arguments.format {
        Format::Table => {
            let text = catalogue::table(&rules);
            anstream::stdout().lock().write_all(text.as_bytes())?;
        }
        Format::Json => writeln!(io::stdout().lock(), "{}", catalogue::list_json(&rules))?,
    }
    Ok(Outcome::Clean)
}
