//! The routes of a cluster that changes, kept node by node, so that a change
//! of one node costs what that node costs, however many there are.
//!
//! Nodes that claim the same addresses are settled together: a change of one
//! takes in all whose claims touch, and theirs, until none is left. In a
//! healthy cluster that is the one node.

mod claimed;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use claimed::Claimed;

use crate::cluster::{Cluster, Scope};
use crate::detect::needs::Need;
use crate::detect::{Conclusions, Detected};
use crate::objects::selector::LabelSelector;
use crate::prefix::{Family, Prefix};
use crate::programmed::{Hops, Programmed};
use crate::report::{Route, Withheld};
use crate::routes::Mapping;
use crate::rules::node::required;
use crate::settings::Settings;
use crate::sources::Claims;
use crate::terms::Terms;

/// The routes of a cluster, as of the last [`Desired::refresh`].
#[derive(Debug, Default)]
pub struct Desired {
    /// None until the first time, and after [`Desired::forget`].
    revision: Option<u64>,
    terms: Option<Terms>,
    conclusions: Option<Conclusions>,
    needs: BTreeSet<Need>,
    programmed: Programmed,
    claimed: Claimed,
    /// Nodes that claim something that is no prefix, and the families that it
    /// looks like.
    unreadable: BTreeMap<String, BTreeSet<Family>>,
    /// Nodes that contend with others, or did when last looked at.
    contended: BTreeSet<String>,
    /// Nodes to look at again for another reason than that they changed.
    unsettled: BTreeSet<String>,
    routes: BTreeMap<Prefix, Route>,
    by_node: BTreeMap<String, OfNode>,
    by_next_hop: BTreeMap<IpAddr, BTreeSet<String>>,
    /// What has changed since somebody asked, as it was then.
    before: BTreeMap<Prefix, Option<Route>>,
}

/// What became of the claims of one node.
#[derive(Debug, Default)]
struct OfNode {
    routed: Vec<Prefix>,
    withheld: Vec<Withheld>,
    next_hops: BTreeSet<IpAddr>,
}

/// What has become of the routes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Routes that are new or different, by prefix.
    pub set: Vec<Route>,
    /// Prefixes that are not routed any more.
    pub gone: Vec<Prefix>,
}

impl Desired {
    /// Brings the routes up to date with the cluster.
    pub fn refresh(&mut self, cluster: &mut Cluster, settings: &Settings) {
        let mut touched = cluster.take_touched();
        touched.append(&mut self.unsettled);
        let current = self.terms.take();
        let terms = match current {
            Some(terms) if self.revision == Some(cluster.revision()) => terms,
            earlier => {
                let detected = Detected::find(cluster, settings);
                let terms = Terms::of(&detected, settings);
                self.needs = detected.needs(settings);
                self.conclusions = Some(detected.conclusions());
                self.revision = Some(cluster.revision());
                if earlier.as_ref() != Some(&terms) {
                    touched.extend(self.by_node.keys().cloned());
                    touched.extend(cluster.nodes_that_claim());
                }
                terms
            }
        };
        self.update(cluster, settings, &terms, &touched);
        self.terms = Some(terms);
    }

    /// Says which routes of ours a table has: what is contested stays there.
    /// Returns whether that is news.
    pub fn set_programmed(&mut self, nodes: Option<LabelSelector>, routes: Hops) -> bool {
        let is_new = self.programmed.set(nodes, routes);
        if is_new {
            self.unsettled.extend(self.contended.iter().cloned());
        }
        is_new
    }

    /// The routes of ours that devices have.
    pub fn programmed(&self) -> &Programmed {
        &self.programmed
    }

    /// Makes the next refresh ask anew what concerns every node: something
    /// changed that is not part of the cluster.
    pub fn forget(&mut self) {
        self.revision = None;
    }

    /// Every route, by prefix.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        self.routes.values()
    }

    /// Every claim that must not be routed, by node.
    pub fn withheld(&self) -> impl Iterator<Item = &Withheld> {
        self.by_node.values().flat_map(|node| &node.withheld)
    }

    /// Why no verdict on the routes is possible.
    pub fn undecided(&self) -> &[String] {
        let conclusions = self.conclusions.as_ref();
        conclusions.map_or(&[], |conclusions| &conclusions.undecided)
    }

    /// What holds for every route, and what was concluded of the whole
    /// cluster; None before the first refresh.
    pub fn grounds(&self) -> Option<(&Terms, &Conclusions)> {
        self.terms.as_ref().zip(self.conclusions.as_ref())
    }

    /// These nodes, and all others that claim some of the same addresses.
    pub fn contenders(
        &self,
        nodes: BTreeSet<String>,
        prefixes: BTreeSet<Prefix>,
    ) -> BTreeSet<String> {
        self.claimed.closure(nodes, prefixes)
    }

    /// For each family, a node as asked for that claims a prefix of it, and
    /// one that claims what is none but looks like one.
    pub fn claimants(&self, is_wanted: impl Fn(&&String) -> bool) -> Vec<&String> {
        let mut found = Vec::new();
        for family in Family::ALL {
            found.extend(self.claimed.of_family(family, &is_wanted));
            let unreadable = self.unreadable.iter();
            let of_family = unreadable.filter(|(_, families)| families.contains(&family));
            found.extend(of_family.map(|(node, _)| node).find(&is_wanted));
        }
        found
    }

    /// Whether any node but these claims a prefix of a family.
    pub fn has_others(&self, nodes: &BTreeSet<String>, family: Family) -> bool {
        self.claimed
            .of_family(family, |node| !nodes.contains(*node))
            .is_some()
    }

    /// The nodes of which one of these addresses is a next hop.
    pub fn behind(&self, next_hops: &BTreeSet<IpAddr>) -> impl Iterator<Item = &String> {
        next_hops
            .iter()
            .filter_map(|address| self.by_next_hop.get(address))
            .flatten()
    }

    /// The kinds to watch.
    pub fn needs(&self) -> &BTreeSet<Need> {
        &self.needs
    }

    /// What has become of the routes since the last call.
    pub fn take_changes(&mut self) -> Changes {
        let mut changes = Changes::default();
        for (prefix, before) in std::mem::take(&mut self.before) {
            match (before, self.routes.get(&prefix)) {
                (before, Some(now)) if before.as_ref() != Some(now) => {
                    changes.set.push(now.clone());
                }
                (Some(_), None) => changes.gone.push(prefix),
                _ => {}
            }
        }
        changes
    }

    /// Looks again at these nodes, and at those that they contend with.
    fn update(
        &mut self,
        cluster: &Cluster,
        settings: &Settings,
        terms: &Terms,
        touched: &BTreeSet<String>,
    ) {
        if touched.is_empty() {
            return;
        }
        let prefixes = self.claim(cluster, terms, touched);
        let nodes = self.claimed.closure(touched.clone(), prefixes);
        let scope = Scope::Only(&nodes);
        let claims = Claims::read(cluster, scope, terms);
        let mapping = Mapping::build(&claims, cluster, scope, terms, &self.programmed, settings);
        self.contended.retain(|node| !nodes.contains(node));
        let contenders = mapping
            .contests
            .iter()
            .flat_map(|contest| [contest.owner, contest.loser])
            .filter_map(|at| mapping.claims.get(at));
        self.contended
            .extend(contenders.map(|mapped| mapped.claim.node.to_owned()));
        for node in &nodes {
            self.withdraw(node);
        }
        for route in mapping.routes() {
            self.put(route);
        }
        for withheld in mapping.withheld() {
            if let Some(next_hop) = withheld.next_hop {
                self.lead(&withheld.node, next_hop);
            }
            let of_node = self.by_node.entry(withheld.node.clone()).or_default();
            of_node.withheld.push(withheld);
        }
    }

    /// Notes what the nodes claim now. Returns everything that they claim or
    /// did before.
    fn claim(
        &mut self,
        cluster: &Cluster,
        terms: &Terms,
        nodes: &BTreeSet<String>,
    ) -> BTreeSet<Prefix> {
        let mut now: BTreeMap<&str, BTreeSet<Prefix>> = BTreeMap::new();
        let claims = Claims::read(cluster, Scope::Only(nodes), terms);
        for claim in claims.valid {
            now.entry(claim.node).or_default().insert(claim.prefix);
        }
        self.unreadable.retain(|node, _| !nodes.contains(node));
        for claim in claims.invalid {
            let families = self.unreadable.entry(claim.node.to_owned()).or_default();
            let looks_like = |family: &Family| required::looks_like(claim.text, *family);
            families.extend(Family::ALL.into_iter().filter(looks_like));
        }
        let mut prefixes = BTreeSet::new();
        for node in nodes {
            let of_node = now.remove(node.as_str()).unwrap_or_default();
            prefixes.extend(self.claimed.replace(node, of_node));
        }
        prefixes
    }

    fn withdraw(&mut self, node: &str) {
        let of_node = self.by_node.remove(node).unwrap_or_default();
        for prefix in of_node.routed {
            let route = self.routes.remove(&prefix);
            self.before.entry(prefix).or_insert(route);
        }
        for next_hop in of_node.next_hops {
            if let Some(nodes) = self.by_next_hop.get_mut(&next_hop) {
                nodes.remove(node);
                if nodes.is_empty() {
                    self.by_next_hop.remove(&next_hop);
                }
            }
        }
    }

    fn lead(&mut self, node: &str, next_hop: IpAddr) {
        let of_node = self.by_node.entry(node.to_owned()).or_default();
        if of_node.next_hops.insert(next_hop) {
            let nodes = self.by_next_hop.entry(next_hop).or_default();
            nodes.insert(node.to_owned());
        }
    }

    fn put(&mut self, route: Route) {
        self.lead(&route.node, route.next_hop);
        let of_node = self.by_node.entry(route.node.clone()).or_default();
        of_node.routed.push(route.prefix);
        self.before.entry(route.prefix).or_insert(None);
        self.routes.insert(route.prefix, route);
    }
}
