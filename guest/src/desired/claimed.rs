//! Who claims which prefix, so that those who may contend are found without
//! looking at everybody.

use std::collections::{BTreeMap, BTreeSet};

use crate::prefix::{Family, Prefix};

#[derive(Debug, Default)]
pub(super) struct Claimed {
    by_prefix: BTreeMap<Prefix, BTreeSet<String>>,
    by_node: BTreeMap<String, BTreeSet<Prefix>>,
    /// How many prefixes there are of each length, to know which covers to
    /// look for.
    lengths: BTreeMap<(Family, u8), usize>,
}

impl Claimed {
    /// Puts what a node claims now in place of what it claimed. Returns both
    /// together.
    pub(super) fn replace(&mut self, node: &str, now: BTreeSet<Prefix>) -> BTreeSet<Prefix> {
        let mut before = self.by_node.remove(node).unwrap_or_default();
        for prefix in before.difference(&now) {
            self.remove(node, *prefix);
        }
        for prefix in now.difference(&before) {
            self.add(node, *prefix);
        }
        before.extend(&now);
        if !now.is_empty() {
            self.by_node.insert(node.to_owned(), now);
        }
        before
    }

    /// These nodes and all that have to be settled with them: whose claims
    /// lie under one cover with a claim of one of them, and so on. `prefixes`
    /// are what the nodes claim and what they claimed before.
    pub(super) fn closure(
        &self,
        mut nodes: BTreeSet<String>,
        prefixes: BTreeSet<Prefix>,
    ) -> BTreeSet<String> {
        let mut covers = BTreeSet::new();
        let mut open: Vec<Prefix> = prefixes.into_iter().collect();
        while let Some(prefix) = open.pop() {
            let cover = self.cover(prefix);
            if !covers.insert(cover) {
                continue;
            }
            let inside = self
                .by_prefix
                .range(cover..)
                .take_while(|(other, _)| cover.contains(**other));
            for node in inside.flat_map(|(_, nodes)| nodes) {
                if nodes.insert(node.clone()) {
                    open.extend(self.by_node.get(node).into_iter().flatten());
                }
            }
        }
        nodes
    }

    /// A node as asked for that claims a prefix of a family.
    pub(super) fn of_family(
        &self,
        family: Family,
        is_wanted: impl Fn(&&String) -> bool,
    ) -> Option<&String> {
        // Sorted by family.
        let mut nodes = self
            .by_prefix
            .iter()
            .filter(|(prefix, _)| prefix.family() == family)
            .flat_map(|(_, nodes)| nodes);
        match family {
            Family::V4 => nodes.find(is_wanted),
            Family::V6 => nodes.rfind(is_wanted),
        }
    }

    /// The widest claimed prefix that covers this one, else itself.
    fn cover(&self, prefix: Prefix) -> Prefix {
        let family = prefix.family();
        self.lengths
            .range((family, 0)..(family, prefix.length()))
            .filter_map(|((_, length), _)| prefix.shortened(*length))
            .find(|cover| self.by_prefix.contains_key(cover))
            .unwrap_or(prefix)
    }

    fn add(&mut self, node: &str, prefix: Prefix) {
        let nodes = self.by_prefix.entry(prefix).or_default();
        if nodes.is_empty() {
            let length = (prefix.family(), prefix.length());
            *self.lengths.entry(length).or_default() += 1;
        }
        nodes.insert(node.to_owned());
    }

    fn remove(&mut self, node: &str, prefix: Prefix) {
        let Some(nodes) = self.by_prefix.get_mut(&prefix) else {
            return;
        };
        nodes.remove(node);
        if !nodes.is_empty() {
            return;
        }
        self.by_prefix.remove(&prefix);
        let length = (prefix.family(), prefix.length());
        if let Some(count) = self.lengths.get_mut(&length) {
            *count -= 1;
            if *count == 0 {
                self.lengths.remove(&length);
            }
        }
    }
}
