//! From claims to routes: each claim gets its node's next hop, or is withheld
//! with the rule that says why.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::ops::Range;

use crate::aggregate;
use crate::cluster::{Cluster, Scope};
use crate::conflicts::{self, Contender, Contest};
use crate::excluded::{self, Exclusion};
use crate::next_hop::{Criteria, NextHops};
use crate::objects::node::Node;
use crate::prefix::Prefix;
use crate::programmed::Programmed;
use crate::report::{Route, Withheld};
use crate::rules::{node, route};
use crate::settings::Settings;
use crate::sources::{Claim, Claims};
use crate::terms::{Protected, Terms};

/// The whole map, with what was refused on the way.
#[derive(Debug)]
pub struct Mapping<'a> {
    /// Every valid claim with its fate, by node and position.
    pub claims: Vec<MappedClaim<'a>>,
    /// Where the claims of each node are among them, once somebody has asked.
    positions: OnceCell<HashMap<&'a str, Range<usize>>>,
    /// For every Node, by name.
    pub next_hops: Vec<(&'a Node, NextHops)>,
    /// The nodes that no route goes to.
    pub excluded: BTreeMap<&'a str, Exclusion>,
    /// Claims of different nodes that share addresses; positions in `claims`.
    pub contests: Vec<Contest>,
    /// Networks that no route may cover.
    pub protected: Vec<Protected>,
    /// Whether adjacent prefixes with one next hop become one route.
    aggregate: bool,
}

#[derive(Clone, Debug)]
pub struct MappedClaim<'a> {
    pub claim: Claim<'a>,
    pub next_hop: Option<IpAddr>,
    /// The rule that withholds the route; None when there is one.
    pub withheld_by: Option<&'static str>,
}

impl<'a> Mapping<'a> {
    /// Maps what the nodes in scope claim. That must not touch what a node out
    /// of scope claims: it would go unnoticed.
    pub fn build(
        found: &Claims<'a>,
        cluster: &'a Cluster,
        scope: Scope<'a>,
        terms: &Terms,
        programmed: &Programmed,
        settings: &Settings,
    ) -> Self {
        let criteria = Criteria {
            cni: terms.owner,
            types: &settings.next_hop_types,
            required: &settings.node_networks,
            preferred: &terms.preferred,
        };
        let next_hops: Vec<(&Node, NextHops)> = cluster
            .nodes_in(scope)
            .map(|node| (node, NextHops::choose(node, &criteria)))
            .collect();
        let excluded = excluded::find(cluster.nodes_in(scope), settings);
        // Both are in the order of the nodes' names.
        let mut of_nodes = next_hops.iter().peekable();
        let mut claims = Vec::with_capacity(found.valid.len());
        for claim in &found.valid {
            while of_nodes
                .next_if(|(node, _)| node.name() < claim.node)
                .is_some()
            {}
            let of_node = of_nodes
                .peek()
                .filter(|(node, _)| node.name() == claim.node);
            let next_hops = of_node.map(|(_, next_hops)| next_hops);
            claims.push(map(*claim, next_hops, &excluded, &terms.protected));
        }
        let contests = contests(&mut claims, cluster, programmed, settings.aggregate);
        Self {
            claims,
            positions: OnceCell::new(),
            next_hops,
            excluded,
            contests,
            protected: terms.protected.clone(),
            aggregate: settings.aggregate,
        }
    }

    pub fn routes(&self) -> Vec<Route> {
        let routes = self
            .claims
            .iter()
            .filter(|mapped| mapped.withheld_by.is_none())
            .filter_map(|mapped| {
                Some(Route {
                    prefix: mapped.claim.prefix,
                    next_hop: mapped.next_hop?,
                    node: mapped.claim.node.to_owned(),
                    family: mapped.claim.prefix.family(),
                    source: mapped.claim.origin.to_ref(),
                    stands_for: Vec::new(),
                })
            })
            .collect();
        if self.aggregate {
            aggregate::aggregate(routes)
        } else {
            routes
        }
    }

    pub fn withheld(&self) -> Vec<Withheld> {
        self.claims
            .iter()
            .filter_map(|mapped| {
                Some(Withheld {
                    prefix: mapped.claim.prefix,
                    next_hop: mapped.next_hop,
                    node: mapped.claim.node.to_owned(),
                    rule: mapped.withheld_by?,
                })
            })
            .collect()
    }

    /// The next hops of one Node.
    pub fn next_hops_of(&self, node: &str) -> Option<&NextHops> {
        let at = self
            .next_hops
            .binary_search_by(|(one, _)| one.name().cmp(node));
        self.next_hops.get(at.ok()?).map(|(_, next_hops)| next_hops)
    }

    /// Every Node with its next hops and its claims, by name.
    pub fn of_nodes(&self) -> impl Iterator<Item = (&'a Node, &NextHops, &[MappedClaim<'a>])> {
        let mut rest = self.claims.as_slice();
        self.next_hops.iter().map(move |(node, hops)| {
            let orphans = rest.iter().take_while(|one| one.claim.node < node.name());
            let (_, from_here) = rest.split_at(orphans.count());
            let own = from_here
                .iter()
                .take_while(|one| one.claim.node == node.name());
            let (own, others) = from_here.split_at(own.count());
            rest = others;
            (*node, hops, own)
        })
    }

    /// The claims of one node.
    pub fn claims_of(&self, node: &str) -> impl Iterator<Item = &MappedClaim<'a>> {
        let positions = self.positions.get_or_init(|| positions(&self.claims));
        let positions = positions.get(node).cloned().unwrap_or_default();
        self.claims.get(positions).into_iter().flatten()
    }
}

/// Where the claims of each node are: they stand one after the other.
fn positions<'a>(claims: &[MappedClaim<'a>]) -> HashMap<&'a str, Range<usize>> {
    let mut positions: HashMap<&str, Range<usize>> = HashMap::new();
    for (at, mapped) in claims.iter().enumerate() {
        let of_node = positions.entry(mapped.claim.node).or_insert(at..at);
        of_node.end = at + 1;
    }
    positions
}

/// Gives a claim its next hop, and looks at it alone.
fn map<'a>(
    claim: Claim<'a>,
    next_hops: Option<&NextHops>,
    excluded: &BTreeMap<&str, Exclusion>,
    protected: &[Protected],
) -> MappedClaim<'a> {
    let prefix = claim.prefix;
    let (next_hop, withheld_by) = match next_hops {
        None => (None, Some(node::cilium_node_orphan::RULE.id)),
        Some(hops) => {
            let hop = hops.get(prefix.family());
            let withheld_by = match hop.address {
                _ if excluded.contains_key(claim.node) => Some(node::excluded::RULE.id),
                None if hops.bad_annotation.is_some() => Some(node::next_hop_annotation::RULE.id),
                None if hop.refused.is_empty() => Some(node::no_next_hop::RULE.id),
                None => Some(node::link_local_next_hop::RULE.id),
                Some(address) if prefix.contains_address(address) => {
                    Some(route::next_hop_in_prefix::RULE.id)
                }
                Some(_) if covers_protected(prefix, protected) => {
                    Some(route::protected_overlap::RULE.id)
                }
                Some(_) => None,
            };
            (hop.address, withheld_by)
        }
    };
    MappedClaim {
        claim,
        next_hop,
        withheld_by,
    }
}

fn covers_protected(prefix: Prefix, protected: &[Protected]) -> bool {
    protected
        .iter()
        .any(|protected| protected.network.overlaps(prefix))
}

/// Settles what several nodes claim. A claim without a Node is no contender:
/// nothing could be routed to it.
fn contests(
    claims: &mut [MappedClaim<'_>],
    cluster: &Cluster,
    programmed: &Programmed,
    aggregate: bool,
) -> Vec<Contest> {
    let devices = Devices {
        cluster,
        programmed,
        aggregate,
    };
    let (positions, contenders): (Vec<usize>, Vec<Contending<'_, '_>>) = claims
        .iter()
        .enumerate()
        .filter(|(_, mapped)| mapped.withheld_by != Some(node::cilium_node_orphan::RULE.id))
        .map(|(at, mapped)| {
            let contending = Contending {
                mapped,
                devices: &devices,
                is_programmed: OnceCell::new(),
            };
            (at, contending)
        })
        .unzip();
    let resolved = conflicts::resolve(&contenders);
    let contests: Vec<Contest> = resolved
        .into_iter()
        .filter_map(|contest| {
            Some(Contest {
                owner: *positions.get(contest.owner)?,
                loser: *positions.get(contest.loser)?,
            })
        })
        .collect();
    for contest in &contests {
        let Some(owner) = claims.get(contest.owner).map(|owner| owner.claim.prefix) else {
            continue;
        };
        if let Some(loser) = claims.get_mut(contest.loser) {
            let rule = if owner == loser.claim.prefix {
                route::duplicate_prefix::RULE.id
            } else {
                route::overlapping_prefix::RULE.id
            };
            // A reason of the claim's own outlasts the contest.
            loser.withheld_by.get_or_insert(rule);
        }
    }
    contests
}

/// What devices have routes for.
struct Devices<'a> {
    cluster: &'a Cluster,
    programmed: &'a Programmed,
    /// Whether a claim may be a part of a route.
    aggregate: bool,
}

impl Devices<'_> {
    /// Whether one has a route for the claim to its node.
    fn have(&self, mapped: &MappedClaim<'_>) -> bool {
        let prefix = mapped.claim.prefix;
        let shortest = if self.aggregate { 0 } else { prefix.length() };
        let node = self.cluster.nodes.get(mapped.claim.node);
        node.zip(mapped.next_hop)
            .is_some_and(|(node, address)| self.programmed.leads(node, prefix, shortest, address))
    }
}

/// A claim in a contest: one that can be routed precedes one that cannot,
/// then what a device has a route for already, then the older object, then
/// the name.
struct Contending<'m, 'a> {
    mapped: &'m MappedClaim<'a>,
    devices: &'m Devices<'m>,
    /// Once somebody has asked, which only a contest does.
    is_programmed: OnceCell<bool>,
}

impl Contending<'_, '_> {
    fn is_programmed(&self) -> bool {
        *self
            .is_programmed
            .get_or_init(|| self.devices.have(self.mapped))
    }
}

impl Contender for Contending<'_, '_> {
    fn prefix(&self) -> Prefix {
        self.mapped.claim.prefix
    }

    fn node(&self) -> &str {
        self.mapped.claim.node
    }

    fn precedes(&self, other: &Self) -> Ordering {
        let created = |one: &Self| one.mapped.claim.created;
        // An object without a creation time counts as the youngest.
        let rank = |one: &Self| {
            (
                one.mapped.withheld_by.is_some(),
                !one.is_programmed(),
                created(one).is_none(),
            )
        };
        rank(self)
            .cmp(&rank(other))
            .then_with(|| created(self).cmp(&created(other)))
            .then_with(|| self.node().cmp(other.node()))
            .then_with(|| self.prefix().cmp(&other.prefix()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detected;

    /// Before, between and after the Nodes there are CiliumNodes without one,
    /// and the Node `c` has no CiliumNode.
    #[test]
    fn each_node_has_its_own_claims_and_no_orphans() {
        let node = |name: &str, address: &str| {
            format!(
                r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{name}"}},"status":{{"addresses":[{{"type":"InternalIP","address":"{address}"}}]}}}}"#
            )
        };
        let cilium_node = |name: &str, cidrs: &str| {
            format!(
                r#"{{"apiVersion":"cilium.io/v2","kind":"CiliumNode","metadata":{{"name":"{name}"}},"spec":{{"ipam":{{"podCIDRs":[{cidrs}]}}}}}}"#
            )
        };
        let documents = [
            r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"kube-system","name":"cilium-config"},"data":{"ipam":"cluster-pool"}}"#.to_owned(),
            node("b", "192.0.2.2"),
            node("c", "192.0.2.3"),
            node("e", "192.0.2.5"),
            cilium_node("a", r#""10.0.1.0/24""#),
            cilium_node("b", r#""10.0.2.0/24","10.0.3.0/24""#),
            cilium_node("d", r#""10.0.4.0/24""#),
            cilium_node("e", r#""10.0.5.0/24""#),
            cilium_node("f", r#""10.0.6.0/24""#),
        ];
        let mut cluster = Cluster::default();
        cluster.load(documents.iter().map(String::as_str));
        let settings = Settings::default();
        let terms = Terms::of(&Detected::find(&cluster, &settings), &settings);
        let claims = Claims::read(&cluster, Scope::All, &terms);
        let programmed = Programmed::default();
        let mapping = Mapping::build(
            &claims,
            &cluster,
            Scope::All,
            &terms,
            &programmed,
            &settings,
        );

        let of_nodes: Vec<_> = mapping
            .of_nodes()
            .map(|(node, _, claims)| {
                let texts = claims.iter().map(|mapped| mapped.claim.text);
                (node.name(), texts.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(
            of_nodes,
            [
                ("b", vec!["10.0.2.0/24", "10.0.3.0/24"]),
                ("c", vec![]),
                ("e", vec!["10.0.5.0/24"]),
            ]
        );
        let address = |name: &str| {
            mapping
                .next_hops_of(name)?
                .get(crate::prefix::Family::V4)
                .address
        };
        assert_eq!(address("e"), "192.0.2.5".parse().ok());
        assert_eq!(address("d"), None);
    }
}
