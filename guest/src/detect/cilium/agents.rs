//! What Cilium's agents run with, node by node: cilium-config, and over it
//! the CiliumNodeConfigs that select a node.
//!
//! A rule that looks at some keys looks at each distinct set of their values
//! once, not at each of five thousand nodes.

use std::collections::BTreeMap;

use super::config::{BadValue, Config, Overrides, parse_bool};
use crate::go;
use crate::objects::Kind;
use crate::objects::cilium_node_config::CiliumNodeConfig;
use crate::objects::config_map::ConfigMap;
use crate::objects::node::Node;
use crate::report::ObjectRef;
use crate::rules::context::namespaced_object;

/// The configuration that some agents share.
#[derive(Debug)]
pub struct AgentConfig<'a> {
    object: &'a ConfigMap,
    /// Those that set a key that is looked at, in the order of merging.
    overrides: Overrides<'a>,
    /// The nodes whose agents run with it; empty when no Node was given.
    pub nodes: Vec<&'a Node>,
    /// Whether all agents run with it, as far as the keys are concerned.
    pub is_everywhere: bool,
}

impl<'a> Config<'a> {
    /// The configurations that differ in one of `keys`, with their nodes: one
    /// for all agents unless a CiliumNodeConfig sets one of the keys.
    pub fn agents(&self, keys: &[&str]) -> Vec<AgentConfig<'a>> {
        let sets_a_key =
            |one: &&&CiliumNodeConfig| keys.iter().any(|key| one.defaults.contains_key(*key));
        let mut groups: BTreeMap<Overrides<'_>, Vec<&Node>> = BTreeMap::new();
        for (overrides, nodes) in self.groups() {
            let relevant = overrides.iter().filter(sets_a_key).copied().collect();
            groups.entry(relevant).or_default().extend(nodes);
        }
        let is_everywhere = groups.len() == 1;
        groups
            .into_iter()
            .map(|(overrides, nodes)| AgentConfig {
                object: self.object,
                overrides,
                nodes,
                is_everywhere,
            })
            .collect()
    }
}

impl<'a> AgentConfig<'a> {
    /// The value of a key, white space around it removed; None when missing.
    pub fn value(&self, key: &str) -> Option<&'a str> {
        match self.override_of(key) {
            Some(one) => one.trimmed(key),
            None => self.object.trimmed(key),
        }
    }

    /// The value of a key unless it is missing or empty, which for most text
    /// keys is the same.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.value(key).filter(|value| !value.is_empty())
    }

    /// A boolean. `default` is what the agent takes when the key is missing.
    pub fn bool(&self, key: &str, default: bool) -> Result<bool, BadValue<'a>> {
        parse_bool(self.value(key), default)
    }

    /// Whether a boolean is on, where a value that the agent refuses counts as
    /// the default: that value is a finding of its own.
    pub fn is_on(&self, key: &str, default: bool) -> bool {
        self.bool(key, default).unwrap_or(default)
    }

    /// An integer. `default` is what the agent takes when the key is missing.
    pub fn int(&self, key: &str, default: i64) -> Result<i64, BadValue<'a>> {
        match self.value(key) {
            None => Ok(default),
            Some(text) => go::parse_int(text).ok_or(BadValue(text)),
        }
    }

    /// Where a key stands, or would have to be put: the CiliumNodeConfig that
    /// sets it, else cilium-config.
    pub fn key_ref(&self, key: &str) -> ObjectRef {
        match self.override_of(key) {
            Some(one) => namespaced_object(
                Kind::CiliumNodeConfig,
                &(one.metadata.namespace.clone(), one.metadata.name.clone()),
            )
            .at(format!("spec.defaults.{key}")),
            None => namespaced_object(
                Kind::ConfigMap,
                &(
                    self.object.metadata.namespace.clone(),
                    self.object.metadata.name.clone(),
                ),
            )
            .at(format!("data.{key}")),
        }
    }

    /// The end of a sentence: which agents are meant. Empty when all are.
    pub fn whose(&self) -> String {
        const NAMED: usize = 3;
        if self.is_everywhere {
            return String::new();
        }
        let names: Vec<&str> = self.nodes.iter().map(|node| node.name()).collect();
        match (names.as_slice(), names.get(..NAMED)) {
            ([one], _) => format!(" on node {one}"),
            (all, Some(first)) if all.len() > NAMED => {
                format!(" on {} nodes ({}, ...)", all.len(), first.join(", "))
            }
            (all, _) => format!(" on nodes {}", all.join(", ")),
        }
    }

    fn override_of(&self, key: &str) -> Option<&'a CiliumNodeConfig> {
        self.overrides
            .iter()
            .rev()
            .copied()
            .find(|one| one.defaults.contains_key(key))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Cilium;
    use crate::cluster::Cluster;
    use crate::settings::Settings;

    fn node(name: &str, zone: &str) -> String {
        format!(
            r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{name}","labels":{{"zone":"{zone}"}}}}}}"#
        )
    }

    fn node_config(name: &str, zone: &str, defaults: &str) -> String {
        format!(
            r#"{{"apiVersion":"cilium.io/v2","kind":"CiliumNodeConfig","metadata":{{"name":"{name}","namespace":"kube-system"}},"spec":{{"nodeSelector":{{"matchLabels":{{"zone":"{zone}"}}}},"defaults":{defaults}}}}}"#
        )
    }

    /// Two zones, the second with overrides of which the later by name wins.
    #[test]
    fn groups_nodes_by_the_keys_that_are_looked_at() {
        let config = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cilium-config","namespace":"kube-system"},"data":{"routing-mode":"tunnel","mtu":"1450"}}"#;
        let documents = [
            config.to_owned(),
            node("a1", "a"),
            node("b1", "b"),
            node("b2", "b"),
            node_config("first", "b", r#"{"routing-mode":"hybrid","mtu":"9000"}"#),
            node_config("second", "b", r#"{"routing-mode":" native "}"#),
        ];
        let mut cluster = Cluster::default();
        assert!(
            cluster
                .load(documents.iter().map(String::as_str))
                .is_empty()
        );
        let cilium = Cilium::find(&cluster, &Settings::default());
        let config = cilium.config.unwrap();
        let of = |keys: &[&str], key: &str| -> Vec<(String, Option<String>)> {
            config
                .agents(keys)
                .iter()
                .map(|agents| (agents.whose(), agents.value(key).map(str::to_owned)))
                .collect()
        };
        assert_eq!(of(&["enable-ipv4"], "enable-ipv4"), [(String::new(), None)]);
        assert_eq!(
            of(&["routing-mode"], "routing-mode"),
            [
                (" on node a1".into(), Some("tunnel".into())),
                (" on nodes b1, b2".into(), Some("native".into())),
            ]
        );
        let agents = config.agents(&["mtu"]);
        assert_eq!(agents[1].int("mtu", 0), Ok(9000));
        assert_eq!(agents[1].key_ref("mtu").name, "first");
        assert_eq!(agents[0].key_ref("mtu").name, "cilium-config");
    }
}
