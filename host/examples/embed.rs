//! The policy inside a Rust program, under limits of its own.
//!
//! `cargo run --release --example embed [POLICY.wasm]`: the built-in policy,
//! or another component of the same world.
#![cfg_attr(test, allow(clippy::unwrap_used))]

use std::env;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use podroute::Policy;
use podroute::policy::{Change, Error, Limits, Settings, Verdict};
use serde_json::json;

fn main() -> ExitCode {
    match run(env::args_os().nth(1).as_deref().map(Path::new)) {
        Ok(lines) => {
            println!("{}", lines.join("\n"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}: {}", what_to_do(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(component: Option<&Path>) -> Result<Vec<String>, Error> {
    // Once, at the start. A clone costs nothing, and threads may share it.
    let policy = match component {
        Some(path) => Policy::from_file(path)?,
        None => Policy::built_in()?,
    };
    let policy = policy.with_limits(Limits {
        memory: 256 << 20,
        deadline: Duration::from_secs(5),
    });
    let mut lines = routes(&policy)?;
    lines.extend(review(&policy)?);
    Ok(lines)
}

/// One snapshot in, one report out, nothing kept.
fn routes(policy: &Policy) -> Result<Vec<String>, Error> {
    let node = node("worker-1", "10.244.1.0/24", "192.0.2.11");
    let report = policy.evaluate(&[node], &settings())?;
    // Then the routes are incomplete, and no findings would mean nothing.
    if !report.undecided.is_empty() {
        return Ok(report.undecided);
    }
    let routes = report.routes.iter();
    Ok(routes
        .map(|route| format!("{} via {}", route.prefix, route.next_hop))
        .collect())
}

/// A cluster that is kept, and what a change would do to it. Asking does not
/// make the change; [`podroute::policy::Cluster::upsert`] does.
fn review(policy: &Policy) -> Result<Vec<String>, Error> {
    let mut cluster = policy.open(&settings())?;
    let problems = cluster.load(&[node("worker-1", "10.244.1.0/24", "192.0.2.11")])?;
    let mut lines: Vec<String> = problems.into_iter().map(|it| it.message).collect();

    let change = Change::Put(node("worker-2", "10.244.1.0/24", "192.0.2.12"));
    let review = cluster.review(&[change])?;
    lines.push(match review.verdict {
        Verdict::Allow => "allowed".to_owned(),
        Verdict::Warn => "allowed, with warnings".to_owned(),
        Verdict::Deny => "denied".to_owned(),
    });
    lines.extend(review.added.into_iter().map(|finding| finding.rule));
    Ok(lines)
}

/// No error is a verdict. A policy survives all of them; a cluster does not
/// survive the ones that stop it.
fn what_to_do(error: &Error) -> &'static str {
    match error {
        Error::InvalidSetting { .. } | Error::InvalidRequest(_) => {
            "asking again gives the same answer; correct the request"
        }
        Error::Deadline(_) | Error::OutOfMemory(_) => {
            "raise the limit, or let the caller decide without a verdict"
        }
        Error::Trap(_) | Error::Lost => "open a new cluster and put the objects in again",
        Error::Unreadable { .. } | Error::NotAPolicy(_) => "name another component",
        _ => "report this",
    }
}

fn settings() -> Settings {
    Settings {
        cni: Some("kubernetes".to_owned()),
        ..Settings::default()
    }
}

/// An object as the API server writes it, as text.
fn node(name: &str, pod_cidr: &str, address: &str) -> String {
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name},
        "spec": {"podCIDR": pod_cidr, "podCIDRs": [pod_cidr]},
        "status": {"addresses": [{"type": "InternalIP", "address": address}]},
    })
    .to_string()
}

#[test]
fn a_second_node_with_the_same_prefix_is_denied() {
    assert_eq!(
        run(None).unwrap(),
        [
            "10.244.1.0/24 via 192.0.2.11",
            "denied",
            "route/duplicate-prefix",
        ]
    );
}

#[test]
fn a_file_that_is_no_component_is_an_error_with_advice() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    let error = run(Some(path)).unwrap_err();
    assert!(matches!(error, Error::NotAPolicy(_)), "{error:?}");
    assert_eq!(what_to_do(&error), "name another component");
}
