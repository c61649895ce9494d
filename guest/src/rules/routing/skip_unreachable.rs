//! routing/skip-unreachable: an exception from direct routes, without them.

use super::agents::{NO_AGENT, RESTART, each, set};
use crate::detect::cilium::agents::AgentConfig;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/skip-unreachable",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("skip_unreachable.md"),
    check,
};

const SKIP: &str = "direct-routing-skip-unreachable";
const DIRECT: &str = "auto-direct-node-routes";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &[SKIP, DIRECT], |agents| {
        judge(context, agents)
    })
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    let contradicts = agents.is_on(SKIP, false) && agents.bool(DIRECT, false) == Ok(false);
    // Older agents do not know the key.
    if !contradicts || !context.cilium_version()?.at_least(1, 16) {
        return Ok(None);
    }
    Ok(Some(
        Draft::new(format!(
            "{SKIP} is on, but {DIRECT} is off{}",
            agents.whose()
        ))
        .effect(format!(
            "the agents do not start (\"Flag {SKIP} cannot be enabled when {DIRECT} is not enabled\"): {NO_AGENT}"
        ))
        .fix(format!(
            "{} (Helm: directRoutingSkipUnreachable=false), or set {DIRECT}: \"true\" if routes to nodes of the same subnet are wanted, {RESTART}",
            set(agents, SKIP, "false")
        ))
        .object(agents.key_ref(SKIP))
        .object(agents.key_ref(DIRECT)),
    ))
}
