//! Options that choose a cluster.

use std::path::PathBuf;

use clap::Args;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use super::Failure;

#[derive(Args)]
pub(super) struct KubeOptions {
    /// Kubeconfig file [default: KUBECONFIG, ~/.kube/config, else the service account of the pod]
    #[arg(long, value_name = "FILE", help_heading = "Kubernetes")]
    kubeconfig: Option<PathBuf>,

    /// Context of the kubeconfig, instead of its current one
    #[arg(long, value_name = "NAME", help_heading = "Kubernetes")]
    context: Option<String>,
}

impl KubeOptions {
    /// Whether a cluster is chosen.
    pub(super) fn is_given(&self) -> bool {
        self.kubeconfig.is_some() || self.context.is_some()
    }

    /// A client of the cluster. Nothing is asked of it yet.
    pub(super) async fn client(&self) -> Result<Client, Failure> {
        client(self.config().await?)
    }

    /// How the cluster is reached.
    pub(super) async fn config(&self) -> Result<Config, Failure> {
        let options = KubeConfigOptions {
            context: self.context.clone(),
            ..KubeConfigOptions::default()
        };
        let mut config = match (&self.kubeconfig, &self.context) {
            (Some(path), _) => {
                let failed = |error| {
                    Failure::Usage(format!("kubeconfig {}: {error}", path.display()))
                };
                let kubeconfig = Kubeconfig::read_from(path).map_err(failed)?;
                let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
                config.map_err(failed)?
            }
            (None, Some(_)) => Config::from_kubeconfig(&options)
                .await
                .map_err(|error| Failure::Usage(format!("kubeconfig: {error}")))?,
            (None, None) => Config::infer().await.map_err(|error| {
                Failure::Usage(format!(
                    "no cluster is configured: {error}; name a kubeconfig with --kubeconfig, or run in a pod"
                ))
            })?,
        };
        // Who asks has its own pauses, and wants to know that an API server
        // refuses.
        config.default_retry = false;
        Ok(config)
    }
}

pub(super) fn client(config: Config) -> Result<Client, Failure> {
    Client::try_from(config)
        .map_err(|error| Failure::Usage(format!("no client for the cluster: {error}")))
}
