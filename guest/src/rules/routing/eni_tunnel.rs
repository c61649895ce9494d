//! routing/eni-tunnel: addresses of the VPC, and tunnels.

use super::agents::{NO_AGENT, RESTART, each, mode_ref, routing_mode};
use crate::detect::cilium::agents::AgentConfig;
use crate::detect::cilium::routing::RoutingMode;
use crate::detect::ipam::IpamMode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/eni-tunnel",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("eni_tunnel.md"),
    check,
};

pub(in crate::rules) const KEYS: [&str; 2] = ["routing-mode", "tunnel"];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &KEYS, |agents| judge(context, agents))
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    let is_tunnelled = context.ipam_mode()? == Some(IpamMode::Eni)
        && routing_mode(context, agents)? == Some(RoutingMode::Tunnel);
    if !is_tunnelled || !context.cilium_version()?.at_least(1, 17) {
        return Ok(None);
    }
    Ok(Some(
        Draft::new(format!(
            "`ipam: eni` does not work with tunnels{}",
            agents.whose()
        ))
        .effect(format!(
            "the agents do not start (\"Cannot specify IPAM mode eni in tunnel mode\"): {NO_AGENT}"
        ))
        .fix(format!(
            "set routing-mode: \"native\" in ConfigMap cilium-config (Helm: routingMode=native) {RESTART}"
        ))
        .object(mode_ref(agents)),
    ))
}
