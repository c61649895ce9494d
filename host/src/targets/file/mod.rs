//! A file that is rendered from a template, for whatever reads its routes
//! from one: BIRD, FRR, a script, an automation tool.
//!
//! A file cannot be asked for its routes, so they are kept in a second one,
//! the state file. The output file is right when it is what the template
//! makes of the routes in the state file, byte for byte. So a change by hand,
//! another template and a write that was cut off all show in the same way,
//! and are all repaired in the same way: the file is written again.
//!
//! A write goes through these steps, and may be cut off after each:
//!
//! 1. The new text is written to a file beside the output file, and checked.
//!    Cut off here: nothing has happened. The next write removes the draft.
//! 2. The state file is replaced: from here on the new routes are the ones
//!    that were decided on. Cut off here: the output file does not go with
//!    the state file, and is written again.
//! 3. The output file is replaced. Cut off here: the state file says that a
//!    reload is pending, and the reload command runs again.
//! 4. The reload command runs, and the state file says that it did.
//!
//! The file belongs to one owner. Text in it that no state file accounts for
//! is somebody else's, and stays unless `--overwrite` is given.

mod command;
mod held;
mod replace;
mod settings;
mod state;
mod step;
mod target;
mod template;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use self::settings::Settings;
use self::target::FileTarget;
pub(crate) use self::template::comment;
pub use self::template::{Template, render};
use super::{Bound, Error};

/// Options of the target `file`.
#[derive(Args)]
#[group(skip)]
pub struct Options {
    /// File to write; a symbolic link stays, and the file that it points to is replaced
    #[arg(long, value_name = "FILE", env = "PODROUTE_FILE_OUTPUT")]
    output: PathBuf,

    /// What to write: frr, bird, iproute2, avi, json, or the path of a minijinja template
    #[arg(long, value_name = "NAME|FILE", env = "PODROUTE_FILE_TEMPLATE")]
    template: String,

    /// Shell command that has the file's reader take over a change, for example `birdc configure`;
    /// $PODROUTE_FILE is the file. It is run until it succeeds
    #[arg(long, value_name = "COMMAND", env = "PODROUTE_FILE_RELOAD")]
    reload: Option<String>,

    /// Shell command that looks at a new file before it replaces the old one, for example
    /// `bird -p -c {}`; {} and $PODROUTE_FILE are the new file. If it fails, the old file stays
    #[arg(long, value_name = "COMMAND", env = "PODROUTE_FILE_CHECK")]
    check: Option<String>,

    /// Seconds after which either command is stopped and has failed
    #[arg(
        long,
        value_name = "SECONDS",
        env = "PODROUTE_FILE_COMMAND_TIMEOUT",
        default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(1..=3600)
    )]
    command_timeout: u64,

    /// Permissions of the file, such as 640 [default: those that it has; 644 for a new file]
    #[arg(long, env = "PODROUTE_FILE_MODE", value_parser = mode)]
    mode: Option<u32>,

    /// Where podroute keeps what it wrote; must last as long as the file
    /// [default: FILE.podroute.json]
    #[arg(long, value_name = "FILE", env = "PODROUTE_FILE_STATE")]
    state: Option<PathBuf>,

    /// Replace the file even if podroute does not know what it holds
    #[arg(long, env = "PODROUTE_FILE_OVERWRITE")]
    overwrite: bool,
}

impl Options {
    /// The one table of this target, for the routes of all nodes.
    pub fn open(&self, owner: &str) -> Result<Vec<Bound>, Error> {
        let settings = Settings {
            output: settings::absolute(&self.output)?,
            state: match &self.state {
                Some(state) => settings::absolute(state)?,
                None => settings::beside(&self.output)?,
            },
            template: self.template.clone(),
            owner: owner.to_owned(),
            mode: self.mode,
            overwrite: self.overwrite,
            reload: self.reload.clone(),
            check: self.check.clone(),
            timeout: Duration::from_secs(self.command_timeout),
        };
        settings.template()?;
        Ok(vec![Bound {
            target: Box::new(FileTarget::new(Arc::new(settings))),
            nodes: None,
        }])
    }
}

fn mode(text: &str) -> Result<u32, String> {
    match u32::from_str_radix(text, 8) {
        Ok(mode) if mode <= 0o777 => Ok(mode),
        _ => Err("give three octal digits, such as 640".to_owned()),
    }
}
