//! routing/multi-pool-ipsec: CIDRs on demand, and IPsec.

use super::agents::{NO_AGENT, RESTART, each, routing_mode, set};
use crate::detect::cilium::agents::AgentConfig;
use crate::detect::cilium::routing::RoutingMode;
use crate::detect::ipam::IpamMode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/multi-pool-ipsec",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("multi_pool_ipsec.md"),
    check,
};

const IPSEC: &str = "enable-ipsec";
pub(in crate::rules) const KEYS: [&str; 3] = [IPSEC, "routing-mode", "tunnel"];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &KEYS, |agents| judge(context, agents))
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    if !agents.is_on(IPSEC, false) {
        return Ok(None);
    }
    let Some(mode @ (IpamMode::MultiPool | IpamMode::ClusterPoolV2Beta)) = context.ipam_mode()?
    else {
        return Ok(None);
    };
    if !refuses(context, agents, mode)? {
        return Ok(None);
    }
    Ok(Some(
        Draft::new(format!(
            "`ipam: {}` does not work with IPsec{}",
            mode.name(),
            agents.whose()
        ))
        .effect(format!(
            "the agents do not start (\"Cannot specify IPAM mode {} with {IPSEC}\"): {NO_AGENT}",
            mode.name()
        ))
        .fix(format!(
            "{} and enable-wireguard: \"true\" if traffic is to be encrypted, {RESTART}; or upgrade to Cilium 1.18 or newer and use tunnels",
            set(agents, IPSEC, "false")
        ))
        .object(agents.key_ref(IPSEC)),
    ))
}

/// Whether agents refuse the pair: up to 1.17 always, from 1.18 on with native
/// routing only.
fn refuses(
    context: &Context<'_>,
    agents: &AgentConfig<'_>,
    mode: IpamMode,
) -> Result<bool, Missing> {
    let is_native = || Ok(routing_mode(context, agents)? == Some(RoutingMode::Native));
    match context.cilium_version() {
        Ok(version) if !mode.exists_in(version) => Ok(false),
        Ok(version) if version.at_least(1, 18) => is_native(),
        Ok(_) => Ok(true),
        // Native routing is refused in every version.
        Err(_) if mode == IpamMode::MultiPool && is_native()? => Ok(true),
        Err(missing) => Err(missing),
    }
}
