//! cilium/masquerade: masquerading settings that the agent refuses together.

use super::node_port;
use super::wording::refused;
use crate::detect::cilium::BadValue;
use crate::detect::cilium::agents::AgentConfig;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::version::Version;

pub const RULE: Rule = Rule {
    id: "cilium/masquerade",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("masquerade.md"),
    check,
};

pub(super) const KEYS: [&str; 10] = [
    BPF,
    AGENT,
    ROUTE_SOURCE,
    INTERFACES,
    "enable-ipv4-masquerade",
    "enable-ipv6-masquerade",
    "enable-ipv4",
    "enable-ipv6",
    node_port::REPLACEMENT,
    node_port::NODE_PORT,
];
const BPF: &str = "enable-bpf-masquerade";
const AGENT: &str = "enable-ip-masq-agent";
const ROUTE_SOURCE: &str = "enable-masquerade-to-route-source";
const INTERFACES: &str = "egress-masquerade-interfaces";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let version = context.cilium_version();
    for agents in context.cilium_agents(&KEYS)? {
        let Ok(wanted) = Wanted::of(&agents) else {
            continue;
        };
        let conflicts = wanted.conflicts(&agents, version.clone().ok());
        for conflict in conflicts {
            match &version {
                Err(missing) if conflict.since.is_some() => {
                    verdict.lacks(missing.clone());
                    continue;
                }
                Ok(version) if !conflict.is_refused_by(*version) => continue,
                _ => {}
            }
            verdict.report(
                Draft::new(format!("{}{}", conflict.what, agents.whose()))
                    .effect(refused(conflict.message))
                    .fix(conflict.fix)
                    .objects(conflict.keys.iter().map(|key| agents.key_ref(key))),
            );
        }
    }
    Ok(())
}

/// What the keys switch on.
struct Wanted {
    bpf: bool,
    agent: bool,
    /// Masquerading of any family that is on.
    any: bool,
}

/// What the agent refuses, in some versions.
struct Conflict {
    what: &'static str,
    message: &'static str,
    fix: &'static str,
    /// The keys at fault, the main one first.
    keys: &'static [&'static str],
    /// The first and the last release line that refuses it; None: all. Older
    /// ones go on with iptables.
    since: Option<(u32, u32)>,
    until: Option<(u32, u32)>,
}

impl Wanted {
    fn of<'a>(agents: &AgentConfig<'a>) -> Result<Self, BadValue<'a>> {
        let v4 =
            agents.bool("enable-ipv4", true)? && agents.bool("enable-ipv4-masquerade", true)?;
        let v6 =
            agents.bool("enable-ipv6", true)? && agents.bool("enable-ipv6-masquerade", true)?;
        Ok(Self {
            bpf: agents.bool(BPF, false)?,
            agent: agents.bool(AGENT, false)?,
            any: v4 || v6,
        })
    }

    fn conflicts(&self, agents: &AgentConfig<'_>, version: Option<Version>) -> Vec<Conflict> {
        if self.agent && !(self.bpf && self.any) {
            return vec![Conflict {
                what: "enable-ip-masq-agent is true without masquerading in BPF",
                message: "BPF ip-masq-agent requires (--enable-ipv4-masquerade=\"true\" or --enable-ipv6-masquerade=\"true\") and --enable-bpf-masquerade=\"true\"",
                fix: "set enable-bpf-masquerade: \"true\" (Helm: bpf.masquerade=true) with enable-ipv4-masquerade: \"true\" (Helm: enableIPv4Masquerade=true), or enable-ip-masq-agent: \"false\" (Helm: ipMasqAgent.enabled=false)",
                keys: &[AGENT, BPF],
                since: None,
                until: None,
            }];
        }
        if !self.bpf {
            return Vec::new();
        }
        if !self.any {
            return vec![Conflict {
                what: "enable-bpf-masquerade is true, but neither IPv4 nor IPv6 is masqueraded",
                message: "BPF masquerade requires (--enable-ipv4-masquerade=\"true\" or --enable-ipv6-masquerade=\"true\")",
                fix: "set enable-bpf-masquerade: \"false\" (Helm: bpf.masquerade=false), or enable-ipv4-masquerade: \"true\" (Helm: enableIPv4Masquerade=true); that of a family that is off does not count",
                keys: &[BPF],
                since: Some((1, 14)),
                until: None,
            }];
        }
        let no_node_port = (node_port::is_on(agents, version) == Some(false)).then_some(Conflict {
            what: "enable-bpf-masquerade is true, but NodePort in BPF is off",
            message: "BPF masquerade requires NodePort (--enable-node-port=\"true\")",
            fix: "set kube-proxy-replacement: \"true\" (Helm: kubeProxyReplacement=true) or enable-node-port: \"true\" (Helm: nodePort.enabled=true), or enable-bpf-masquerade: \"false\" (Helm: bpf.masquerade=false)",
            keys: &[BPF],
            since: Some((1, 14)),
            until: Some((1, 17)),
        });
        let interfaces = agents.text(INTERFACES).map(|_| Conflict {
            what: "enable-bpf-masquerade is true, and egress-masquerade-interfaces is set, which only iptables takes",
            message: "BPF masquerade does not allow to specify devices via --egress-masquerade-interfaces (use --devices instead)",
            fix: "remove egress-masquerade-interfaces (Helm: egressMasqueradeInterfaces) and name the interfaces in devices (Helm: devices), or set enable-bpf-masquerade: \"false\" (Helm: bpf.masquerade=false)",
            keys: &[INTERFACES, BPF],
            since: Some((1, 14)),
            until: None,
        });
        let to_route_source = agents.bool(ROUTE_SOURCE, false) == Ok(true);
        let route_source = to_route_source.then_some(Conflict {
            what: "enable-bpf-masquerade and enable-masquerade-to-route-source are both true",
            message: "BPF masquerading to route source (--enable-masquerade-to-route-source=\"true\") currently not supported with BPF-based masquerading (--enable-bpf-masquerade=\"true\")",
            fix: "set one of the two to \"false\" (Helm: enableMasqueradeRouteSource, bpf.masquerade)",
            keys: &[ROUTE_SOURCE, BPF],
            since: Some((1, 14)),
            until: None,
        });
        [no_node_port, interfaces, route_source]
            .into_iter()
            .flatten()
            .collect()
    }
}

impl Conflict {
    fn is_refused_by(&self, version: Version) -> bool {
        self.since
            .is_none_or(|(major, minor)| version.at_least(major, minor))
            && self.until.is_none_or(|until| version.within((0, 0), until))
    }
}
