//! Whether agents do the work of kube-proxy for NodePort Services.

use crate::detect::cilium::agents::AgentConfig;
use crate::version::Version;

/// The keys that this is read from.
pub(super) const REPLACEMENT: &str = "kube-proxy-replacement";
pub(super) const NODE_PORT: &str = "enable-node-port";

/// None where it cannot be told: the agent finds out, or refuses the value.
pub(super) fn is_on(agents: &AgentConfig<'_>, version: Option<Version>) -> Option<bool> {
    // From 1.19 on a boolean, and the only key.
    if version.is_some_and(|version| version.at_least(1, 19)) {
        return agents.bool(REPLACEMENT, false).ok();
    }
    match agents.text(REPLACEMENT) {
        Some("true" | "strict") => Some(true),
        Some("disabled") => Some(false),
        Some("false" | "partial") | None => agents.bool(NODE_PORT, false).ok(),
        Some(_) => None,
    }
}
