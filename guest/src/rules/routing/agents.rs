//! What the rules of the family share: agents are judged one configuration
//! after the other, by the routing mode of their version.

use crate::detect::cilium::agents::AgentConfig;
use crate::detect::cilium::routing::{RoutingMode, Unclear};
use crate::prefix::Family;
use crate::report::ObjectRef;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Verdict};
use crate::version::Version;

/// What follows when agents do not start.
pub(super) const NO_AGENT: &str =
    "no new pod gets a network, and what runs no longer follows changes";

/// How a changed setting takes effect.
pub(super) const RESTART: &str =
    "and restart the agents: kubectl -n kube-system rollout restart daemonset/cilium";

/// Judges each configuration that differs in one of `keys`. What one of them
/// lacks for a verdict does not end the others.
pub(super) fn each(
    context: &Context<'_>,
    verdict: &mut Verdict,
    keys: &[&str],
    judge: impl Fn(&AgentConfig<'_>) -> Result<Option<Draft>, Missing>,
) -> Result<(), Missing> {
    for agents in context.cilium_agents(keys)? {
        match judge(&agents) {
            Ok(Some(draft)) => verdict.report(draft),
            Ok(None) => {}
            Err(missing) => verdict.lacks(missing),
        }
    }
    Ok(())
}

/// Judges each configuration once for each family.
pub(super) fn each_family(
    context: &Context<'_>,
    verdict: &mut Verdict,
    keys: &[&str],
    judge: impl Fn(&Context<'_>, &AgentConfig<'_>, Family) -> Result<Option<Draft>, Missing>,
) -> Result<(), Missing> {
    for family in Family::ALL {
        each(context, verdict, keys, |agents| {
            judge(context, agents, family)
        })?;
    }
    Ok(())
}

/// Whether Cilium itself gives each node pod CIDRs of its own: neither the
/// network of a cloud does, nor a CNI that it is chained behind.
pub(super) fn cilium_owns_node_cidrs(context: &Context<'_>) -> Result<bool, Missing> {
    let has_node_cidrs = context
        .ipam_mode()?
        .is_some_and(|mode| mode.why_no_routes().is_none());
    let is_chained = context
        .cilium_config()?
        .is_some_and(|config| config.chained_behind().is_some());
    Ok(has_node_cidrs && !is_chained)
}

/// The routing mode; None when the agents refuse what is set, which is for
/// other rules to say. Reads `routing-mode` and `tunnel`.
pub(super) fn routing_mode(
    context: &Context<'_>,
    agents: &AgentConfig<'_>,
) -> Result<Option<RoutingMode>, Missing> {
    match agents.routing_mode(version(context)) {
        Ok(mode) => Ok(Some(mode)),
        Err(Unclear::Refused) => Ok(None),
        Err(Unclear::Version) => context.cilium_version().map(|_| None),
    }
}

/// The key that says, or would say, which routing mode it is.
pub(super) fn mode_ref(agents: &AgentConfig<'_>) -> ObjectRef {
    let is_legacy = agents.value("routing-mode").is_none() && agents.value("tunnel").is_some();
    agents.key_ref(if is_legacy { "tunnel" } else { "routing-mode" })
}

/// The version of the agents, where it is known.
pub(super) fn version(context: &Context<'_>) -> Option<Version> {
    context.cilium_version().ok()
}

/// Whether a family is on. Reads `enable-ipv4` or `enable-ipv6`, which are on
/// when they are missing.
pub(super) fn has_family(agents: &AgentConfig<'_>, family: Family) -> bool {
    let key = match family {
        Family::V4 => "enable-ipv4",
        Family::V6 => "enable-ipv6",
    };
    agents.bool(key, true) == Ok(true)
}

/// `set KEY: "VALUE" in ConfigMap kube-system/cilium-config`, or in the
/// CiliumNodeConfig that sets the key.
pub(super) fn set(agents: &AgentConfig<'_>, key: &str, value: &str) -> String {
    format!("set {key}: \"{value}\" in {}", place(&agents.key_ref(key)))
}

/// `remove KEY from ConfigMap kube-system/cilium-config`.
pub(super) fn remove(agents: &AgentConfig<'_>, key: &str) -> String {
    format!("remove {key} from {}", place(&agents.key_ref(key)))
}

fn place(object: &ObjectRef) -> String {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    format!("{} {namespace}/{}", object.kind, object.name)
}
