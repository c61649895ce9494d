//! sctp/target-port: an SCTP port that would have to be rewritten.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use super::usage::{self, Port};
use crate::cluster::Cluster;
use crate::objects::Kind;
use crate::objects::pod::{ContainerPort, Pod};
use crate::objects::service::{Service, TargetPort};
use crate::report::Severity;
use crate::rules::context::Context;
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "sctp/target-port",
    reach: Reach::Services,
    severities: &[Severity::Error],
    parameters: &[],
    page: include_str!("target_port.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    let backends = LazyCell::new(|| Backends::of(context.cluster));
    let mut drafts = Vec::new();
    let mut missing = BTreeSet::new();
    for port in usage::ports(context.cluster) {
        // Clients of a headless Service talk to the Pods' own ports.
        if port.service.headless {
            continue;
        }
        let targets = match &port.entry.target_port {
            None => continue,
            Some(TargetPort::Number(number)) if *number == port.entry.port => continue,
            Some(_) if port.service.selector.is_empty() => Err(Missing::other(format!(
                "the EndpointSlices of Service {}, which has no selector",
                name(&port)
            ))),
            Some(TargetPort::Number(number)) => Ok(BTreeSet::from([*number])),
            Some(TargetPort::Name(target)) => {
                let numbers = backends.numbers(port.service, target);
                if numbers.is_empty() {
                    Err(unresolved(context, &port, target))
                } else {
                    Ok(numbers)
                }
            }
        };
        match targets {
            Ok(targets) => {
                let other = targets.iter().find(|target| **target != port.entry.port);
                drafts.extend(other.map(|target| draft(&port, *target)));
            }
            Err(what) => drop(missing.insert(what)),
        }
    }
    if let Err(unseen) = context.saw(Kind::Service) {
        missing.insert(unseen);
    }
    if drafts.is_empty() && missing.is_empty() {
        return Ok(());
    }
    if context.cilium()?.is_some() {
        for draft in drafts {
            verdict.report(draft);
        }
        for what in missing {
            verdict.lacks(what);
        }
    }
    Ok(())
}

fn draft(port: &Port<'_>, target: u16) -> Draft {
    let number = port.entry.port;
    let written = match &port.entry.target_port {
        Some(TargetPort::Name(name)) => format!("`{name}`, which is {target}"),
        _ => target.to_string(),
    };
    Draft::new(format!(
        "Service {} has the SCTP port {number} with targetPort {written}",
        name(port)
    ))
    .effect("Cilium does not rewrite SCTP ports: it drops what is sent to this port of the Service's address (a load balancer that sends to the pods directly is not concerned)")
    .fix(format!(
        "make port and targetPort equal: port {target} in the Service, or let the pods listen on {number}"
    ))
    .object(port.at("targetPort"))
}

fn name(port: &Port<'_>) -> String {
    let metadata = &port.service.metadata;
    format!("{}/{}", metadata.namespace, metadata.name)
}

/// What would have to be given to know the number behind a name.
fn unresolved(context: &Context<'_>, port: &Port<'_>, target: &str) -> Missing {
    match context.saw(Kind::Pod) {
        Err(missing) => missing,
        Ok(()) => Missing::other(format!(
            "a Pod of Service {} with an SCTP port named `{target}`",
            name(port)
        )),
    }
}

/// The Pods with SCTP ports by namespace, their labels read once.
struct Backends<'a>(BTreeMap<&'a str, Vec<Backend<'a>>>);

struct Backend<'a> {
    labels: BTreeMap<String, String>,
    pod: &'a Pod,
}

impl<'a> Backends<'a> {
    fn of(cluster: &'a Cluster) -> Self {
        let mut by_namespace: BTreeMap<&str, Vec<Backend<'_>>> = BTreeMap::new();
        for pod in cluster.pods.values() {
            let backend = Backend {
                labels: pod.labels.read(),
                pod,
            };
            by_namespace
                .entry(&pod.metadata.namespace)
                .or_default()
                .push(backend);
        }
        Self(by_namespace)
    }

    /// The numbers that a name stands for in the Pods of a Service.
    fn numbers(&self, service: &Service, target: &str) -> BTreeSet<u16> {
        self.0
            .get(service.metadata.namespace.as_str())
            .into_iter()
            .flatten()
            .filter(|backend| {
                service
                    .selector
                    .iter()
                    .all(|(key, value)| backend.labels.get(key) == Some(value))
            })
            .filter_map(|backend| named_port(backend.pod, target))
            .map(|port| port.port)
            .collect()
    }
}

/// A name is looked up among the ports of the same protocol.
fn named_port<'a>(pod: &'a Pod, name: &str) -> Option<&'a ContainerPort> {
    pod.containers
        .iter()
        .flat_map(|container| &container.ports)
        .find(|port| port.is_sctp() && port.name == name)
}
