//! routing/native-cidr-invalid: a native routing CIDR that is none.

use super::agents::{NO_AGENT, RESTART, each_family, has_family, set, version};
use super::native_cidr;
use crate::detect::cilium::agents::AgentConfig;
use crate::prefix::{Family, Prefix};
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/native-cidr-invalid",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("native_cidr_invalid.md"),
    check,
};

pub(in crate::rules) const KEYS: [&str; 5] = [
    "enable-ipv4",
    "enable-ipv6",
    "ipv4-native-routing-cidr",
    "ipv6-native-routing-cidr",
    "native-routing-cidr",
];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each_family(context, verdict, &KEYS, judge)
}

fn judge(
    context: &Context<'_>,
    agents: &AgentConfig<'_>,
    family: Family,
) -> Result<Option<Draft>, Missing> {
    if !has_family(agents, family) {
        return Ok(None);
    }
    let version = version(context);
    let Some((key, text)) = native_cidr::read(agents, family, version) else {
        return unread(context, agents, family).map(|()| None);
    };
    let Some(problem) = problem(text, family) else {
        return Ok(None);
    };
    Ok(Some(
        Draft::new(format!("{key} `{text}` {problem}{}", agents.whose()))
            .effect(format!(
                "the agents do not start (\"Unable to parse CIDR\"): {NO_AGENT}"
            ))
            .fix(format!(
                "{} (one {family} network that holds the pod CIDRs of all nodes) {RESTART}",
                set(agents, key, "CIDR")
            ))
            .object(agents.key_ref(key)),
    ))
}

/// Where nothing is read: whether that is for want of the version only.
fn unread(context: &Context<'_>, agents: &AgentConfig<'_>, family: Family) -> Result<(), Missing> {
    match agents.text(native_cidr::LEGACY) {
        Some(text) if family == Family::V4 && problem(text, family).is_some() => {
            context.cilium_version().map(|_| ())
        }
        _ => Ok(()),
    }
}

/// What is wrong with a text; host bits are not, the agent clears them.
fn problem(text: &str, family: Family) -> Option<String> {
    match Prefix::parse(text) {
        Err(reason) => Some(reason.to_owned()),
        Ok(parsed) if parsed.prefix.family() != family => Some(format!("is no {family} network")),
        Ok(_) => None,
    }
}
