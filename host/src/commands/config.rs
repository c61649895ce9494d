//! podroute.toml: options that a project sets once. What it says takes the
//! place of the defaults, so that flags and the environment count more.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::builder::OsStr;
use clap::{Arg, ArgAction, Command, ValueHint};
use toml::{Table, Value};

/// The file's name. It is looked for in the current folder and those above.
const NAME: &str = "podroute.toml";

/// The options that say which file to use, and that do not come from one.
const OWN: [&str; 4] = ["config", "no-config", "help", "version"];

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("{}: {source}", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: {message}", path.display())]
    Invalid { path: PathBuf, message: String },
}

/// A file that was read.
pub(super) struct Config {
    pub(super) path: PathBuf,
    commands: Table,
}

impl Config {
    /// The configuration for these arguments: the file that they name, else
    /// the one of PODROUTE_CONFIG, else the nearest.
    pub(super) fn find(arguments: &[OsString]) -> Result<Option<Self>, Error> {
        let named = match asked_for(arguments) {
            Asked::None => return Ok(None),
            Asked::File(path) => Some(path),
            Asked::Nearest => env::var_os("PODROUTE_CONFIG").map(PathBuf::from),
        };
        let found = named.or_else(|| nearest(&env::current_dir().ok()?));
        found.map(|path| Self::read(&path)).transpose()
    }

    fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|source| Error::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let commands = text
            .parse()
            .map_err(|error: toml::de::Error| Error::Invalid {
                path: path.to_owned(),
                message: error.to_string(),
            })?;
        Ok(Self {
            path: path.to_owned(),
            commands,
        })
    }

    /// The command with what the file says as its defaults.
    pub(super) fn apply(&self, mut command: Command) -> Result<Command, Error> {
        for (name, options) in &self.commands {
            let Value::Table(options) = options else {
                return Err(self.invalid(format!(
                    "`{name}` is no table; options stand under the command that they are for, as in [check]"
                )));
            };
            let Some(of_command) = command.find_subcommand(name) else {
                let known = command.get_subcommands().map(Command::get_name);
                let known: Vec<&str> = known.collect();
                return Err(self.invalid(format!(
                    "there is no command `{name}`; there are {}",
                    known.join(", ")
                )));
            };
            let mut changes = Vec::new();
            for (key, value) in options {
                changes.push(self.change(of_command, name, key, value)?);
            }
            command = command.mut_subcommand(name, |of_command| {
                changes
                    .into_iter()
                    .fold(of_command, |command, (id, values)| {
                        command.mut_arg(id, |option| option.required(false).default_values(values))
                    })
            });
        }
        Ok(command)
    }

    /// An option of a command, and its values.
    fn change(
        &self,
        command: &Command,
        name: &str,
        key: &str,
        value: &Value,
    ) -> Result<(String, Vec<OsStr>), Error> {
        let option = command
            .get_arguments()
            .find(|option| called(option) == Some(key) && !OWN.contains(&key))
            .ok_or_else(|| {
                let known: Vec<&str> = command.get_arguments().filter_map(called).collect();
                self.invalid(format!(
                    "[{name}] has `{key}`, which is no option of it; there are {}",
                    known.join(", ")
                ))
            })?;
        let values = texts(value).ok_or_else(|| {
            self.invalid(format!(
                "[{name}] {key}: a text, a number, true or false, or a list of these is expected"
            ))
        })?;
        let takes_several = matches!(option.get_action(), ArgAction::Append)
            || option
                .get_num_args()
                .is_some_and(|count| count.max_values() > 1);
        if values.len() != 1 && !takes_several {
            return Err(self.invalid(format!("[{name}] {key}: one value is expected")));
        }
        let values = values.into_iter().map(|value| self.resolved(option, value));
        Ok((option.get_id().to_string(), values.collect()))
    }

    /// Paths are relative to the file that they stand in.
    fn resolved(&self, option: &Arg, value: String) -> OsStr {
        let is_path = matches!(
            option.get_value_hint(),
            ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath
        );
        let folder = self.path.parent().filter(|_| is_path && value != "-");
        match folder {
            Some(folder) => folder.join(value).into_os_string().into(),
            None => value.into(),
        }
    }

    fn invalid(&self, message: String) -> Error {
        Error::Invalid {
            path: self.path.clone(),
            message,
        }
    }
}

/// What the command line says of configurations.
enum Asked {
    Nearest,
    File(PathBuf),
    None,
}

/// Looks for `--config` and `--no-config` before anything is parsed: what
/// parses depends on it.
fn asked_for(arguments: &[OsString]) -> Asked {
    let mut asked = Asked::Nearest;
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--") => break,
            Some("--no-config") => return Asked::None,
            Some("--config") => {
                if let Some(path) = arguments.next() {
                    asked = Asked::File(path.into());
                }
            }
            Some(text) => {
                if let Some(path) = text.strip_prefix("--config=") {
                    asked = Asked::File(path.into());
                }
            }
            None => {}
        }
    }
    asked
}

fn nearest(folder: &Path) -> Option<PathBuf> {
    let files = folder.ancestors().map(|folder| folder.join(NAME));
    files.into_iter().find(|file| file.is_file())
}

/// What an option is called in the file: as on the command line, or by its
/// name where it has none there.
fn called(option: &Arg) -> Option<&str> {
    match option.get_long() {
        Some(long) => Some(long),
        None => Some(option.get_id().as_str()),
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(values) => values.iter().map(text).collect(),
        value => Some(vec![text(value)?]),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(choice) => Some(choice.to_string()),
        Value::Datetime(time) => Some(time.to_string()),
        Value::Float(_) | Value::Array(_) | Value::Table(_) => None,
    }
}
