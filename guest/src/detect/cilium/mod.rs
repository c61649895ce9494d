//! Cilium: its configuration as the agent would parse it, and its version.

pub mod agents;
pub mod config;
pub mod pools;
pub mod routing;

use super::ipam::IpamMode;
use crate::cluster::{Cluster, Name};
use crate::settings::Settings;
use crate::version::{Version, image_name};

pub use config::{BadValue, Config, FamilySwitch};

/// What is known of a Cilium installation.
#[derive(Debug)]
pub struct Cilium<'a> {
    /// ConfigMap cilium-config, when it was given.
    pub config: Option<Config<'a>>,
    /// The agent's version, from its DaemonSet's image, else the settings.
    pub version: Option<Version>,
    /// The IPAM mode; None when it is not known or no mode at all.
    pub ipam: Option<IpamMode>,
}

impl<'a> Cilium<'a> {
    /// What the cluster shows of Cilium, the settings applied.
    pub fn find(cluster: &'a Cluster, settings: &Settings) -> Self {
        let config = Config::find(cluster);
        let version = agent_version(cluster).or(settings.cilium_version);
        let ipam = match (&settings.ipam_mode, &config) {
            (Some(mode), _) => IpamMode::named(mode),
            (None, Some(config)) => match config.ipam() {
                Some(mode) => IpamMode::named(mode),
                None => default_mode(version),
            },
            (None, None) => None,
        };
        Self {
            config,
            version,
            ipam,
        }
    }

    /// Whether another CNI hands out the pods' addresses.
    pub fn is_chained(&self) -> bool {
        let config = self.config.as_ref();
        config.is_some_and(|config| config.chained_behind().is_some())
    }

    /// Whether the version is known and of this release line or newer.
    pub fn at_least(&self, major: u32, minor: u32) -> Option<bool> {
        Some(self.version?.at_least(major, minor))
    }
}

/// The mode of an agent whose configuration has no `ipam`: cluster-pool since
/// 1.9. Older agents had modes that no longer exist.
pub fn default_mode(version: Option<Version>) -> Option<IpamMode> {
    match version {
        Some(version) if !version.at_least(1, 9) => None,
        _ => Some(IpamMode::ClusterPool),
    }
}

/// Whether a DaemonSet is Cilium's agent.
pub fn is_agent(name: &Name) -> bool {
    name.1 == "cilium"
}

/// The image of the agent's container.
fn agent_version(cluster: &Cluster) -> Option<Version> {
    let (_, daemon_set) = cluster
        .daemon_sets
        .iter()
        .find(|(name, _)| is_agent(name))?;
    let container = daemon_set
        .containers
        .iter()
        .find(|container| container.name == "cilium-agent")
        .or_else(|| {
            daemon_set
                .containers
                .iter()
                .find(|container| image_name(&container.image) == "cilium")
        })?;
    Version::of_image(&container.image)
}
