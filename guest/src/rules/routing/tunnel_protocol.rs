//! routing/tunnel-protocol: an encapsulation that does not exist.

use super::agents::{NO_AGENT, RESTART, each, set, version};
use crate::detect::cilium::agents::AgentConfig;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::version::Version;

pub const RULE: Rule = Rule {
    id: "routing/tunnel-protocol",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("tunnel_protocol.md"),
    check,
};

const PROTOCOL: &str = "tunnel-protocol";
const LEGACY: &str = "tunnel";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &[PROTOCOL, LEGACY], |agents| {
        judge(context, agents)
    })
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    let is_bad = |key: &str| refused(agents, key).is_some();
    let key = match version(context) {
        Some(version) => key_read(agents, version),
        None if is_bad(PROTOCOL) || is_bad(LEGACY) => {
            return context.cilium_version().map(|_| None);
        }
        None => return Ok(None),
    };
    let Some(value) = refused(agents, key) else {
        return Ok(None);
    };
    Ok(Some(
        Draft::new(format!(
            "the encapsulation `{key}: {value:?}` is neither vxlan nor geneve{}",
            agents.whose()
        ))
        .effect(format!(
            "the agents do not start (\"invalid tunnel protocol\" or \"invalid tunnel mode\"), in native routing mode neither: {NO_AGENT}"
        ))
        .fix(format!(
            "{} {RESTART}",
            set(agents, key, "vxlan")
        ))
        .object(agents.key_ref(key)),
    ))
}

/// The key that names the encapsulation: 1.14 takes it from `tunnel` before
/// `tunnel-protocol`, older versions know only the one, newer only the other.
fn key_read(agents: &AgentConfig<'_>, version: Version) -> &'static str {
    let is_named = agents
        .text(LEGACY)
        .is_some_and(|tunnel| tunnel != "disabled");
    let reads_legacy = !version.at_least(1, 14) || (!version.at_least(1, 15) && is_named);
    if reads_legacy { LEGACY } else { PROTOCOL }
}

/// The value of a key, where agents that read it refuse it. `tunnel` may also
/// be empty, or say that there is none.
fn refused<'a>(agents: &AgentConfig<'a>, key: &str) -> Option<&'a str> {
    agents.value(key).filter(|value| match *value {
        "vxlan" | "geneve" => false,
        "" | "disabled" => key == PROTOCOL,
        _ => true,
    })
}
