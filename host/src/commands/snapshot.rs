//! `podroute snapshot`: a cluster as a file.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap::Args;
use podroute::capture::redact::{self, Key};
use podroute::capture::{Captured, Encoding, write_file, write_to};
use podroute::policy::Settings;
use podroute::render::style;

use super::live::LiveOptions;
use super::policy_options::PolicyOptions;
use super::{Failure, Outcome};

/// Take a snapshot of a cluster, to check it later or elsewhere.
///
/// Lists the kinds that `podroute check` needs of this cluster and writes them to one file, without
/// what nobody reads. Nothing is changed, and no Secret is asked for. Kinds that the cluster does
/// not let you list stand in the file as such: a later check says that it does not know them.
#[derive(Args)]
#[command(after_help = "Exit codes:
  0  every kind was listed
  2  wrong usage, or no cluster that answers; nothing was written
  3  written, but some kinds could not be listed: a check will say which rules it could not evaluate

Examples:
  podroute snapshot -o cluster.json
  podroute snapshot -o cluster.yaml.gz --context shop
  podroute snapshot -o for-support.json --redact
  podroute snapshot -o monday.json --redact --redact-key key   the same names as in other files
  podroute snapshot -o - | ssh ci podroute check -")]
pub(super) struct Arguments {
    /// The file: JSON, or YAML when it ends in .yaml or .yml; packed when .gz follows. - is standard
    /// output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    /// Every kind that podroute can read, not only those that are needed of this cluster
    #[arg(long)]
    all: bool,

    /// Replace names and addresses by others; see docs/snapshot.md for what that does not hide
    #[arg(long)]
    redact: bool,

    /// A file with a secret: snapshots with the same secret have the same replacements
    #[arg(long, value_name = "FILE", requires = "redact")]
    redact_key: Option<PathBuf>,

    #[command(flatten)]
    cluster: LiveOptions,

    #[command(flatten)]
    policy: PolicyOptions,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let policy = arguments.policy.load()?;
    let key = arguments.key()?;
    let mut captured =
        arguments
            .cluster
            .capture_kinds(&policy, &Settings::default(), arguments.all)?;
    for gap in captured.gaps() {
        let reason = gap.reason.as_deref().unwrap_or_default();
        anstream::eprintln!("{}: {}: {reason}", style::warning("warning"), gap.kind);
    }
    let outcome = match captured.gaps().next() {
        Some(_) => Outcome::Undecided,
        None => Outcome::Clean,
    };
    if let Some(key) = key {
        let redacted = redact::redact(&captured, &key, &rule_ids(&policy)?);
        let fields: Vec<String> = redacted.left_out.into_iter().collect();
        if !fields.is_empty() {
            anstream::eprintln!(
                "{}: left out, as nobody reads it: {}",
                style::info("note"),
                fields.join(", ")
            );
        }
        captured = redacted.captured;
    }
    arguments.write(&captured)?;
    Ok(outcome)
}

fn rule_ids(policy: &podroute::Policy) -> Result<Vec<String>, Failure> {
    Ok(policy.rules()?.into_iter().map(|rule| rule.id).collect())
}

impl Arguments {
    fn key(&self) -> Result<Option<Key>, Failure> {
        let Some(path) = &self.redact_key else {
            let random = || Key::random().map_err(|error| Failure::Usage(error.to_string()));
            return self.redact.then(random).transpose();
        };
        let failed = |why: String| Failure::Usage(format!("{}: {why}", path.display()));
        let secret = fs::read(path).map_err(|error| failed(error.to_string()))?;
        Key::of(&secret).map(Some).map_err(|error| {
            failed(format!(
                "{error}; make one with: head -c 32 /dev/urandom > {}",
                path.display()
            ))
        })
    }

    fn write(&self, captured: &Captured) -> Result<(), Failure> {
        if self.output.as_os_str() == "-" {
            return Ok(write_to(
                captured,
                Encoding::default(),
                io::stdout().lock(),
            )?);
        }
        write_file(captured, &self.output)
            .map_err(|error| Failure::Usage(format!("{}: {error}", self.output.display())))
    }
}
