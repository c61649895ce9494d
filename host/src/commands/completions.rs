//! `podroute completions`: shell completions.

use std::io::{self, Write};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Failure, Outcome};

/// Print a shell completion script.
#[derive(Args)]
#[command(after_help = "Examples:
  podroute completions bash > /etc/bash_completion.d/podroute
  podroute completions zsh > \"${fpath[1]}/_podroute\"")]
pub(super) struct Arguments {
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    let mut command = super::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "podroute", &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Outcome::Clean)
}
