//! cilium/agent-not-ready: nodes without a ready agent.

use std::collections::BTreeMap;

use super::agents;
use crate::cluster::Name;
use crate::objects::Kind;
use crate::objects::pod::Pod;
use crate::objects::workload::Rollout;
use crate::report::{ObjectRef, Severity};
use crate::rules::context::{Context, namespaced_object};
use crate::rules::rule::{Draft, Missing, Reach, Rule, Verdict};
use crate::rules::wording::subject;

pub const RULE: Rule = Rule {
    id: "cilium/agent-not-ready",
    reach: Reach::Node,
    severities: &[Severity::Warning],
    parameters: &[],
    page: include_str!("agent_not_ready.md"),
    check,
};

fn check(context: &Context<'_>, verdict: &mut Verdict) -> Result<(), Missing> {
    if context.cilium()?.is_none() {
        return Ok(());
    }
    let pods = pods_by_node(context);
    let counted = agents::daemon_set(context.cluster)
        .and_then(|(name, daemon_set)| Some((name, Count::of(&daemon_set.rollout)?)));
    if counted.is_none() {
        if pods.is_empty() {
            return Err(Missing::other(
                "the status of DaemonSet kube-system/cilium, or the agents' Pods",
            ));
        }
        context.nodes()?;
    }
    let without = nodes_without(context, &pods);
    let counted = counted.filter(|(_, count)| count.unavailable > 0);
    if without.is_empty() && counted.is_none() {
        return Ok(());
    }
    let names: Vec<&str> = without.keys().copied().collect();
    let on_nodes = (!names.is_empty()).then(|| {
        format!(
            "{} no ready Cilium agent",
            subject("node", &names, ["has", "have"])
        )
    });
    let by_count = counted.as_ref().map(|(_, count)| count.describe());
    let what: Vec<String> = on_nodes.into_iter().chain(by_count).collect();
    let daemon_set = counted
        .map(|(name, _)| namespaced_object(Kind::DaemonSet, name).at("status.numberUnavailable"));
    verdict.report(
        Draft::new(what.join("; "))
            .effect("new pods on such a node get no network, changes of Services and policies do not reach it, and pods that run there go on with what was last set up; a rollout or a new node passes through this for a minute or two")
            .fix("if it lasts: kubectl get pods -n kube-system -l k8s-app=cilium -o wide, then kubectl logs and describe of the agent; errors of this report about Cilium's settings may be the reason")
            .objects(without.into_values())
            .objects(daemon_set),
    );
    Ok(())
}

/// What the DaemonSet's status counts.
struct Count {
    desired: i64,
    unavailable: i64,
}

impl Count {
    /// None when there is no status. `numberUnavailable` is left out when it
    /// is 0.
    fn of(rollout: &Rollout) -> Option<Self> {
        Some(Self {
            desired: rollout.desired?,
            unavailable: rollout.unavailable.unwrap_or(0),
        })
    }

    fn describe(&self) -> String {
        let verb = if self.unavailable == 1 { "is" } else { "are" };
        format!(
            "{} of {} Cilium agents {verb} not available",
            self.unavailable, self.desired
        )
    }
}

type Pods<'a> = BTreeMap<&'a str, Vec<(&'a Name, &'a Pod)>>;

fn pods_by_node<'a>(context: &Context<'a>) -> Pods<'a> {
    let mut pods = Pods::new();
    for (name, pod) in agents::pods(context.cluster) {
        if !pod.node.is_empty() {
            pods.entry(pod.node.as_str()).or_default().push((name, pod));
        }
    }
    pods
}

/// The ready nodes that have no ready agent, with the agent's Pod or, where
/// there is none, the Node.
fn nodes_without<'a>(context: &Context<'a>, pods: &Pods<'a>) -> BTreeMap<&'a str, ObjectRef> {
    // Without any agent's Pod, the Pods of other namespaces may have been given.
    let all_pods = !pods.is_empty() && context.saw(Kind::Pod).is_ok();
    let mut without = BTreeMap::new();
    for node in context.cluster.nodes.values() {
        if node.ready != Some(true) {
            continue;
        }
        let object = match pods.get(node.name()).map(Vec::as_slice) {
            Some(pods) if pods.iter().all(|(_, pod)| pod.ready == Some(false)) => pods
                .first()
                .map(|(name, _)| namespaced_object(Kind::Pod, name).at("status.conditions")),
            Some(_) => None,
            // A CiliumNode shows that an agent has run there. Not every node
            // is for one.
            None => {
                let had_agent = context.cluster.cilium_nodes.contains_key(node.name());
                (all_pods && had_agent).then(|| node.to_ref())
            }
        };
        if let Some(object) = object {
            without.insert(node.name(), object);
        }
    }
    without
}
