//! routing/native-cidr-narrow: pod CIDRs outside the native routing CIDR.

use super::agents::{RESTART, each_family, has_family, routing_mode, set, version};
use super::native_cidr;
use crate::detect::cilium::agents::AgentConfig;
use crate::detect::cilium::routing::RoutingMode;
use crate::prefix::{Family, Prefix};
use crate::report::Severity;
use crate::routes::MappedClaim;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "routing/native-cidr-narrow",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("native_cidr_narrow.md"),
    check,
};

pub(in crate::rules) const KEYS: [&str; 12] = [
    "enable-ip-masq-agent",
    "enable-ipv4",
    "enable-ipv4-masquerade",
    "enable-ipv6",
    "enable-ipv6-masquerade",
    "ipv4-native-routing-cidr",
    "ipv6-native-routing-cidr",
    "masquerade",
    "native-routing-cidr",
    "only-masquerade-default-pool",
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
    let Some((key, text)) = native_cidr::read(agents, family, version) else {
        return Ok(None);
    };
    let network = Prefix::parse(text).ok().map(|parsed| parsed.prefix);
    let Some(network) = network.filter(|network| network.family() == family) else {
        return Ok(None);
    };
    // With the agent of ip-masq, or by pool, other settings say what is
    // masqueraded.
    let decides = has_family(agents, family)
        && native_cidr::masquerades(agents, family, version)
        && agents.bool("enable-ip-masq-agent", false) == Ok(false)
        && agents.bool("only-masquerade-default-pool", false) == Ok(false);
    if !decides || routing_mode(context, agents)? != Some(RoutingMode::Native) {
        return Ok(None);
    }
    let outside: Vec<&MappedClaim<'_>> = context
        .mapping()
        .claims
        .iter()
        .filter(|mapped| mapped.claim.prefix.family() == family)
        .filter(|mapped| !network.contains(mapped.claim.prefix))
        .collect();
    let Some(first) = outside.first() else {
        return saw_pod_cidrs(context).map(|()| None);
    };
    let first = format!("{} of node {}", first.claim.prefix, first.claim.node);
    let what = match outside.len() {
        1 => format!("the pod CIDR {first} is"),
        count => format!("{count} pod CIDRs, the first is {first}, are"),
    };
    Ok(Some(
        Draft::new(format!(
            "{what} not inside {key} {network}{}",
            agents.whose()
        ))
        .effect("packets from other nodes' pods to these pods are masqueraded: they come from the node's address, and network policies take them for the node; answers to the load balancer are not concerned")
        .fix(format!(
            "{} (a network that holds the pod CIDRs of all nodes) {RESTART}",
            set(agents, key, "CIDR")
        ))
        .object(agents.key_ref(key))
        .objects(outside.iter().map(|mapped| mapped.claim.origin.to_ref())),
    ))
}

/// Whether all pod CIDRs were looked at.
fn saw_pod_cidrs(context: &Context<'_>) -> Result<(), Missing> {
    match context.detected.place.holder() {
        Some(kind) => context.saw(kind),
        None => Ok(()),
    }
}
