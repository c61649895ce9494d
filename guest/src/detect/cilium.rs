//! Cilium: its configuration as the agent would parse it, and its version.

use std::collections::BTreeMap;

use super::ipam::IpamMode;
use crate::cluster::{Cluster, Name};
use crate::go;
use crate::objects::cilium_node_config::CiliumNodeConfig;
use crate::objects::config_map::ConfigMap;
use crate::objects::node::Node;
use crate::prefix::Family;
use crate::settings::Settings;
use crate::version::{Version, image_name};

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

/// ConfigMap cilium-config, read as the agent reads it.
#[derive(Debug)]
pub struct Config<'a> {
    pub object: &'a ConfigMap,
    overrides: Vec<&'a CiliumNodeConfig>,
}

/// A value that the agent refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadValue<'a>(pub &'a str);

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

    /// Whether the version is known and of this release line or newer.
    pub fn at_least(&self, major: u32, minor: u32) -> Option<bool> {
        Some(self.version?.at_least(major, minor))
    }
}

impl<'a> Config<'a> {
    /// cilium-config in kube-system, else in the first namespace that has one.
    fn find(cluster: &'a Cluster) -> Option<Self> {
        let mut found = cluster
            .config_maps
            .iter()
            .filter(|((_, name), _)| name == ConfigMap::CILIUM);
        let object = cluster
            .config_maps
            .get(&("kube-system".to_owned(), ConfigMap::CILIUM.to_owned()))
            .or_else(|| found.next().map(|(_, object)| object))?;
        let overrides = cluster
            .cilium_node_configs
            .values()
            .filter(|one| one.metadata.namespace == object.metadata.namespace)
            .collect();
        Some(Self { object, overrides })
    }

    /// The value of a key for the cluster as a whole.
    pub fn value(&self, key: &str) -> Option<&'a str> {
        self.object.trimmed(key)
    }

    /// `ipam`; None when the key is missing.
    pub fn ipam(&self) -> Option<&'a str> {
        self.value("ipam")
    }

    /// The CNI that Cilium is chained behind, which hands out the pods'
    /// addresses; None when Cilium does so itself.
    pub fn chained_behind(&self) -> Option<&'a str> {
        self.value("cni-chaining-mode")
            .filter(|mode| !matches!(*mode, "" | "none" | "portmap"))
    }

    /// A boolean for the cluster as a whole. `default` is what the agent
    /// takes when the key is missing.
    pub fn bool(&self, key: &str, default: bool) -> Result<bool, BadValue<'a>> {
        parse(self.value(key), default)
    }

    /// A boolean for one node, CiliumNodeConfigs applied. Of several that
    /// match, the last by name counts, as the agent merges them in order.
    pub fn bool_on(&self, node: &Node, key: &str, default: bool) -> Result<bool, BadValue<'a>> {
        let mut value = self.value(key);
        if self
            .overrides
            .iter()
            .any(|one| one.defaults.contains_key(key))
        {
            let labels = node.labels.read();
            value = self.overridden(&labels, key).or(value);
        }
        parse(value, default)
    }

    fn overridden(&self, labels: &BTreeMap<String, String>, key: &str) -> Option<&'a str> {
        self.overrides
            .iter()
            .filter(|one| one.selector.matches(labels))
            .filter_map(|one| one.defaults.get(key))
            .map(|value| value.trim())
            .next_back()
    }

    /// Whether a family is switched on, and whether the key says so or the
    /// agent's default does. Both families are on by default. A value that
    /// the agent refuses counts as the default.
    pub fn family(&self, family: Family) -> FamilySwitch {
        let key = match family {
            Family::V4 => "enable-ipv4",
            Family::V6 => "enable-ipv6",
        };
        match self.value(key).and_then(go::parse_bool) {
            Some(true) => FamilySwitch::On,
            Some(false) => FamilySwitch::Off,
            None => FamilySwitch::Defaulted,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilySwitch {
    On,
    Off,
    /// The key is missing: on, but whoever wrote the file may not know it.
    Defaulted,
}

fn parse(value: Option<&str>, default: bool) -> Result<bool, BadValue<'_>> {
    match value {
        None => Ok(default),
        Some(text) => go::parse_bool(text).ok_or(BadValue(text)),
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
