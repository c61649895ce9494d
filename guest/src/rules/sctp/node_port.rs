//! sctp/node-port: SCTP that reaches the cluster by a node port.

use super::avi;
use super::usage::{self, Port};
use crate::detect::cilium::BadValue;
use crate::objects::Kind;
use crate::objects::service::TargetPort;
use crate::report::{ObjectRef, Severity};
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "sctp/node-port",
    reach: Reach::Services,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("node_port.md"),
    check,
};

const KEY: &str = "kube-proxy-replacement";

/// Who uses the node port of a Service.
enum Reached {
    Yes,
    No,
    /// A load balancer of which it is not known how it sends.
    Unknown,
}

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let ports: Vec<Port<'_>> = usage::ports(context.cluster)
        .filter(needs_rewriting)
        .collect();
    if ports.is_empty() && context.saw(Kind::Service).is_ok() {
        return Ok(());
    }
    let Some(config) = context.cilium_config()? else {
        return Ok(());
    };
    // `strict` is what `true` was called up to 1.15.
    let is_on = usage::on_nodes(context.cluster, config, KEY)
        .any(|value| matches!(value, Ok(true) | Err(BadValue("strict"))));
    if !is_on {
        return Ok(());
    }
    context.note_unseen(&[Kind::Service], verdict);
    let mut objects: Vec<ObjectRef> = Vec::new();
    for port in ports {
        match reached(context, &port) {
            Reached::Yes => objects.push(port.at("nodePort")),
            Reached::No => {}
            Reached::Unknown => verdict.lacks(Missing::other("ConfigMap avi-k8s-config (AKO)")),
        }
    }
    if objects.is_empty() {
        return Ok(());
    }
    verdict.report(
        Draft::new(format!(
            "with {KEY} SCTP does not work by node port, as it is offered by {}",
            usage::first_of(&objects)
        ))
        .effect("Cilium does not rewrite SCTP ports: it drops what is sent to the node ports of these Services")
        .fix("send to the pods directly (type: LoadBalancer, and for AKO serviceType: ClusterIP in ConfigMap avi-k8s-config), or make nodePort, port and targetPort equal; where a LoadBalancer does not use node ports, set allocateLoadBalancerNodePorts: false and remove nodePort")
        .objects(objects)
        .object(config.key_ref(KEY)),
    );
    Ok(())
}

/// Whether a port has a node port that is not the pods' own.
fn needs_rewriting(port: &Port<'_>) -> bool {
    let service = port.service;
    let has_node_port = match service.kind.as_str() {
        "NodePort" => true,
        "LoadBalancer" => port.entry.node_port.is_some() || !service.without_node_ports,
        _ => false,
    };
    let target = match &port.entry.target_port {
        None => Some(port.entry.port),
        Some(TargetPort::Number(number)) => Some(*number),
        Some(TargetPort::Name(_)) => None,
    };
    has_node_port && (target.is_none() || target != port.entry.node_port)
}

/// A load balancer may send to the node port, or to the pods as AKO does with
/// `serviceType: ClusterIP`. A Service of type `NodePort` is nobody's.
fn reached(context: &Context<'_>, port: &Port<'_>) -> Reached {
    let akos = &context.detected.akos;
    if akos.is_empty() && avi::may_take_service(port.service) {
        return Reached::Unknown;
    }
    let takers: Vec<_> = akos
        .iter()
        .filter(|ako| avi::takes_service(ako, port.service))
        .collect();
    if takers.is_empty() || takers.iter().any(|ako| ako.service_type() == "NodePort") {
        Reached::Yes
    } else {
        Reached::No
    }
}
