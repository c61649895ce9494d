//! Looking at a cluster: options, and what is shown as it goes.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clap::Args;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use podroute::Policy;
use podroute::capture::{self, Captured, Options, Progress};
use podroute::daemon::kinds::Source;
use podroute::policy::Settings;
use podroute::snapshot::State;
use tokio::signal::unix::{SignalKind, signal};

use super::kube_options::{KubeOptions, client};
use super::{Failure, notes, runtime};

const HEADING: &str = "Kubernetes";

#[derive(Args)]
pub(super) struct LiveOptions {
    #[command(flatten)]
    kube: KubeOptions,

    /// Ask as this user, as kubectl's --as
    #[arg(long = "as", value_name = "USER", help_heading = HEADING)]
    user: Option<String>,

    /// Ask as a member of this group; may be repeated
    #[arg(long = "as-group", value_name = "GROUP", requires = "user", help_heading = HEADING)]
    groups: Vec<String>,

    /// Do not check the server's certificate: whoever is in between can show another cluster
    #[arg(long, help_heading = HEADING)]
    insecure_skip_tls_verify: bool,

    /// How long the API server may take to answer a request
    #[arg(long, value_name = "SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = HEADING)]
    request_timeout: u64,

    /// Do not list Pods: no route comes from them, but some rules look at them
    #[arg(long, help_heading = HEADING)]
    no_pods: bool,
}

impl LiveOptions {
    /// Whether any is given that would do nothing without a cluster.
    pub(super) fn is_given(&self) -> bool {
        self.kube.is_given() || self.user.is_some() || self.insecure_skip_tls_verify || self.no_pods
    }

    /// Captures what the evaluation needs.
    pub(super) fn capture(
        &self,
        policy: &Policy,
        settings: &Settings,
    ) -> Result<Captured, Failure> {
        self.capture_kinds(policy, settings, false)
    }

    /// The same, or every kind that can be read.
    pub(super) fn capture_kinds(
        &self,
        policy: &Policy,
        settings: &Settings,
        every_kind: bool,
    ) -> Result<Captured, Failure> {
        let answer = Duration::from_secs(self.request_timeout);
        let options = Options {
            pods: !self.no_pods,
            every_kind,
            answer,
        };
        runtime()?.block_on(async {
            let mut config = self.kube.config().await?;
            config.connect_timeout = Some(answer);
            config.read_timeout = Some(answer);
            config.accept_invalid_certs |= self.insecure_skip_tls_verify;
            if self.user.is_some() {
                config.auth_info.impersonate.clone_from(&self.user);
                config.auth_info.impersonate_groups =
                    (!self.groups.is_empty()).then(|| self.groups.clone());
            }
            let client = client(config)?;
            let bars = Bars::new();
            let tell = |progress| bars.show(progress);
            let mut terminated = signal(SignalKind::terminate())?;
            let captured = tokio::select! {
                captured = capture::capture(client, policy, settings, options, &tell) => captured,
                _ = tokio::signal::ctrl_c() => return Err(interrupted()),
                _ = terminated.recv() => return Err(interrupted()),
            };
            bars.all.clear()?;
            Ok(captured?)
        })
    }
}

fn interrupted() -> Failure {
    Failure::Usage("interrupted before the cluster was read; nothing was written".to_owned())
}

/// A progress bar for each list that is under way.
struct Bars {
    all: MultiProgress,
    by_source: Mutex<BTreeMap<&'static Source, ProgressBar>>,
}

impl Bars {
    fn new() -> Self {
        let target = if notes::is_quiet() || !io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        Self {
            all: MultiProgress::with_draw_target(target),
            by_source: Mutex::default(),
        }
    }

    fn show(&self, progress: Progress) {
        let mut bars = self
            .by_source
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match progress {
            Progress::Started { source } => {
                let bar = self.all.add(ProgressBar::no_length());
                if let Ok(style) = ProgressStyle::with_template("{prefix:32} {pos:>7} {msg}") {
                    bar.set_style(style);
                }
                bar.set_prefix(source.to_string());
                bar.tick();
                bars.insert(source, bar);
            }
            Progress::Page {
                source,
                count,
                rest,
            } => {
                if let Some(bar) = bars.get(source) {
                    bar.set_position(count as u64);
                    if rest > 0 {
                        bar.set_message(format!("of {}", count + rest));
                    }
                }
            }
            Progress::Done {
                source,
                state,
                count,
            } => {
                if let Some(bar) = bars.remove(source) {
                    bar.set_position(count as u64);
                    bar.finish_with_message(match state {
                        State::Listed => "",
                        State::Absent => "not in this cluster",
                        State::Failed => "could not be listed",
                        State::Forbidden => "forbidden",
                    });
                }
            }
        }
    }
}
