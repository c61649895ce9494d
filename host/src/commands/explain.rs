//! `podroute explain`: a rule's page.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use podroute::render::catalogue;

use super::policy_options::PolicyOptions;
use super::{Failure, Outcome};

/// Explain a rule: what it looks for, why it matters, how to mend it, with examples.
#[derive(Args)]
#[command(after_help = "Examples:
  podroute explain ako/cni-plugin-mismatch
  podroute explain sctp/kernel-too-old --format json")]
pub(super) struct Arguments {
    /// The rule's id, as `podroute rules` lists it
    #[arg(value_name = "RULE")]
    rule: String,

    /// Output format
    #[arg(long, value_enum, default_value = "markdown")]
    format: Format,

    #[command(flatten)]
    policy: PolicyOptions,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// The page as it is
    Markdown,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let rules = arguments.policy.load()?.rules()?;
    let Some(rule) = rules.iter().find(|rule| rule.id == arguments.rule) else {
        return Err(unknown(&arguments.rule, &rules));
    };
    match arguments.format {
        Format::Markdown => io::stdout().lock().write_all(rule.page.as_bytes())?,
        Format::Json => writeln!(io::stdout().lock(), "{}", catalogue::rule_json(rule))?,
    }
    Ok(Outcome::Clean)
}

/// Names the rules that could have been meant.
fn unknown(id: &str, rules: &[podroute::policy::Rule]) -> Failure {
    let name = id.rsplit('/').next().unwrap_or(id);
    let close: Vec<&str> = rules
        .iter()
        .map(|rule| rule.id.as_str())
        .filter(|known| !name.is_empty() && known.contains(name))
        .take(5)
        .collect();
    Failure::Usage(match close.as_slice() {
        [] => format!("there is no rule `{id}`; `podroute rules` lists them all"),
        close => format!(
            "there is no rule `{id}`; did you mean {}?",
            close.join(" or ")
        ),
    })
}
