//! What the daemon tells as it goes: one line per event, to standard error.

use std::env;
use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};
use tracing::Dispatch;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, ParseError};
use tracing_subscriber::fmt::MakeWriter;

const HEADING: &str = "Log";

#[derive(Args, Clone, Debug)]
#[group(id = "log-options")]
pub struct Options {
    /// Format of the log, which goes to standard error; times are in UTC
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT",
          env = "PODROUTE_LOG_FORMAT", help_heading = HEADING)]
    log_format: Format,

    /// What is logged: error, warn, info, debug, trace, also by module: info,podroute=debug
    #[arg(long, default_value = "info", value_name = "FILTER", value_parser = filter_text,
          env = "PODROUTE_LOG", help_heading = HEADING)]
    log_level: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object per line
    Json,
}

/// Why there can be no log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("--log-level: {0}; expected something like `info` or `info,podroute=debug`")]
    Filter(#[from] ParseError),
    #[error("something else in this process has begun a log already")]
    Twice,
}

impl Options {
    /// Begins the log, for the whole process.
    pub fn start(&self) -> Result<(), Error> {
        let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colours = io::stderr().is_terminal() && !no_color;
        tracing::dispatcher::set_global_default(self.log_to(io::stderr, colours)?)
            .map_err(|_| Error::Twice)
    }

    /// The same log to somewhere else.
    pub fn log_to<W>(&self, writer: W, colours: bool) -> Result<Dispatch, Error>
    where
        W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    {
        let log = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::builder().parse(directives(&self.log_level))?)
            .with_ansi(colours)
            .with_writer(writer);
        Ok(match self.log_format {
            Format::Text => Dispatch::new(log.finish()),
            Format::Json => Dispatch::new(log.json().flatten_event(true).finish()),
        })
    }
}

/// A level alone is that of podroute. Its libraries talk of every connection,
/// and are heard from a warning on; kube's client warns of every watch that
/// ends, which is no news. Whoever wants more names a module.
fn directives(text: &str) -> String {
    match text.parse::<LevelFilter>() {
        Ok(level) if level > LevelFilter::WARN => {
            format!("warn,kube_client=error,podroute={level}")
        }
        _ => text.to_owned(),
    }
}

/// As the library takes it, but for a word that is no level: that would be a
/// module, and a mistyped level would silence all others.
fn filter_text(text: &str) -> Result<String, String> {
    EnvFilter::builder()
        .parse(text)
        .map_err(|error| error.to_string())?;
    let mistyped = text
        .split(',')
        .filter(|_| !text.contains('['))
        .find(|part| {
            part.is_empty() || !part.contains('=') && part.parse::<LevelFilter>().is_err()
        });
    match mistyped {
        None => Ok(text.to_owned()),
        Some(part) => Err(format!(
            "`{part}` is none of error, warn, info, debug, trace, off; for a module write `{part}=debug`"
        )),
    }
}
