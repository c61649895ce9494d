//! ConfigMap cilium-config, read as the agent reads it.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::cluster::Cluster;
use crate::go;
use crate::objects::cilium_node_config::CiliumNodeConfig;
use crate::objects::config_map::ConfigMap;
use crate::objects::node::Node;
use crate::prefix::Family;

/// The configuration of Cilium's agents: one for all, and what is overridden
/// for some of their nodes.
#[derive(Debug)]
pub struct Config<'a> {
    pub object: &'a ConfigMap,
    /// Made when somebody asks: see [`Config::groups`].
    groups: OnceCell<Groups<'a>>,
    cluster: &'a Cluster,
    overrides: Overrides<'a>,
    /// The families of nodes for which a CiliumNodeConfig sets them.
    families: BTreeMap<(&'a str, Family), FamilySwitch>,
}

/// CiliumNodeConfigs in the order in which the agent merges them: by name, of
/// several that set a key the last counts.
pub(super) type Overrides<'a> = Vec<&'a CiliumNodeConfig>;

pub(super) type Groups<'a> = BTreeMap<Overrides<'a>, Vec<&'a Node>>;

/// A value that the agent refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadValue<'a>(pub &'a str);

impl<'a> Config<'a> {
    /// cilium-config in kube-system, else in the first namespace that has one.
    pub(in crate::detect) fn find(cluster: &'a Cluster) -> Option<Self> {
        let mut found = cluster
            .config_maps
            .iter()
            .filter(|((_, name), _)| name == ConfigMap::CILIUM);
        let object = cluster
            .config_maps
            .get(&("kube-system".to_owned(), ConfigMap::CILIUM.to_owned()))
            .or_else(|| found.next().map(|(_, object)| object))?;
        let overrides: Overrides<'_> = cluster
            .cilium_node_configs
            .values()
            .filter(|one| one.metadata.namespace == object.metadata.namespace)
            .collect();
        let mut config = Self {
            object,
            families: BTreeMap::new(),
            groups: OnceCell::new(),
            cluster,
            overrides,
        };
        if !config.overrides.is_empty() {
            config.families = families(config.groups());
        }
        Some(config)
    }

    /// The nodes by the CiliumNodeConfigs that select them. Without Nodes, the
    /// one group that no CiliumNodeConfig selects.
    pub(super) fn groups(&self) -> &Groups<'a> {
        self.groups
            .get_or_init(|| groups(self.cluster, &self.overrides))
    }

    /// Every CiliumNodeConfig of the installation, whatever it selects.
    pub fn overrides(&self) -> &[&'a CiliumNodeConfig] {
        &self.overrides
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
        parse_bool(self.value(key), default)
    }

    /// A boolean for one node, CiliumNodeConfigs applied.
    pub fn bool_on(&self, node: &Node, key: &str, default: bool) -> Result<bool, BadValue<'a>> {
        let sets_key = |one: &&&CiliumNodeConfig| one.defaults.contains_key(key);
        let mut setting = self.overrides.iter().filter(sets_key).peekable();
        if setting.peek().is_none() {
            return self.bool(key, default);
        }
        let labels = node.labels.read();
        let value = setting
            .filter(|one| one.selector.matches(&labels))
            .filter_map(|one| one.trimmed(key))
            .next_back();
        parse_bool(value.or(self.value(key)), default)
    }

    /// Whether a family is switched on, and whether the key says so or the
    /// agent's default does. Both families are on by default. A value that
    /// the agent refuses counts as the default.
    pub fn family(&self, family: Family) -> FamilySwitch {
        FamilySwitch::read(self.value(family_key(family)))
    }

    /// The same for one node, CiliumNodeConfigs applied.
    pub fn family_on(&self, node: &str, family: Family) -> FamilySwitch {
        let set = self.families.get(&(node, family));
        set.copied().unwrap_or_else(|| self.family(family))
    }

    /// What CiliumNodeConfigs say of families, node by node.
    pub fn families_by_node(&self) -> impl Iterator<Item = (&'a str, Family, FamilySwitch)> {
        self.families
            .iter()
            .map(|((node, family), switch)| (*node, *family, *switch))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilySwitch {
    On,
    Off,
    /// The key is missing: on, but whoever wrote the file may not know it.
    Defaulted,
}

impl FamilySwitch {
    fn read(value: Option<&str>) -> Self {
        match value.and_then(go::parse_bool) {
            Some(true) => Self::On,
            Some(false) => Self::Off,
            None => Self::Defaulted,
        }
    }
}

fn family_key(family: Family) -> &'static str {
    match family {
        Family::V4 => "enable-ipv4",
        Family::V6 => "enable-ipv6",
    }
}

/// What CiliumNodeConfigs say of families, by node.
fn families<'a>(groups: &Groups<'a>) -> BTreeMap<(&'a str, Family), FamilySwitch> {
    let mut families = BTreeMap::new();
    for (overrides, nodes) in groups {
        for family in Family::ALL {
            let set = overrides
                .iter()
                .filter_map(|one| one.trimmed(family_key(family)))
                .next_back();
            if set.is_some() {
                let switch = FamilySwitch::read(set);
                families.extend(nodes.iter().map(|node| ((node.name(), family), switch)));
            }
        }
    }
    families
}

/// A boolean that may be missing.
pub(super) fn parse_bool(value: Option<&str>, default: bool) -> Result<bool, BadValue<'_>> {
    match value {
        None => Ok(default),
        Some(text) => go::parse_bool(text).ok_or(BadValue(text)),
    }
}

fn groups<'a>(cluster: &'a Cluster, overrides: &[&'a CiliumNodeConfig]) -> Groups<'a> {
    if overrides.is_empty() || cluster.nodes.is_empty() {
        return Groups::from([(Vec::new(), cluster.nodes.values().collect())]);
    }
    let mut groups = Groups::new();
    for node in cluster.nodes.values() {
        let labels = node.labels.read();
        let selects = |one: &&&CiliumNodeConfig| one.selector.matches(&labels);
        let selecting = overrides.iter().filter(selects).copied().collect();
        groups.entry(selecting).or_default().push(node);
    }
    groups
}
