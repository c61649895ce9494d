//! routing/legacy-tunnel-key: `tunnel` where agents no longer read it.

use super::agents::{RESTART, each, remove};
use crate::detect::cilium::agents::AgentConfig;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/legacy-tunnel-key",
    reach: Reach::Cluster,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("legacy_tunnel_key.md"),
    check,
};

pub(in crate::rules) const KEYS: [&str; 3] = ["routing-mode", "tunnel", "tunnel-protocol"];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &KEYS, |agents| judge(context, agents))
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    if agents.value("routing-mode").is_some() {
        return Ok(None);
    }
    // What was meant, where it is not what agents do anyway.
    let meant = match agents.text("tunnel") {
        Some("disabled") => "routing-mode: \"native\"",
        Some("geneve") if agents.value("tunnel-protocol").is_none() => {
            "tunnel-protocol: \"geneve\""
        }
        _ => return Ok(None),
    };
    let version = context.cilium_version()?;
    if !version.at_least(1, 15) {
        return Ok(None);
    }
    let value = agents.text("tunnel").unwrap_or_default();
    Ok(Some(
        Draft::new(format!(
            "`tunnel: {value}` is not read by Cilium {version}{}",
            agents.whose()
        ))
        .effect(format!(
            "the agents use the default, tunnels of {}, whatever the key says; settings made for `tunnel: {value}` do not fit",
            agents.text("tunnel-protocol").unwrap_or("vxlan")
        ))
        .fix(format!(
            "{}, set {meant} in its place {RESTART}",
            remove(agents, "tunnel")
        ))
        .object(agents.key_ref("tunnel")),
    ))
}
