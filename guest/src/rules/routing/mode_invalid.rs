//! routing/mode-invalid: a routing mode that the version does not know.

use super::agents::{NO_AGENT, RESTART, each, set};
use crate::detect::cilium::agents::AgentConfig;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/mode-invalid",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("mode_invalid.md"),
    check,
};

const MODE: &str = "routing-mode";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &[MODE], |agents| judge(context, agents))
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    let Some(mode) = agents.value(MODE) else {
        return Ok(None);
    };
    if matches!(mode, "tunnel" | "native") {
        return Ok(None);
    }
    let version = context.cilium_version()?;
    let (modes, is_known) = if version.at_least(1, 20) {
        ("tunnel, native, hybrid", mode == "hybrid")
    } else {
        ("tunnel, native", false)
    };
    // Agents before 1.14 do not read the key.
    if is_known || !version.at_least(1, 14) {
        return Ok(None);
    }
    Ok(Some(
        Draft::new(format!(
            "`{MODE}: {mode:?}` is none of the routing modes of Cilium {version} ({modes}){}",
            agents.whose()
        ))
        .effect(format!(
            "the agents do not start (\"invalid routing mode\"): {NO_AGENT}"
        ))
        .fix(format!(
            "{} or \"native\" {RESTART}",
            set(agents, MODE, "tunnel")
        ))
        .object(agents.key_ref(MODE)),
    ))
}
