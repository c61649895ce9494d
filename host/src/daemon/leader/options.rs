//! Options of the leader election, and the times that follow from them.

use std::collections::hash_map::RandomState;
use std::env;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use clap::{ArgAction, Args};

const HEADING: &str = "Leader election";

#[derive(Args, Clone, Debug)]
#[group(id = "leader-options")]
pub struct Options {
    /// Write only while holding a Lease, so that of several replicas one writes; `false` for a single one without access to Leases
    #[arg(long, value_name = "BOOL", default_value_t = true, default_missing_value = "true", num_args = 0..=1,
          require_equals = true, action = ArgAction::Set, help_heading = HEADING)]
    pub leader_elect: bool,

    /// Name of the Lease; one for each set of routes
    #[arg(long, value_name = "NAME", default_value = "podroute", help_heading = HEADING)]
    pub lease_name: String,

    /// Namespace of the Lease [default: the one of the service account or of the kubeconfig, else `default`]
    #[arg(long, value_name = "NAMESPACE", help_heading = HEADING)]
    pub lease_namespace: Option<String>,

    /// Seconds after which others take over from a leader that is silent; it stops by itself after two thirds of that
    #[arg(long, value_name = "SECONDS", default_value_t = 15, help_heading = HEADING,
          value_parser = clap::value_parser!(u32).range(6..=3600))]
    pub lease_duration: u32,

    /// Name of this replica in the Lease; a random part is added [default: the name of the pod or host]
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    pub identity: Option<String>,
}

/// The three times of an election. Each is measured with the clock of the
/// machine that waits; clocks of different machines are never compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long a candidate has to see no sign of life before it takes over.
    pub lease_duration: Duration,
    /// How long a leader leads without a renewal that succeeded. What it began
    /// before has the rest of the lease duration to arrive.
    pub renew_deadline: Duration,
    /// How often a leader renews. Candidates look less often, at random times.
    pub retry_period: Duration,
}

impl Timing {
    /// In the proportions of Kubernetes' own controllers: of 15 s, 10 s and
    /// 2 s.
    pub fn new(lease_duration: Duration) -> Self {
        Self {
            lease_duration,
            renew_deadline: lease_duration * 2 / 3,
            retry_period: lease_duration * 2 / 15,
        }
    }

    /// How long a candidate waits between two looks: such that several do not
    /// look at the same time.
    pub(super) fn candidate_pause(&self) -> Duration {
        let thousandths = u32::try_from(random() % 1200).unwrap_or_default();
        self.retry_period + self.retry_period * thousandths / 1000
    }

    /// How long one request may take.
    pub(super) fn request_timeout(&self) -> Duration {
        self.renew_deadline / 2
    }
}

impl Options {
    pub fn timing(&self) -> Timing {
        Timing::new(Duration::from_secs(u64::from(self.lease_duration)))
    }

    /// The name in the Lease. No two processes ever have the same, so that
    /// whoever finds its own name there has written it itself.
    pub(super) fn identity(&self) -> String {
        let name = self.identity.clone().unwrap_or_else(host_name);
        format!("{name}_{:016x}", random())
    }
}

fn host_name() -> String {
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    set("POD_NAME")
        .or_else(|| set("HOSTNAME"))
        .or_else(|| fs::read_to_string("/proc/sys/kernel/hostname").ok())
        .map_or_else(|| "podroute".to_owned(), |name| name.trim().to_owned())
}

/// The standard library seeds its maps at random; nothing here is secret.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
