//! `cilium sysdump`, and the Python tool before it: files side by side, each
//! named for what it holds and for the time of the dump.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bundle, Missing, Objects, Role, Wrap, parent, refusals};

/// What the sysdump said while it ran.
pub(super) const LOG: &str = "cilium-sysdump.log";

/// Names of files with all objects of a kind.
const COMPLETE: [&str; 11] = [
    "ciliumnodeconfigs",
    "ciliumnodes",
    "ciliumpodippools",
    "gatewayapi-gatewayclasses",
    "gatewayapi-gateways",
    "k8s-nodes",
    "k8s-pods",
    "k8s-services",
    "nodes",
    "pods",
    "services",
];

/// Ends of the names of files with single objects, or those with a label.
const PARTIAL: [&str; 5] = [
    "-configmap",
    "-daemonset",
    "-deployment",
    "-ds",
    "-statefulset",
];

/// What the log calls the collection of a kind.
const TASKS: [(&str, &str); 9] = [
    ("Collecting Kubernetes nodes", "Node"),
    ("Collect Kubernetes nodes", "Node"),
    ("Collecting Kubernetes pods", "Pod"),
    ("Collecting Kubernetes services", "Service"),
    ("Collecting Cilium nodes", "CiliumNode"),
    ("Collecting Cilium Node Configs", "CiliumNodeConfig"),
    ("Collecting Cilium Pod IP Pools", "CiliumPodIPPool"),
    ("Collecting the Cilium configuration", "ConfigMap"),
    ("Collecting the Cilium daemonset(s)", "DaemonSet"),
];

/// Folders with at least two files of a sysdump.
pub(super) fn roots<'a>(paths: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for path in paths {
        let folder = parent(path);
        let name = path.strip_prefix(folder).unwrap_or(path);
        let is_one = name == LOG
            || stem(name)
                .is_some_and(|stem| COMPLETE.contains(&stem) || stem.starts_with("cilium-"));
        if is_one {
            *counts.entry(folder).or_default() += 1;
        }
    }
    let several = counts.into_iter().filter(|(_, count)| *count > 1);
    several.map(|(folder, _)| folder.to_owned()).collect()
}

/// Whether a name is that of an agent's dump or of flows that Hubble saw.
pub(super) fn is_dump(name: &str) -> bool {
    name.starts_with("cilium-bugtool-") || name.starts_with("hubble-flows-")
}

pub(super) fn role(inside: &str) -> Role {
    if let Some((folder, _)) = inside.split_once('/') {
        return if is_dump(folder) {
            Role::Other
        } else {
            Role::Unknown
        };
    }
    let is_text = [".yaml", ".json"].iter().any(|end| inside.ends_with(end));
    match stem(inside) {
        None => Role::Unknown,
        Some(_) if !is_text => Role::Other,
        Some(stem) if COMPLETE.contains(&stem) => objects(true),
        Some(stem) if PARTIAL.iter().any(|end| stem.ends_with(end)) => objects(false),
        Some(_) => Role::Other,
    }
}

fn objects(complete: bool) -> Role {
    Role::Objects(Objects {
        complete,
        wrap: Wrap::Nothing,
    })
}

/// The name before the time: `k8s-nodes` of `k8s-nodes-20250903-101112.yaml`.
fn stem(name: &str) -> Option<&str> {
    const TIME: usize = "-20250903-101112".len();
    let is_time = |time: &str| {
        time.char_indices().all(|(at, letter)| match at {
            0 | 9 => letter == '-',
            _ => letter.is_ascii_digit(),
        })
    };
    // Something may follow the time: `logs-cilium-abc-20250903-101112-prev.log`.
    name.match_indices('-').find_map(|(at, _)| {
        let time = name.get(at..at + TIME)?;
        is_time(time).then(|| name.get(..at))?
    })
}

/// The log ends with the tasks that failed: `[13] Collecting Cilium nodes:
/// failed to collect Cilium nodes: context deadline exceeded`.
pub(super) fn gaps(bundle: &Bundle) -> Vec<Missing> {
    let log = bundle.evidence.get(LOG).map_or("", String::as_str);
    let failed = log.lines().filter_map(|line| {
        let (_, task) = line.split_once("] ")?;
        let (name, reason) = task.split_once(": ")?;
        let (_, kind) = TASKS.iter().find(|(task, _)| *task == name)?;
        // The cluster has no such kind: there is nothing to miss.
        let is_unknown_there = reason.contains("could not find the requested resource");
        (!is_unknown_there).then(|| Missing {
            kind,
            path: LOG.to_owned(),
            reason: super::brief(reason),
        })
    });
    failed.chain(refusals(bundle)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_times() {
        for (name, expected) in [
            ("k8s-nodes-20250903-101112.yaml", Some("k8s-nodes")),
            (
                "logs-cilium-x-agent-20250903-101112-prev.log",
                Some("logs-cilium-x-agent"),
            ),
            ("nodes-2025.yaml", None),
            ("nodes.yaml", None),
            ("größe-20250903-101112", Some("größe")),
        ] {
            assert_eq!(stem(name), expected, "{name}");
        }
    }

    #[test]
    fn one_file_of_a_name_is_no_sysdump() {
        let lonely = ["a/nodes-20250903-101112.yaml", "b/other.yaml"];
        assert!(roots(lonely.into_iter()).is_empty());
        let two = [
            "a/nodes-20250903-101112.yaml",
            "a/ciliumnodes-20250903-101113.yaml",
        ];
        assert_eq!(roots(two.into_iter()), BTreeSet::from(["a/".to_owned()]));
    }
}
