//! cilium/delegated-plugin: what this IPAM mode needs, and what it forbids.

use super::wording::refused;
use crate::detect::ipam::IpamMode;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "cilium/delegated-plugin",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("delegated_plugin.md"),
    check,
};

pub(super) const KEYS: [&str; 6] = [
    "enable-ipv4",
    "enable-ipv6",
    "local-router-ipv4",
    "local-router-ipv6",
    HEALTH,
    ENVOY,
];
const HEALTH: &str = "enable-endpoint-health-checking";
const ENVOY: &str = "enable-envoy-config";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    if context.ipam_mode()? != Some(IpamMode::DelegatedPlugin) {
        return Ok(());
    }
    for agents in context.cilium_agents(&KEYS)? {
        for (family, enable, router, example) in [
            ("IPv4", "enable-ipv4", "local-router-ipv4", "169.254.23.0"),
            ("IPv6", "enable-ipv6", "local-router-ipv6", "fe80::"),
        ] {
            let is_on = agents.bool(enable, true) == Ok(true);
            if is_on && agents.text(router).is_none() {
                verdict.report(
                    Draft::new(format!("ipam is delegated-plugin and {enable} is on, but {router} is not set{}", agents.whose()))
                        .effect(refused(&format!("--{router} must be provided when {family} is enabled with --ipam=delegated-plugin")))
                        .fix(format!("set {router} to an address that no pod and no node has, such as {example} (Helm: extraConfig.{router}), or {enable}: \"false\""))
                        .object(agents.key_ref(router)),
                );
            }
        }
        if agents.bool(HEALTH, true) == Ok(true) {
            verdict.report(
                Draft::new(format!("ipam is delegated-plugin, but {HEALTH} is on{}", agents.whose()))
                    .effect(refused("--enable-endpoint-health-checking must be disabled with --ipam=delegated-plugin"))
                    .fix(format!("set {HEALTH}: \"false\" (Helm: endpointHealthChecking.enabled=false); it is on where the key is missing, whatever enable-health-checking says"))
                    .object(agents.key_ref(HEALTH)),
            );
        }
        if agents.bool(ENVOY, false) == Ok(true) {
            match context.cilium_version() {
                Err(missing) => verdict.lacks(missing),
                // Older agents fail later, and only if they need an address
                // for Envoy.
                Ok(version) if !version.at_least(1, 16) => {}
                Ok(_) => verdict.report(
                    Draft::new(format!("ipam is delegated-plugin, but {ENVOY} is on{}", agents.whose()))
                        .effect(refused("--enable-envoy-config must be disabled with --ipam=delegated-plugin"))
                        .fix(format!("set {ENVOY}: \"false\" (Helm: envoyConfig.enabled, ingressController.enabled and gatewayAPI.enabled all false)"))
                        .object(agents.key_ref(ENVOY)),
                ),
            }
        }
    }
    Ok(())
}
