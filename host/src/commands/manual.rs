//! `podroute manual`: man pages.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::{Failure, Outcome};

/// Print the man page, or write a page for each command into a folder.
#[derive(Args)]
#[command(after_help = "Examples:
  podroute manual | man -l -
  podroute manual --folder /usr/local/share/man/man1")]
pub(super) struct Arguments {
    /// Write podroute.1, podroute-check.1 and so on into this folder
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut command = super::Arguments::command();
    command.build();
    match &arguments.folder {
        None => io::stdout().lock().write_all(&page(command)?)?,
        Some(folder) => {
            fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
            for of_command in command.get_subcommands() {
                // `build` has given it its whole name: podroute-check.
                write(folder, of_command.clone())?;
            }
            write(folder, command)?;
        }
    }
    Ok(Outcome::Clean)
}

fn write(folder: &Path, command: Command) -> Result<(), Failure> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let file = folder.join(format!("{name}.1"));
    fs::write(&file, page(command)?).map_err(|error| unwritable(&file, &error))
}

fn page(command: Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(page)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::Usage(format!("{}: {error}", path.display()))
}
