//! A trace for people: the route first, then who has the address, then what
//! is wrong about it.

use std::fmt::Write;

use super::document::pod_ref;
use crate::Snapshot;
use crate::policy::{ObjectRef, Trace, TracedAko, TracedPod};
use crate::render::style::{self, dim, heading};
use crate::render::table::{object, one_finding, paragraph, places};

pub(super) fn render(trace: &Trace, snapshot: &Snapshot) -> String {
    let mut text = heading(&trace.ip) + "\n";
    route(&mut text, trace, snapshot);
    holders(&mut text, trace, snapshot);
    for ako in &trace.ako {
        row(&mut text, "AKO", &of_ako(trace, ako));
    }
    for reason in &trace.undecided {
        text += &paragraph("no verdict: ", reason);
    }
    if !trace.unseen.is_empty() {
        let unseen = format!(
            "not in the snapshot, or not completely: {}",
            trace.unseen.join(", ")
        );
        row(&mut text, "unknown", &unseen);
    }
    if !trace.findings.is_empty() {
        text.push('\n');
        let findings: Vec<String> = trace
            .findings
            .iter()
            .map(|finding| one_finding(finding, snapshot))
            .collect();
        text += &findings.join("\n");
    }
    for accepted in &trace.suppressed {
        let finding = &accepted.finding;
        let reasons = accepted.reasons.join("; ");
        text += &paragraph(
            "accepted: ",
            &format!("{}: {} (because: {reasons})", finding.rule, finding.message),
        );
    }
    text
}

fn row(text: &mut String, label: &str, value: &str) {
    let _ = writeln!(text, "  {label:<13} {value}");
}

fn route(text: &mut String, trace: &Trace, snapshot: &Snapshot) {
    match &trace.route {
        Some(route) => {
            row(
                text,
                "route",
                &format!("{} via {}", route.prefix, route.next_hop),
            );
            row(text, "node", &route.node);
        }
        None => row(text, "route", &style::error("none")),
    }
    for claim in &trace.claims {
        let from = at(&claim.source, snapshot);
        match &claim.withheld_by {
            Some(rule) => row(
                text,
                "withheld",
                &format!("{} of node {} by {rule}: {from}", claim.prefix, claim.node),
            ),
            None => row(text, "read from", &format!("{} {from}", claim.prefix)),
        }
    }
    for nearest in &trace.nearest {
        let text_of = format!(
            "{} via {} (node {})",
            nearest.prefix, nearest.next_hop, nearest.node
        );
        row(text, "nearest", &text_of);
    }
}

fn holders(text: &mut String, trace: &Trace, snapshot: &Snapshot) {
    for pod in &trace.pods {
        row(text, "pod", &of_pod(trace, pod, snapshot));
    }
    for node in &trace.nodes {
        row(text, "address of", &at(node, snapshot));
    }
    for service in &trace.services {
        row(text, "cluster IP of", &at(service, snapshot));
    }
    for pool in &trace.pools {
        let free = if trace.claims.is_empty() {
            "; no node has a pod CIDR with the address"
        } else {
            ""
        };
        row(
            text,
            "pool",
            &format!("{} in {}{free}", pool.prefix, at(&pool.source, snapshot)),
        );
    }
}

fn of_pod(trace: &Trace, pod: &TracedPod, snapshot: &Snapshot) -> String {
    let place = dim(places(&pod_ref(pod), snapshot));
    let name = format!("{}/{} on node {}{place}", pod.namespace, pod.name, pod.node);
    if !pod.elsewhere {
        return name;
    }
    let lends = trace
        .claims
        .iter()
        .any(|claim| claim.source.kind == "BlockAffinity");
    let there = match (&trace.route, lends) {
        (Some(route), true) => format!(
            "packets go to node {}, which hands them on: Calico lends addresses",
            route.node
        ),
        (Some(route), false) => format!("but packets go to node {}", route.node),
        (None, _) => "on another node than the pod CIDR".to_owned(),
    };
    if lends {
        format!("{name}; {there}")
    } else {
        format!("{name}; {} {there}", style::warning("warning:"))
    }
}

fn of_ako(trace: &Trace, ako: &TracedAko) -> String {
    let what = match (&ako.prefix, &ako.next_hop, &ako.node) {
        (Some(prefix), Some(next_hop), Some(node)) => {
            format!("programs {prefix} via {next_hop} (node {node})")
        }
        _ => format!(
            "programs no route to it: {}",
            ako.reason.as_deref().unwrap_or("no reason given")
        ),
    };
    let verdict = match (ako.right, &trace.route) {
        (true, Some(_)) => "as it has to be".to_owned(),
        (true, None) => "nor has it to".to_owned(),
        (false, _) => style::warning("not as it has to be"),
    };
    format!("in {} {what}; {verdict}", ako.namespace)
}

fn at(found: &ObjectRef, snapshot: &Snapshot) -> String {
    format!("{}{}", object(found), dim(places(found, snapshot)))
}
