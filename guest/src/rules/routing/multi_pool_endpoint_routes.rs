//! routing/multi-pool-endpoint-routes: several CIDRs on a node, one route.

use super::agents::{RESTART, each, set};
use crate::detect::cilium::agents::AgentConfig;
use crate::detect::ipam::IpamMode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/multi-pool-endpoint-routes",
    reach: Reach::Cluster,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("multi_pool_endpoint_routes.md"),
    check,
};

const ENDPOINT_ROUTES: &str = "enable-endpoint-routes";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &[ENDPOINT_ROUTES], |agents| {
        judge(context, agents)
    })
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    let is_off = agents.bool(ENDPOINT_ROUTES, false) == Ok(false);
    if !is_off || context.ipam_mode()? != Some(IpamMode::MultiPool) {
        return Ok(None);
    }
    let version = context.cilium_version()?;
    if !version.within((1, 14), (1, 17)) {
        return Ok(None);
    }
    Ok(Some(
        Draft::new(format!(
            "`ipam: multi-pool` of Cilium {version} needs {ENDPOINT_ROUTES}, which is off{}",
            agents.whose()
        ))
        .effect("the node has a local route for its first CIDR at most: packets for pods of its other CIDRs, the load balancer's included, do not find them")
        .fix(format!(
            "{} (Helm: endpointRoutes.enabled=true) {RESTART}; or upgrade to Cilium 1.18 or newer",
            set(agents, ENDPOINT_ROUTES, "true")
        ))
        .object(agents.key_ref(ENDPOINT_ROUTES)),
    ))
}
