//! cilium/node-override: a CiliumNodeConfig that changes what rules look at.

use crate::detect::cilium::Config;
use crate::objects::Kind;
use crate::objects::cilium_node_config::CiliumNodeConfig;
use crate::report::Severity;
use crate::rules::context::{Context, namespaced_object};
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording::subject;

pub const RULE: Rule = Rule {
    id: "cilium/node-override",
    reach: Reach::Cluster,
    severities: &[Severity::Info],
    parameters: &[],
    page: include_str!("node_override.md"),
    check,
};

/// The keys of agents that rules read, of all families. Those that
/// cilium/bad-value only parses are left out.
const READ: [&str; 49] = [
    "auto-direct-node-routes",
    "bgp-announce-pod-cidr",
    "bpf-lb-dsr-dispatch",
    "bpf-lb-mode",
    "cluster-id",
    "cluster-name",
    "direct-routing-skip-unreachable",
    "egress-masquerade-interfaces",
    "enable-bgp-control-plane",
    "enable-bpf-masquerade",
    "enable-encryption-strict-mode",
    "enable-encryption-strict-mode-egress",
    "enable-endpoint-health-checking",
    "enable-endpoint-routes",
    "enable-envoy-config",
    "enable-host-firewall",
    "enable-host-legacy-routing",
    "enable-ip-masq-agent",
    "enable-ipsec",
    "enable-ipv4",
    "enable-ipv4-masquerade",
    "enable-ipv6",
    "enable-ipv6-masquerade",
    "enable-l7-proxy",
    "enable-local-node-route",
    "enable-masquerade-to-route-source",
    "enable-node-port",
    "enable-sctp",
    "enable-vtep",
    "enable-wireguard",
    "encryption-strict-egress-allow-remote-node-identities",
    "encryption-strict-egress-cidr",
    "encryption-strict-mode-allow-remote-node-identities",
    "encryption-strict-mode-cidr",
    "ipam",
    "ipam-default-ip-pool",
    "ipv4-native-routing-cidr",
    "ipv6-native-routing-cidr",
    "kube-proxy-replacement",
    "local-router-ipv4",
    "local-router-ipv6",
    "masquerade",
    "max-connected-clusters",
    "native-routing-cidr",
    "only-masquerade-default-pool",
    "routing-mode",
    "tunnel",
    "tunnel-protocol",
    "vtep-cidr",
];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let Some(config) = context.cilium_config()? else {
        return Ok(());
    };
    context.note_unseen(&[Kind::CiliumNodeConfig], verdict);
    let overrides = config.overrides().iter().copied();
    let changes: Vec<Change<'_>> = overrides
        .filter_map(|one| Change::of(one, config))
        .collect();
    if changes.is_empty() {
        return Ok(());
    }
    for (change, nodes) in with_nodes(context, &changes) {
        let who = match nodes.as_slice() {
            [] if context.cluster.nodes.is_empty() => "some nodes run".to_owned(),
            [] => continue,
            names => subject("node", names, ["runs", "run"]),
        };
        let name = (
            change.by.metadata.namespace.clone(),
            change.by.metadata.name.clone(),
        );
        let object = namespaced_object(Kind::CiliumNodeConfig, &name);
        verdict.report(
            Draft::new(format!(
                "{who} with other settings than cilium-config's, by CiliumNodeConfig {}/{}: {}",
                name.0,
                name.1,
                change.describe(config)
            ))
            .effect("podroute judges these nodes by their own settings; the keys count from the next start of their agents on")
            .fix("nothing, if this is meant; else remove the keys from spec.defaults, and restart the agents of these nodes")
            .objects(change.keys.iter().map(|key| object.clone().at(format!("spec.defaults.{key}")))),
        );
    }
    Ok(())
}

/// What a CiliumNodeConfig changes, of what is read.
struct Change<'a> {
    by: &'a CiliumNodeConfig,
    keys: Vec<&'static str>,
}

impl<'a> Change<'a> {
    /// None when it changes nothing.
    fn of(by: &'a CiliumNodeConfig, config: &Config<'_>) -> Option<Self> {
        let is_changed = |key: &&str| {
            let value = by.trimmed(key);
            value.is_some() && value != config.value(key)
        };
        let keys: Vec<&str> = READ.into_iter().filter(is_changed).collect();
        (!keys.is_empty()).then_some(Self { by, keys })
    }

    /// `routing-mode: native (not tunnel)`.
    fn describe(&self, config: &Config<'_>) -> String {
        let described: Vec<String> = self
            .keys
            .iter()
            .map(|key| {
                let value = self.by.trimmed(key).unwrap_or_default();
                match config.value(key) {
                    Some(other) => format!("{key}: \"{value}\" (not \"{other}\")"),
                    None => format!("{key}: \"{value}\" (not set in cilium-config)"),
                }
            })
            .collect();
        described.join(", ")
    }
}

/// The changes with the nodes that they are for. Labels are parsed once.
fn with_nodes<'a, 'b>(
    context: &Context<'a>,
    changes: &'b [Change<'a>],
) -> Vec<(&'b Change<'a>, Vec<&'a str>)> {
    let mut found: Vec<_> = changes.iter().map(|change| (change, Vec::new())).collect();
    for node in context.cluster.nodes.values() {
        let labels = node.labels.read();
        for (change, nodes) in &mut found {
            if change.by.selector.matches(&labels) {
                nodes.push(node.name());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{
        cluster_id, cluster_name, delegated_plugin, dsr_tunnel, encryption, kube_proxy_replacement,
        masquerade, no_family, strict_mode,
    };
    use super::READ;
    use crate::detect::cilium::routing;
    use crate::rules::mesh::overlap;
    use crate::rules::pool::exhausted;
    use crate::rules::routing::{
        direct_routes_l2, direct_routes_tunnel, eni_tunnel, legacy_tunnel_key, local_router_tunnel,
        multi_pool_ipsec, multi_pool_tunnel, native_cidr_invalid, native_cidr_missing,
        native_cidr_narrow, native_no_routes, no_local_route, tunnel_and_mode,
    };

    #[test]
    fn covers_what_rules_read() {
        let read: [&[&str]; 25] = [
            &cluster_id::KEYS,
            &cluster_name::KEYS,
            &delegated_plugin::KEYS,
            &dsr_tunnel::KEYS,
            &encryption::KEYS,
            &kube_proxy_replacement::KEYS,
            &masquerade::KEYS,
            &no_family::KEYS,
            &strict_mode::KEYS,
            &routing::KEYS,
            &direct_routes_l2::KEYS,
            &direct_routes_tunnel::KEYS,
            &eni_tunnel::KEYS,
            &legacy_tunnel_key::KEYS,
            &local_router_tunnel::KEYS,
            &multi_pool_ipsec::KEYS,
            &multi_pool_tunnel::KEYS,
            &native_cidr_invalid::KEYS,
            &native_cidr_missing::KEYS,
            &native_cidr_narrow::KEYS,
            &native_no_routes::KEYS,
            &no_local_route::KEYS,
            &tunnel_and_mode::KEYS,
            &overlap::KEYS,
            &exhausted::KEYS,
        ];
        for key in read.into_iter().flatten() {
            assert!(READ.contains(key), "{key}");
        }
        assert!(READ.is_sorted_by(|a, b| a < b));
    }
}
