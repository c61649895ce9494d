//! routing/native-cidr-missing: native routing and masquerading, without the
//! network that is not masqueraded.

use super::agents::{
    NO_AGENT, RESTART, each_family, has_family, mode_ref, routing_mode, set, version,
};
use super::native_cidr;
use crate::detect::cilium::agents::AgentConfig;
use crate::detect::cilium::routing::RoutingMode;
use crate::detect::ipam::IpamMode;
use crate::prefix::Family;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/native-cidr-missing",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("native_cidr_missing.md"),
    check,
};

pub(in crate::rules) const KEYS: [&str; 11] = [
    "enable-ip-masq-agent",
    "enable-ipv4",
    "enable-ipv4-masquerade",
    "enable-ipv6",
    "enable-ipv6-masquerade",
    "ipv4-native-routing-cidr",
    "ipv6-native-routing-cidr",
    "masquerade",
    "native-routing-cidr",
    "routing-mode",
    "tunnel",
];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each_family(context, verdict, &KEYS, judge)
}

fn judge(
    context: &Context<'_>,
    agents: &AgentConfig<'_>,
    family: Family,
) -> Result<Option<Draft>, Missing> {
    let version = version(context);
    // The first release line whose agents insist on the CIDR.
    let (since, masquerade) = match family {
        Family::V4 => ((1, 8), "enable-ipv4-masquerade"),
        Family::V6 => ((1, 11), "enable-ipv6-masquerade"),
    };
    let is_needed = version.is_none_or(|version| version.at_least(since.0, since.1))
        && has_family(agents, family)
        && native_cidr::masquerades(agents, family, version)
        && agents.bool("enable-ip-masq-agent", false) == Ok(false);
    if !is_needed || native_cidr::read(agents, family, version).is_some() {
        return Ok(None);
    }
    let mode = routing_mode(context, agents)?;
    if !matches!(mode, Some(RoutingMode::Native | RoutingMode::Hybrid)) {
        return Ok(None);
    }
    // In these modes the agent takes the CIDRs of the VPC.
    let is_derived = matches!(
        context.ipam_mode()?,
        Some(IpamMode::Eni | IpamMode::AlibabaCloud)
    );
    if is_derived && family == Family::V4 {
        return Ok(None);
    }
    let key = native_cidr::key(family, version);
    Ok(Some(
        Draft::new(format!(
            "native routing with {family} masquerading needs {key}, which is not set{}",
            agents.whose()
        ))
        .effect(format!(
            "the agents do not start (\"native routing cidr must be configured with option --{key}\"): {NO_AGENT}"
        ))
        .fix(format!(
            "{} (one network that holds the pod CIDRs of all nodes), or {} if pods need no masquerading, {RESTART}",
            set(agents, key, "CIDR"),
            set(agents, masquerade, "false")
        ))
        .object(agents.key_ref(key))
        .object(mode_ref(agents)),
    ))
}
