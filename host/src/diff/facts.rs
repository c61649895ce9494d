//! What was found out about the cluster, before and after.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::reported::{Ako, Report};

/// A fact that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is, for people: `IPAM mode`.
    pub fact: String,
    pub old: Option<String>,
    pub new: Option<String>,
}

pub(super) fn between(old: &Report, new: &Report) -> Vec<Fact> {
    let (before, after) = (of(old), of(new));
    let mut names: Vec<&String> = before.iter().map(|(name, _)| name).collect();
    let more = after.iter().map(|(name, _)| name);
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let before: BTreeMap<&String, &Option<String>> = before.iter().map(|(a, b)| (a, b)).collect();
    let after: BTreeMap<&String, &Option<String>> = after.iter().map(|(a, b)| (a, b)).collect();
    let value = |facts: &BTreeMap<&String, &Option<String>>, name| {
        facts.get(name).and_then(|value| (*value).clone())
    };
    names
        .into_iter()
        .map(|name| Fact {
            fact: name.clone(),
            old: value(&before, name),
            new: value(&after, name),
        })
        .filter(|fact| fact.old != fact.new)
        .collect()
}

/// The facts of a report, by name, in the order in which people read them.
fn of(report: &Report) -> Vec<(String, Option<String>)> {
    let facts = &report.cluster;
    let mut list = vec![
        ("CNI".to_owned(), Some(facts.cni.clone())),
        ("IPAM mode".to_owned(), facts.ipam_mode.clone()),
        ("pod CIDRs in".to_owned(), facts.pod_cidr_source.clone()),
        ("Cilium".to_owned(), facts.cilium_version.clone()),
        ("Kubernetes".to_owned(), facts.kubernetes_version.clone()),
        (
            "families".to_owned(),
            Some(facts.families.join(", ")).filter(|families| !families.is_empty()),
        ),
        ("nodes".to_owned(), Some(facts.nodes.to_string())),
        (
            "CiliumNodes".to_owned(),
            Some(facts.cilium_nodes.to_string()),
        ),
        ("routes".to_owned(), Some(report.routes.len().to_string())),
    ];
    let namespaces: BTreeSet<&String> = facts.ako.iter().map(|ako| &ako.namespace).collect();
    for namespace in namespaces {
        let of_namespace = facts.ako.iter().filter(|ako| ako.namespace == *namespace);
        let described: Vec<String> = of_namespace.map(describe).collect();
        list.push((format!("AKO in {namespace}"), Some(described.join("; "))));
    }
    list
}

fn describe(ako: &Ako) -> String {
    format!(
        "{}, cluster name {}, cniPlugin {:?}, {}",
        ako.version.as_deref().unwrap_or("of unknown version"),
        ako.cluster_name.as_deref().unwrap_or("not set"),
        ako.cni_plugin,
        if ako.syncs_routes {
            "programs static routes"
        } else {
            "programs no static routes"
        }
    )
}
