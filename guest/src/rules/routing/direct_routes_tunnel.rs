//! routing/direct-routes-tunnel: routes between nodes, and tunnels too.

use super::agents::{NO_AGENT, RESTART, each, mode_ref, routing_mode, set};
use crate::detect::cilium::agents::AgentConfig;
use crate::detect::cilium::routing::RoutingMode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/direct-routes-tunnel",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("direct_routes_tunnel.md"),
    check,
};

const DIRECT: &str = "auto-direct-node-routes";
pub(in crate::rules) const KEYS: [&str; 3] = [DIRECT, "routing-mode", "tunnel"];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &KEYS, |agents| judge(context, agents))
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    if !agents.is_on(DIRECT, false) || routing_mode(context, agents)? != Some(RoutingMode::Tunnel) {
        return Ok(None);
    }
    Ok(Some(
        Draft::new(format!(
            "{DIRECT} is on, but the routing mode is tunnel{}",
            agents.whose()
        ))
        .effect(format!(
            "the agents do not start (\"{DIRECT} cannot be used with tunneling\"): {NO_AGENT}; before Cilium 1.10 they start, and packets between nodes leave without the tunnel"
        ))
        .fix(format!(
            "{} to keep tunnels (Helm: autoDirectNodeRoutes=false), or set routing-mode: \"native\" (before 1.14 tunnel: \"disabled\"), {RESTART}",
            set(agents, DIRECT, "false")
        ))
        .object(agents.key_ref(DIRECT))
        .object(mode_ref(agents)),
    ))
}
