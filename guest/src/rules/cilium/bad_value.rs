//! cilium/bad-value: a value that the agent cannot parse.

use super::wording::refused;
use crate::detect::cilium::agents::AgentConfig;
use crate::go;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::version::Version;

pub const RULE: Rule = Rule {
    id: "cilium/bad-value",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("bad_value.md"),
    check,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Bool,
    Int,
    Duration,
}

use Type::{Bool, Duration, Int};

/// Flags of the agent that have had their type in every version, and have
/// not gone since. `kube-proxy-replacement` and others that look like booleans
/// are text.
const FLAGS: [(&str, Type); 70] = [
    ("annotate-k8s-node", Bool),
    ("auto-direct-node-routes", Bool),
    ("bpf-lb-external-clusterip", Bool),
    ("bpf-lb-sock", Bool),
    ("cni-exclusive", Bool),
    ("debug", Bool),
    ("direct-routing-skip-unreachable", Bool),
    ("dnsproxy-enable-transparent-mode", Bool),
    ("enable-auto-protect-node-port-range", Bool),
    ("enable-bandwidth-manager", Bool),
    ("enable-bgp-control-plane", Bool),
    ("enable-bpf-clock-probe", Bool),
    ("enable-bpf-masquerade", Bool),
    ("enable-encryption-strict-mode-egress", Bool),
    ("enable-endpoint-health-checking", Bool),
    ("enable-endpoint-routes", Bool),
    ("enable-envoy-config", Bool),
    ("enable-health-check-nodeport", Bool),
    ("enable-health-checking", Bool),
    ("enable-host-firewall", Bool),
    ("enable-host-legacy-routing", Bool),
    ("enable-hubble", Bool),
    ("enable-ip-masq-agent", Bool),
    ("enable-ipsec", Bool),
    ("enable-ipv4", Bool),
    ("enable-ipv4-big-tcp", Bool),
    ("enable-ipv4-masquerade", Bool),
    ("enable-ipv6", Bool),
    ("enable-ipv6-big-tcp", Bool),
    ("enable-ipv6-masquerade", Bool),
    ("enable-k8s-networkpolicy", Bool),
    ("enable-l2-neigh-discovery", Bool),
    ("enable-l7-proxy", Bool),
    ("enable-local-node-route", Bool),
    ("enable-local-redirect-policy", Bool),
    ("enable-masquerade-to-route-source", Bool),
    ("enable-node-selector-labels", Bool),
    ("enable-sctp", Bool),
    ("enable-tcx", Bool),
    ("enable-vtep", Bool),
    ("enable-well-known-identities", Bool),
    ("enable-wireguard", Bool),
    ("enable-xt-socket-fallback", Bool),
    ("encrypt-node", Bool),
    (
        "encryption-strict-egress-allow-remote-node-identities",
        Bool,
    ),
    ("external-envoy-proxy", Bool),
    ("hubble-disable-tls", Bool),
    ("install-no-conntrack-iptables-rules", Bool),
    ("iptables-random-fully", Bool),
    ("k8s-require-ipv4-pod-cidr", Bool),
    ("k8s-require-ipv6-pod-cidr", Bool),
    ("node-port-bind-protection", Bool),
    ("preallocate-bpf-maps", Bool),
    ("tofqdns-enable-dns-compression", Bool),
    ("agent-health-port", Int),
    ("bpf-ct-global-any-max", Int),
    ("bpf-ct-global-tcp-max", Int),
    ("bpf-lb-map-max", Int),
    ("bpf-nat-global-max", Int),
    ("bpf-policy-map-max", Int),
    ("cluster-health-port", Int),
    ("cluster-id", Int),
    ("mtu", Int),
    ("tofqdns-max-deferred-connection-deletes", Int),
    ("conntrack-gc-interval", Duration),
    ("identity-change-grace-period", Duration),
    ("ipam-cilium-node-update-rate", Duration),
    ("monitor-aggregation-interval", Duration),
    ("tofqdns-idle-connection-grace-period", Duration),
    ("tofqdns-proxy-response-max-delay", Duration),
];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Some(config) = context.cilium_config()? else {
        return Ok(());
    };
    for (key, of) in FLAGS {
        let overrides = config.overrides().iter();
        let mut values = overrides
            .filter_map(|one| one.trimmed(key))
            .chain(config.value(key));
        if values.all(|value| of.parses(value)) {
            continue;
        }
        for agents in config.agents(&[key]) {
            let Some(value) = agents.value(key).filter(|value| !of.parses(value)) else {
                continue;
            };
            let version = context.cilium_version();
            if value.is_empty() {
                match &version {
                    Err(missing) => {
                        verdict.lacks(missing.clone());
                        continue;
                    }
                    Ok(version) if !of.refuses_empty(*version) => continue,
                    Ok(_) => {}
                }
            }
            verdict.report(draft(&agents, key, of, value, version.ok()));
        }
    }
    Ok(())
}

fn draft(
    agents: &AgentConfig<'_>,
    key: &str,
    of: Type,
    value: &str,
    version: Option<Version>,
) -> Draft {
    let (name, examples) = match of {
        Bool => ("boolean", "\"true\" or \"false\""),
        Int => ("whole number", "digits such as \"255\""),
        Duration => ("duration", "a number with its unit such as \"5m0s\""),
    };
    let (misread, effect) = match version {
        Some(version) if !version.at_least(1, 11) => (
            format!(", and which Cilium {version} takes for false or 0"),
            "agents up to 1.10 do not check the value: it says one thing and does another"
                .to_owned(),
        ),
        _ => (String::new(), refused("Incorrect config-map flag value")),
    };
    Draft::new(format!(
        "{key} is \"{value}\", which is no {name}{misread}{}",
        agents.whose()
    ))
    .effect(effect)
    .fix(format!(
        "set {key} to {examples}, or remove it for the default"
    ))
    .object(agents.key_ref(key))
}

impl Type {
    fn parses(self, value: &str) -> bool {
        match self {
            Bool => go::parse_bool(value).is_some(),
            Int => go::parse_int(without_fraction(value)).is_some(),
            // A number without a unit is taken for nanoseconds.
            Duration => go::is_duration(value) || go::is_duration(&format!("{value}ns")),
        }
    }

    /// Agents up to 1.12 take an empty value for false or 0, as charts of that
    /// time wrote them. Numbers may be empty again from 1.18 on.
    fn refuses_empty(self, version: Version) -> bool {
        match self {
            Bool | Duration => version.at_least(1, 13),
            Int => version.within((1, 13), (1, 17)),
        }
    }
}

/// The agent cuts off what follows a point: `65536.0` is a whole number.
fn without_fraction(value: &str) -> &str {
    match value.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit()) => whole,
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, FLAGS, Int};

    #[test]
    fn flags_are_listed_once() {
        let mut keys: Vec<&str> = FLAGS.iter().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), FLAGS.len());
    }

    #[test]
    fn parses_as_the_agent_does() {
        for value in ["0", "-1", "65536", "65536.0", "0x10"] {
            assert!(Int.parses(value), "{value}");
        }
        for value in ["", "many", "1_000", "1.5.0", "1.x", "10k"] {
            assert!(!Int.parses(value), "{value}");
        }
        for value in ["5m0s", "0s", "15", "100ms"] {
            assert!(Duration.parses(value), "{value}");
        }
        for value in ["", "5 m", "5d", "soon"] {
            assert!(!Duration.parses(value), "{value}");
        }
    }
}
