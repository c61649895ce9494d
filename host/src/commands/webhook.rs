//! `podroute webhook`: answers policy engines.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use kube::Client;
use podroute::daemon::{log, only_reviews};
use podroute::engines::{self, FromSnapshot, Server, Sources};
use podroute::policy::Settings;
use podroute::render::table;
use podroute::snapshot::Snapshot;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::kube_options::KubeOptions;
use super::policy_options::PolicyOptions;
use super::settings_options::SettingsOptions;
use super::{Failure, Outcome, runtime, snapshot_paths};

/// Answer policy engines over HTTPS: what would a change break?
///
/// Watches a cluster as `podroute run` does, and answers which findings a change would add to it:
/// to the Kubernetes API server (/admission), to Gatekeeper (/gatekeeper), and to whoever speaks
/// HTTP (/v1/review). Also evaluates objects that a request brings itself (/v1/evaluate). Nothing
/// is written anywhere. `podroute schema openapi` describes it all.
#[derive(Args)]
#[command(after_help = "Exit codes:
  0  stopped by SIGTERM or SIGINT
  2  wrong usage, or it cannot run

Examples:
  podroute webhook --listen 0.0.0.0:8443 --tls-cert tls.crt --tls-key tls.key
  podroute webhook --listen 0.0.0.0:8443 --self-signed podroute-webhook.podroute.svc --patch-webhook podroute
  podroute webhook --kubeconfig shop.kubeconfig            for this machine alone, without TLS
  podroute webhook --snapshot cluster.yaml                 to try it out, without a cluster
  curl --json '{\"changes\": [{\"delete\": {\"kind\": \"Node\", \"name\": \"worker-1\"}}]}' localhost:8443/v1/review")]
pub(super) struct Arguments {
    /// Take the cluster from here instead of watching one: files, folders, or - for standard input; may be repeated
    #[arg(long, value_name = "PATH", help_heading = "Kubernetes",
          conflicts_with_all = ["kubeconfig", "context", "watch_pods", "names"])]
    snapshot: Vec<PathBuf>,

    #[command(flatten)]
    kube: KubeOptions,

    /// Watch Pods too, for the rules that look at their addresses; takes memory for each
    #[arg(long, env = "PODROUTE_WATCH_PODS", help_heading = "Kubernetes")]
    watch_pods: bool,

    #[command(flatten)]
    server: engines::Options,

    #[command(flatten)]
    log: log::Options,

    #[command(flatten)]
    settings: SettingsOptions,

    #[command(flatten)]
    policy: PolicyOptions,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    arguments
        .log
        .start()
        .map_err(|error| Failure::Usage(error.to_string()))?;
    runtime()?.block_on(run_async(arguments))
}

async fn run_async(arguments: &Arguments) -> Result<Outcome, Failure> {
    let open = |client: Option<&Client>| {
        let server = arguments.server.open(client);
        server.map_err(|error| Failure::Usage(error.to_string()))
    };
    if arguments.snapshot.is_empty() {
        let client = arguments.kube.client().await?;
        let server = open(Some(&client))?;
        let config = only_reviews::Config {
            client,
            policy: arguments.policy.load()?,
            settings: arguments.settings.read()?,
            server,
            admission: arguments.server.admission.clone(),
            watch_pods: arguments.watch_pods,
        };
        only_reviews::run(config).await?;
    } else {
        serve_snapshot(arguments, open(None)?).await?;
    }
    Ok(Outcome::Clean)
}

async fn serve_snapshot(arguments: &Arguments, server: Server) -> Result<(), Failure> {
    let mut snapshot = Snapshot::read(&snapshot_paths::inputs(&arguments.snapshot));
    for note in &snapshot.notes {
        warn!("{note}");
    }
    // A part of a cluster would be answered for as if it were all of it.
    if !snapshot.errors.is_empty() {
        let errors: Vec<String> = snapshot.errors.iter().map(ToString::to_string).collect();
        return Err(Failure::Usage(format!("--snapshot: {}", errors.join("; "))));
    }
    let policy = arguments.policy.load()?;
    let settings = Settings {
        listed_kinds: snapshot.listed_kinds.iter().cloned().collect(),
        gaps: snapshot.gaps.clone(),
        ..arguments.settings.read()?
    };
    let documents = std::mem::take(&mut snapshot.documents);
    let (reviewer, problems) = FromSnapshot::open(policy.clone(), settings, documents)?;
    for problem in &problems {
        warn!("{}", table::problem(problem, &snapshot));
    }
    drop(snapshot);
    let sources = Sources {
        reviewer: Arc::new(reviewer),
        policy,
        admission: arguments.server.admission.clone(),
    };
    only_reviews::serve(server, sources, &CancellationToken::new()).await?;
    Ok(())
}
