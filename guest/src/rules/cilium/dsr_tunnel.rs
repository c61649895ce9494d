//! cilium/dsr-tunnel: direct server return with a tunnel that cannot carry it.

use super::node_port;
use super::wording::refused;
use crate::detect::cilium::agents::AgentConfig;
use crate::detect::cilium::routing::{RoutingMode, Unclear};
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::version::Version;

pub const RULE: Rule = Rule {
    id: "cilium/dsr-tunnel",
    reach: Reach::Cluster,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("dsr_tunnel.md"),
    check,
};

pub(super) const KEYS: [&str; 7] = [
    node_port::REPLACEMENT,
    node_port::NODE_PORT,
    MODE,
    DISPATCH,
    "routing-mode",
    "tunnel-protocol",
    "tunnel",
];
const MODE: &str = "bpf-lb-mode";
const DISPATCH: &str = "bpf-lb-dsr-dispatch";

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let version = context.cilium_version();
    for agents in context.cilium_agents(&KEYS)? {
        let Some(mode @ ("dsr" | "hybrid")) = agents.text(MODE) else {
            continue;
        };
        if node_port::is_on(&agents, version.clone().ok()) != Some(true) {
            continue;
        }
        match conflict(&agents, mode, version.clone().ok()) {
            Ok(None) | Err(Unclear::Refused) => {}
            Err(Unclear::Version) => {
                version.clone()?;
            }
            Ok(Some(conflict)) => verdict.report(
                Draft::new(format!(
                    "{MODE} is {mode}{}, {}",
                    agents.whose(),
                    conflict.what
                ))
                .effect(refused(&conflict.message))
                .fix(conflict.fix)
                .object(agents.key_ref(conflict.key))
                .object(agents.key_ref(MODE)),
            ),
        }
    }
    Ok(())
}

/// Why direct server return does not go with the rest.
struct Conflict {
    what: String,
    message: String,
    fix: &'static str,
    key: &'static str,
}

fn conflict(
    agents: &AgentConfig<'_>,
    mode: &str,
    version: Option<Version>,
) -> Result<Option<Conflict>, Unclear> {
    let tunnels = agents.routing_mode(version)? == RoutingMode::Tunnel;
    let protocol = agents.tunnel_protocol(version)?;
    let is_geneve = agents.text(DISPATCH) == Some("geneve");
    let conflict = if tunnels && protocol == "vxlan" {
        Conflict {
            what: "which a vxlan tunnel cannot carry".to_owned(),
            message: format!("Node Port \"{mode}\" mode cannot be used with vxlan tunneling."),
            fix: "set bpf-lb-mode: snat (Helm: loadBalancer.mode=snat); or routing-mode: native (Helm: routingMode=native); or, from Cilium 1.14 on, tunnel-protocol: geneve with bpf-lb-dsr-dispatch: geneve (Helm: tunnelProtocol=geneve, loadBalancer.dsrDispatch=geneve)",
            key: MODE,
        }
    } else if tunnels && !is_geneve {
        Conflict {
            what: format!("which a {protocol} tunnel carries only with {DISPATCH}: geneve"),
            message: format!(
                "Tunnel routing with Node Port \"{mode}\" mode requires geneve dispatch."
            ),
            fix: "set bpf-lb-dsr-dispatch: geneve (Helm: loadBalancer.dsrDispatch=geneve; Cilium 1.14 or newer), or bpf-lb-mode: snat (Helm: loadBalancer.mode=snat)",
            key: DISPATCH,
        }
    } else if is_geneve && protocol != "geneve" {
        Conflict {
            what: format!(
                "and {DISPATCH}: geneve needs tunnel-protocol: geneve, but that is {protocol}"
            ),
            message: format!(
                "Node Port \"{mode}\" mode with geneve dispatch requires geneve tunnel protocol."
            ),
            fix: "set tunnel-protocol: geneve (Helm: tunnelProtocol=geneve), also with routing-mode: native; or bpf-lb-dsr-dispatch: opt (Helm: loadBalancer.dsrDispatch=opt)",
            key: "tunnel-protocol",
        }
    } else {
        return Ok(None);
    };
    Ok(Some(conflict))
}
