//! `podroute component`: the policy itself, to run it elsewhere.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;
use podroute::policy::COMPONENT;

use super::{Failure, Outcome};

/// Write the built-in policy component (WebAssembly), to embed it elsewhere.
#[derive(Args)]
#[command(after_help = "Examples:
  podroute component --output podroute-policy.wasm
  podroute component | wasm-tools component wit")]
pub(super) struct Arguments {
    /// The file to write; without it, standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    match &arguments.output {
        Some(path) => fs::write(path, COMPONENT)
            .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?,
        None if io::stdout().is_terminal() => {
            return Err(Failure::Usage(
                "a component is not for terminals; use --output FILE".to_owned(),
            ));
        }
        None => io::stdout().lock().write_all(COMPONENT)?,
    }
    Ok(Outcome::Clean)
}
