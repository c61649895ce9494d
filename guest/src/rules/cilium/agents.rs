//! The agents' DaemonSet and their Pods.

use crate::cluster::{Cluster, Name};
use crate::detect::cilium::is_agent;
use crate::objects::pod::{Container, Pod};
use crate::objects::workload::Workload;
use crate::version::Version;

pub(super) fn daemon_set(cluster: &Cluster) -> Option<(&Name, &Workload)> {
    cluster.daemon_sets.iter().find(|(name, _)| is_agent(name))
}

/// The agents' Pods that have not ended.
pub(super) fn pods(cluster: &Cluster) -> impl Iterator<Item = (&Name, &Pod)> {
    cluster.pods.iter().filter(|(_, pod)| {
        let has_ended = matches!(pod.phase.as_str(), "Succeeded" | "Failed");
        !has_ended && container(&pod.containers).is_some()
    })
}

/// The release line of the agent among these containers; None when there is
/// no agent, or its image's tag does not tell.
pub(super) fn line(containers: &[Container]) -> Option<(u32, u32)> {
    let version = Version::of_image(&container(containers)?.image)?;
    Some((version.major, version.minor))
}

fn container(containers: &[Container]) -> Option<&Container> {
    containers.iter().find(|one| one.name == "cilium-agent")
}
