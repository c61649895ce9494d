//! Where reports go, and in which formats.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use anstream::adapter::strip_str;
use clap::Args;
use podroute::formats::{Checked, Format};
use podroute::render::table;

use super::Failure;

#[derive(Args)]
pub(super) struct OutputOptions {
    /// Output format, to standard output or to a file; may be repeated. See Formats below
    #[arg(
        long = "format",
        value_name = "FORMAT[=FILE]",
        default_value = "table",
        help_heading = "Output"
    )]
    outputs: Vec<Output>,

    /// Print every route, however many there are
    #[arg(long, help_heading = "Output")]
    all_routes: bool,
}

/// One format, and where it goes.
#[derive(Clone, Debug)]
struct Output {
    format: Format,
    /// None: standard output.
    file: Option<PathBuf>,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((name, file)) => (name, Some(file)),
            None => (text, None),
        };
        let format = Format::named(name).ok_or_else(|| {
            let known: Vec<&str> = Format::ALL.iter().map(|(_, name, _)| *name).collect();
            format!(
                "there is no format `{name}`; there are {}",
                known.join(", ")
            )
        })?;
        match file {
            Some("") => Err(format!("a file name is missing: {name}=FILE")),
            Some("-") | None => Ok(Self { format, file: None }),
            Some(file) => Ok(Self {
                format,
                file: Some(file.into()),
            }),
        }
    }
}

impl OutputOptions {
    /// Refuses what would end up in one heap.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let to_terminal = self.outputs.iter().filter(|one| one.file.is_none());
        if to_terminal.count() > 1 {
            return Err(Failure::Usage(
                "only one --format can go to standard output; give the others a file: --format json=report.json".to_owned(),
            ));
        }
        Ok(())
    }

    /// Whether a format like this is asked for.
    pub(super) fn any(&self, is_one: impl Fn(Format) -> bool) -> bool {
        self.outputs.iter().any(|one| is_one(one.format))
    }

    /// Whether anything that is asked for tells the policy's problems itself
    /// where a person sees it.
    pub(super) fn tells_problems(&self) -> bool {
        let mut to_terminal = self.outputs.iter().filter(|one| one.file.is_none());
        to_terminal.any(|one| one.format.has_problems())
    }

    pub(super) fn routes(&self) -> table::Routes {
        if self.all_routes {
            table::Routes::All
        } else {
            table::Routes::Some
        }
    }

    /// Writes everything about one cluster.
    pub(super) fn write(&self, checked: &Checked<'_>) -> Result<(), Failure> {
        self.write_each(|format| Ok(format.render(checked)))
    }

    /// Writes everything, files first: whoever waits for the end of standard
    /// output finds them there.
    pub(super) fn write_each(
        &self,
        render: impl Fn(Format) -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        for output in &self.outputs {
            if let Some(file) = &output.file {
                let text = render(output.format)?;
                fs::write(file, strip_str(&text).to_string())
                    .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))?;
            }
        }
        for output in self.outputs.iter().filter(|one| one.file.is_none()) {
            let text = render(output.format)?;
            if output.format == Format::Table {
                anstream::stdout().lock().write_all(text.as_bytes())?;
            } else {
                io::stdout().lock().write_all(text.as_bytes())?;
            }
        }
        Ok(())
    }
}

/// For `--help`: every format in a line.
pub(super) fn help() -> String {
    let lines = Format::ALL.map(|(_, name, what)| format!("  {name:<12} {what}\n"));
    format!("Formats:\n{}", lines.concat())
}
