//! routing/no-local-route: a node that does not know its own pods.

use super::agents::{RESTART, cilium_owns_node_cidrs, each, has_family, set, version};
use super::native_cidr;
use crate::detect::cilium::agents::AgentConfig;
use crate::go;
use crate::prefix::Family;
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::version::Version;

pub const RULE: Rule = Rule {
    id: "routing/no-local-route",
    reach: Reach::Cluster,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("no_local_route.md"),
    check,
};

const LOCAL_ROUTE: &str = "enable-local-node-route";
const ENDPOINT_ROUTES: &str = "enable-endpoint-routes";
pub(in crate::rules) const KEYS: [&str; 10] = [
    LOCAL_ROUTE,
    ENDPOINT_ROUTES,
    "enable-bpf-masquerade",
    "enable-host-legacy-routing",
    "enable-ipv4",
    "enable-ipv4-masquerade",
    "enable-ipv6",
    "enable-ipv6-masquerade",
    "kube-proxy-replacement",
    "masquerade",
];

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    each(context, verdict, &KEYS, |agents| judge(context, agents))
}

fn judge(context: &Context<'_>, agents: &AgentConfig<'_>) -> Result<Option<Draft>, Missing> {
    let is_off = |key, default| agents.bool(key, default) == Ok(false);
    if !is_off(LOCAL_ROUTE, true) || !is_off(ENDPOINT_ROUTES, false) {
        return Ok(None);
    }
    let Some(why) = why_by_kernel(agents, version(context)) else {
        return Ok(None);
    };
    // Elsewhere Cilium lays other routes, or another CNI does.
    if !cilium_owns_node_cidrs(context)? {
        return Ok(None);
    }
    Ok(Some(
        Draft::new(format!(
            "the node has no route to its own pods: {LOCAL_ROUTE} and {ENDPOINT_ROUTES} are off, and packets take the kernel's routes since {why}{}",
            agents.whose()
        ))
        .effect("packets that the load balancer sends to a pod by way of its node are dropped there, or sent back to the gateway")
        .fix(format!(
            "{} (the default) {RESTART}; or {} (Helm: endpointRoutes.enabled=true)",
            set(agents, LOCAL_ROUTE, "true"),
            set(agents, ENDPOINT_ROUTES, "true")
        ))
        .object(agents.key_ref(LOCAL_ROUTE))
        .object(agents.key_ref(ENDPOINT_ROUTES)),
    ))
}

/// Why packets go through the kernel's routing and not straight to the pod
/// by BPF; None where they do not, or where that cannot be told.
fn why_by_kernel(agents: &AgentConfig<'_>, version: Option<Version>) -> Option<&'static str> {
    // `probe` and `partial` may come to a full replacement, or not.
    let keeps_kube_proxy = match agents.value("kube-proxy-replacement") {
        None | Some("disabled") => true,
        Some(value) => go::parse_bool(value) == Some(false),
    };
    let masquerades = Family::ALL.into_iter().any(|family| {
        has_family(agents, family) && native_cidr::masquerades(agents, family, version)
    });
    if agents.is_on("enable-host-legacy-routing", false) {
        Some("enable-host-legacy-routing is on")
    } else if keeps_kube_proxy {
        Some("kube-proxy-replacement is off")
    } else if masquerades && agents.bool("enable-bpf-masquerade", false) == Ok(false) {
        Some("enable-bpf-masquerade is off")
    } else {
        None
    }
}
