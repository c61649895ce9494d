//! routing/local-router-tunnel: an address of the node's router, and tunnels.

use super::agents::{NO_AGENT, RESTART, each, mode_ref, remove, routing_mode, set};
use crate::detect::cilium::agents::AgentConfig;
use crate::detect::cilium::routing::RoutingMode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/local-router-tunnel",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("local_router_tunnel.md"),
    check,
};

const ROUTERS: [&str; 2] = ["local-router-ipv4", "local-router-ipv6"];
const ENDPOINT_ROUTES: &str = "enable-endpoint-routes";
pub(in crate::rules) const KEYS: [&str; 5] = [
    "local-router-ipv4",
    "local-router-ipv6",
    ENDPOINT_ROUTES,
    "routing-mode",
    "tunnel",
];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &KEYS, |agents| judge(context, agents))
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    let Some(router) = ROUTERS.into_iter().find(|key| agents.text(key).is_some()) else {
        return Ok(None);
    };
    if routing_mode(context, agents)? == Some(RoutingMode::Tunnel) {
        return Ok(Some(
            Draft::new(format!(
                "{router} is set, but the routing mode is tunnel{}",
                agents.whose()
            ))
            .effect(format!(
                "the agents do not start (\"Cannot specify local-router-ipv4 or local-router-ipv6 in tunnel mode\"): {NO_AGENT}"
            ))
            .fix(format!(
                "{}, or set routing-mode: \"native\", {RESTART}",
                remove(agents, router)
            ))
            .object(agents.key_ref(router))
            .object(mode_ref(agents)),
        ));
    }
    let lacks_routes = agents.bool(ENDPOINT_ROUTES, false) == Ok(false);
    if !lacks_routes || context.cilium_version()?.at_least(1, 20) {
        return Ok(None);
    }
    Ok(Some(
        Draft::new(format!(
            "{router} is set, but {ENDPOINT_ROUTES} is off{}",
            agents.whose()
        ))
        .effect(format!(
            "the agents do not start (\"Cannot specify local-router-ipv4 or local-router-ipv6 without {ENDPOINT_ROUTES}\"): {NO_AGENT}"
        ))
        .fix(format!(
            "{} (Helm: endpointRoutes.enabled=true) {RESTART}",
            set(agents, ENDPOINT_ROUTES, "true")
        ))
        .object(agents.key_ref(router))
        .object(agents.key_ref(ENDPOINT_ROUTES)),
    ))
}
