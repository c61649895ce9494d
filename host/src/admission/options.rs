//! What the operator decides: whether changes are denied, and whose are not.

use std::time::Duration;

use clap::{Args, ValueEnum};

const HEADING: &str = "Admission";

#[derive(Args, Clone, Debug)]
#[group(id = "admission-options")]
pub struct Options {
    /// What becomes of a change that adds errors to the cluster
    #[arg(long = "admission-mode", value_name = "MODE", value_enum, default_value_t = Mode::Enforce,
          env = "PODROUTE_ADMISSION_MODE", help_heading = HEADING)]
    mode: Mode,

    /// What becomes of a change that could be denied and cannot be looked at
    #[arg(long = "admission-on-failure", value_name = "ANSWER", value_enum, default_value_t = OnFailure::Fail,
          env = "PODROUTE_ADMISSION_ON_FAILURE", help_heading = HEADING)]
    on_failure: OnFailure,

    /// How long a review may take; less than the webhook's timeoutSeconds, so that --admission-on-failure decides and not the API server
    #[arg(long = "admission-deadline", value_name = "SECONDS", default_value_t = 4,
          value_parser = clap::value_parser!(u64).range(1..=29),
          env = "PODROUTE_ADMISSION_DEADLINE", help_heading = HEADING)]
    deadline: u64,

    /// Namespaces whose objects are warned about and never denied
    #[arg(long = "exempt-namespace", value_name = "NAME", value_delimiter = ',',
          env = "PODROUTE_EXEMPT_NAMESPACES", help_heading = HEADING)]
    namespaces: Vec<String>,

    /// Users whose changes are warned about and never denied, in place of the default
    #[arg(long = "exempt-user", value_name = "NAME", value_delimiter = ',', default_value = USERS,
          env = "PODROUTE_EXEMPT_USERS", help_heading = HEADING)]
    users: Vec<String>,

    /// Groups of users whose changes are warned about and never denied, in place of the default
    #[arg(long = "exempt-group", value_name = "NAME", value_delimiter = ',', default_value = GROUPS,
          env = "PODROUTE_EXEMPT_GROUPS", help_heading = HEADING)]
    groups: Vec<String>,

    /// Groups whose members may accept findings with the annotation podroute.dev/ignore; `*` is everybody
    #[arg(long = "accepting-group", value_name = "NAME", value_delimiter = ',', default_value = ACCEPTING,
          env = "PODROUTE_ACCEPTING_GROUPS", help_heading = HEADING)]
    accepting: Vec<String>,
}

/// The administrators of a cluster, by Kubernetes and by kubeadm.
const ACCEPTING: &str = "system:masters,kubeadm:cluster-admins";

/// Those who report what is, and make what others have asked for. To deny
/// them helps nobody: a node would be cut off for what is so already.
const GROUPS: &str = "system:nodes,system:serviceaccounts:kube-system";

/// The same, where they are not in these groups. Not all of calico-system: its
/// API server writes for people.
const USERS: &str = "system:apiserver,system:kube-controller-manager,\
    system:serviceaccount:calico-system:calico-cni-plugin,\
    system:serviceaccount:calico-system:calico-kube-controllers,\
    system:serviceaccount:calico-system:calico-node";

/// Whether changes are denied at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// It is denied
    Enforce,
    /// It is let through, and the errors are warnings
    Warn,
}

/// What becomes of a change that nothing could be said about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnFailure {
    /// The request fails, and the webhook's failurePolicy decides
    Fail,
    /// It is let through, with a warning that nobody has looked at it
    Allow,
    /// It is denied
    Deny,
}

impl Options {
    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    pub(super) fn on_failure(&self) -> OnFailure {
        self.on_failure
    }

    pub(super) fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline)
    }

    pub(super) fn exempts_namespace(&self, name: &str) -> bool {
        names(&self.namespaces, name)
    }

    pub(super) fn exempts_user(&self, name: &str) -> bool {
        names(&self.users, name)
    }

    pub(super) fn exempts_group(&self, name: &str) -> bool {
        names(&self.groups, name)
    }

    pub(super) fn may_accept(&self, groups: &[String]) -> bool {
        names(&self.accepting, "*") || groups.iter().any(|group| names(&self.accepting, group))
    }

    pub(super) fn accepting(&self) -> String {
        self.accepting.join(", ")
    }
}

/// An empty environment variable is an empty name, which nobody has.
fn names(list: &[String], name: &str) -> bool {
    !name.is_empty() && list.iter().any(|one| one.trim() == name)
}
