//! routing/tunnel-and-mode: the old key and the new one, in the one release
//! line that reads both.

use super::agents::{NO_AGENT, RESTART, each, remove};
use crate::detect::cilium::agents::AgentConfig;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/tunnel-and-mode",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("tunnel_and_mode.md"),
    check,
};

pub(in crate::rules) const KEYS: [&str; 2] = ["tunnel", "routing-mode"];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &KEYS, |agents| judge(context, agents))
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    let (Some(tunnel), Some(mode)) = (agents.text("tunnel"), agents.value("routing-mode")) else {
        return Ok(None);
    };
    if mode == "tunnel" || !context.cilium_version()?.within((1, 14), (1, 14)) {
        return Ok(None);
    }
    Ok(Some(
        Draft::new(format!(
            "both `tunnel: {tunnel}` and `routing-mode: {mode}` are set, which Cilium 1.14 refuses{}",
            agents.whose()
        ))
        .effect(format!(
            "the agents do not start (\"Option --routing-mode cannot be used in combination with --tunnel\"): {NO_AGENT}"
        ))
        .fix(format!(
            "{} and keep routing-mode, {RESTART}",
            remove(agents, "tunnel")
        ))
        .object(agents.key_ref("tunnel"))
        .object(agents.key_ref("routing-mode")),
    ))
}
