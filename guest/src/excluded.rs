//! Nodes that no route goes to, because somebody says so.

use std::collections::BTreeMap;

use crate::go;
use crate::objects::node::Node;
use crate::settings::Settings;

/// Why no route goes to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exclusion {
    /// The annotation `podroute.dev/exclude` on the Node.
    Annotation,
    /// The setting `nodeSelector` does not select the Node.
    Selector,
}

/// Those of the nodes that are excluded, by name.
pub fn find<'a>(
    nodes: impl Iterator<Item = &'a Node>,
    settings: &Settings,
) -> BTreeMap<&'a str, Exclusion> {
    nodes
        .filter_map(|node| Some((node.name(), exclusion(node, settings)?)))
        .collect()
}

/// Why no route goes to a node; None when routes do.
pub fn exclusion(node: &Node, settings: &Settings) -> Option<Exclusion> {
    // Whoever writes `yes` means it: only a plain false is none.
    let annotation = node.annotations.exclude.as_deref();
    if annotation.is_some_and(|value| go::parse_bool(value) != Some(false)) {
        return Some(Exclusion::Annotation);
    }
    let selector = settings.node_selector.as_ref()?;
    (!selector.matches(&node.labels.read())).then_some(Exclusion::Selector)
}
