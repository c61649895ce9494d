//! `podroute schema`: the JSON Schemas of the contract.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use podroute::engines;

use super::{Failure, Outcome};

/// Print a JSON Schema: of reports, differences, traces, clusters, reviews, plans, routes, requests or errors; or what `webhook` answers.
#[derive(Args)]
#[command(after_help = "Examples:
  podroute schema report > podroute.report.v1.json")]
pub(super) struct Arguments {
    #[arg(value_enum)]
    schema: Schema,
}

#[derive(Clone, Copy, ValueEnum)]
enum Schema {
    /// podroute.report/v1: what `check --format json` prints
    Report,
    /// podroute.diff/v1: what `diff --format json` prints
    Diff,
    /// podroute.trace/v1: what `trace --format json` prints
    Trace,
    /// podroute.clusters/v1: what `check --cluster ... --format json` prints
    Clusters,
    /// podroute.plan/v1: what /plan of `run` answers
    Plan,
    /// podroute.routes/v1: what /routes of `run` answers
    Routes,
    /// podroute.request/v1: what the component's `json` interface takes
    Request,
    /// podroute.review/v1: what changes would bring about
    Review,
    /// podroute.review-request/v1: how that is asked
    ReviewRequest,
    /// podroute.error/v1: its errors
    Error,
    /// What `webhook` answers over HTTP, OpenAPI 3.1
    Openapi,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let text = match arguments.schema {
        Schema::Report => include_str!("../../../wit/schema/podroute.report.v1.json"),
        Schema::Diff => include_str!("../../../wit/schema/podroute.diff.v1.json"),
        Schema::Trace => include_str!("../../../wit/schema/podroute.trace.v1.json"),
        Schema::Clusters => include_str!("../../../wit/schema/podroute.clusters.v1.json"),
        Schema::Plan => include_str!("../../../wit/schema/podroute.plan.v1.json"),
        Schema::Routes => include_str!("../../../wit/schema/podroute.routes.v1.json"),
        Schema::Request => include_str!("../../../wit/schema/podroute.request.v1.json"),
        Schema::Review => include_str!("../../../wit/schema/podroute.review.v1.json"),
        Schema::ReviewRequest => {
            include_str!("../../../wit/schema/podroute.review-request.v1.json")
        }
        Schema::Error => include_str!("../../../wit/schema/podroute.error.v1.json"),
        Schema::Openapi => engines::description(),
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Outcome::Clean)
}
