//! cilium/version-skew: agents of different release lines.

use std::collections::BTreeMap;

use super::agents;
use crate::cluster::Name;
use crate::objects::Kind;
use crate::report::{ObjectRef, Severity};
use crate::rules::context::{Context, namespaced_object};
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};

pub const RULE: Rule = Rule {
    id: "cilium/version-skew",
    reach: Reach::Cluster,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("version_skew.md"),
    check,
};

/// Major and minor.
type Line = (u32, u32);

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    if context.cilium()?.is_none() {
        return Ok(());
    }
    let daemon_set = agents::daemon_set(context.cluster)
        .and_then(|(name, daemon_set)| Some((name, agents::line(&daemon_set.containers)?)));
    let mut pods: BTreeMap<Line, Vec<&Name>> = BTreeMap::new();
    for (name, pod) in agents::pods(context.cluster) {
        if let Some(line) = agents::line(&pod.containers) {
            pods.entry(line).or_default().push(name);
        }
    }
    // What all of them should run: what the DaemonSet says, else the newest.
    let newest = pods.keys().next_back().copied();
    let Some(wanted) = daemon_set.map(|(_, line)| line).or(newest) else {
        return context.saw(Kind::Pod);
    };
    let others: BTreeMap<Line, Vec<&Name>> = pods
        .into_iter()
        .filter(|(line, _)| *line != wanted)
        .collect();
    if others.is_empty() {
        context.note_unseen(&[Kind::Pod], verdict);
        return Ok(());
    }
    let (said_by, object) = match daemon_set {
        Some((name, _)) => ("the DaemonSet's image is", Some(image_of(name))),
        None => ("the newest agents are", None),
    };
    let counts: Vec<String> = others
        .iter()
        .map(|((major, minor), names)| match names.as_slice() {
            [one] => format!("Pod {} of {major}.{minor}", one.1),
            more => format!("{} Pods of {major}.{minor}", more.len()),
        })
        .collect();
    let (major, minor) = wanted;
    verdict.report(
        Draft::new(format!("{said_by} of Cilium {major}.{minor}, but there are agents of other releases: {}", counts.join(", ")))
            .effect("normal for the minutes of an upgrade; if it stays, settings are read differently from node to node, features that came or went between the releases work on some nodes only, and podroute judges all of them as one version")
            .fix("finish the upgrade: kubectl rollout status daemonset/cilium -n kube-system; with updateStrategy OnDelete, delete the old Pods node by node")
            .objects(others.values().flatten().map(|name| namespaced_object(Kind::Pod, name).at("spec.containers")))
            .objects(object),
    );
    Ok(())
}

fn image_of(name: &Name) -> ObjectRef {
    namespaced_object(Kind::DaemonSet, name).at("spec.template.spec.containers")
}
