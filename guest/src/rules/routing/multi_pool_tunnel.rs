//! routing/multi-pool-tunnel: CIDRs on demand, and tunnels.

use super::agents::{NO_AGENT, RESTART, each, mode_ref, routing_mode};
use crate::detect::cilium::agents::AgentConfig;
use crate::detect::cilium::routing::RoutingMode;
use crate::detect::ipam::IpamMode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/multi-pool-tunnel",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("multi_pool_tunnel.md"),
    check,
};

pub(in crate::rules) const KEYS: [&str; 2] = ["routing-mode", "tunnel"];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &KEYS, |agents| judge(context, agents))
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    let Some(mode @ (IpamMode::MultiPool | IpamMode::ClusterPoolV2Beta)) = context.ipam_mode()?
    else {
        return Ok(None);
    };
    if routing_mode(context, agents)? != Some(RoutingMode::Tunnel) {
        return Ok(None);
    }
    // All versions that have cluster-pool-v2beta refuse it with tunnels, and
    // 1.18 was the first to take multi-pool.
    let version = context.cilium_version()?;
    if !mode.exists_in(version) || version.at_least(1, 18) {
        return Ok(None);
    }
    Ok(Some(
        Draft::new(format!(
            "`ipam: {}` does not work with tunnels in Cilium {version}{}",
            mode.name(),
            agents.whose()
        ))
        .effect(format!(
            "the agents do not start (\"Cannot specify IPAM mode {} in tunnel mode\"): {NO_AGENT}",
            mode.name()
        ))
        .fix(format!(
            "set routing-mode: \"native\" (before 1.14 tunnel: \"disabled\") with auto-direct-node-routes: \"true\" or BGP, {RESTART}; or upgrade to Cilium 1.18 or newer, whose multi-pool works with tunnels"
        ))
        .object(mode_ref(agents)),
    ))
}
