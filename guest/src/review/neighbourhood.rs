//! What has to be looked at to judge a change of single objects.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::cluster::{Aside, Cluster, Name, Scope, Step};
use crate::desired::Desired;
use crate::objects::{Key, Kind};
use crate::prefix::{Family, Prefix};
use crate::routes::Mapping;
use crate::rules::node::required;
use crate::settings::Settings;
use crate::sources::Claims;

/// The nodes and Services around a change.
pub(super) struct Neighbourhood {
    nodes: BTreeSet<String>,
    services: BTreeSet<Name>,
    /// Whether objects of nodes change.
    pub has_nodes: bool,
    /// Whether pod CIDRs, next hops or what holds them change.
    pub has_routes: bool,
}

/// What nodes share with each other.
#[derive(Default)]
struct Shared {
    /// The nodes that change.
    nodes: BTreeSet<String>,
    prefixes: BTreeSet<Prefix>,
    next_hops: BTreeSet<IpAddr>,
}

/// What the nodes that change have, before or after.
#[derive(Default)]
struct State {
    fates: Vec<Fate>,
    families: BTreeSet<Family>,
}

/// A CiliumNode, or what becomes of a pod CIDR.
#[derive(PartialEq, Eq)]
struct Fate {
    node: String,
    /// The prefix, its next hop, and whether it is routed.
    claim: Option<(Prefix, Option<IpAddr>, bool)>,
}

impl Neighbourhood {
    /// None when the changes may concern everything.
    pub(super) fn of(
        cluster: &mut Cluster,
        desired: &Desired,
        settings: &Settings,
        steps: &[Step],
    ) -> Option<Self> {
        let keys: Vec<Key> = steps.iter().map(Step::key).collect();
        if !keys.iter().all(|key| is_single(key.kind)) {
            return None;
        }
        let mut shared = Shared::default();
        let trial = cluster.try_out(steps);
        let is_shaken = cluster.is_shaken_by(&trial);
        shared.nodes.clone_from(cluster.touched());
        let after = shared.add(cluster, desired, settings, &keys);
        cluster.undo(trial);
        if is_shaken {
            return None;
        }
        let before = shared.add(cluster, desired, settings, &keys);
        let gained_or_lost = before.families.symmetric_difference(&after.families);
        for family in gained_or_lost {
            // What one node has of a family that no other has, others lack.
            if !desired.has_others(&shared.nodes, *family) {
                return None;
            }
        }
        let has_nodes = !shared.nodes.is_empty();
        let changed = keys
            .into_iter()
            .filter(|key| key.kind == Kind::Service)
            .map(|key| (key.namespace, key.name));
        let mut services: BTreeSet<Name> = changed.collect();
        for prefix in &shared.prefixes {
            services.extend(cluster.services_with_address_in(*prefix).cloned());
        }
        Some(Self {
            services,
            nodes: shared.neighbours(cluster, desired),
            has_nodes,
            has_routes: before.fates != after.fates,
        })
    }

    pub(super) fn narrow(&self, cluster: &mut Cluster) -> Aside {
        cluster.narrow(&self.nodes, &self.services)
    }
}

/// Whether an object of this kind concerns a node, or a Service, and not all.
fn is_single(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::BlockAffinity
            | Kind::CiliumNode
            | Kind::Gateway
            | Kind::HostSubnet
            | Kind::Node
            | Kind::Service
    )
}

impl Shared {
    /// Adds what the changing objects share with others, as they are now.
    fn add(
        &mut self,
        cluster: &Cluster,
        desired: &Desired,
        settings: &Settings,
        keys: &[Key],
    ) -> State {
        let Some((terms, _)) = desired.grounds() else {
            return State::default();
        };
        let scope = Scope::Only(&self.nodes);
        let claims = Claims::read(cluster, scope, terms);
        let programmed = desired.programmed();
        let mapping = Mapping::build(&claims, cluster, scope, terms, programmed, settings);
        for mapped in &mapping.claims {
            self.prefixes.insert(mapped.claim.prefix);
            self.next_hops.extend(mapped.next_hop);
        }
        for node in cluster.nodes_in(scope) {
            self.prefixes.extend(node.ips().map(Prefix::host));
        }
        for key in keys.iter().filter(|key| key.kind == Kind::Service) {
            let name = (key.namespace.clone(), key.name.clone());
            if let Some(service) = cluster.services.get(&name) {
                let addresses = service.cluster_ips.iter().copied();
                self.prefixes.extend(addresses.map(Prefix::host));
            }
        }
        let holders = cluster.cilium_nodes_in(scope).map(|one| Fate {
            node: one.name().to_owned(),
            claim: None,
        });
        let mapped = mapping.claims.iter().map(|mapped| Fate {
            node: mapped.claim.node.to_owned(),
            claim: Some((
                mapped.claim.prefix,
                mapped.next_hop,
                mapped.withheld_by.is_none(),
            )),
        });
        State {
            fates: holders.chain(mapped).collect(),
            families: required::in_use(&claims),
        }
    }

    /// The nodes that share something with those that change, and a few more:
    /// where there are others, rules have to see that there are.
    fn neighbours(self, cluster: &Cluster, desired: &Desired) -> BTreeSet<String> {
        let mut found = self.nodes;
        let is_other = |name: &&String| !found.contains(*name);
        let others: Vec<String> = [
            cluster.nodes.keys().find(is_other),
            cluster.cilium_nodes.keys().find(is_other),
        ]
        .into_iter()
        .flatten()
        .chain(
            cluster
                .block_affinities
                .values()
                .map(|one| &one.node)
                .find(is_other),
        )
        .chain(
            cluster
                .host_subnets
                .values()
                .map(|one| &one.host)
                .find(is_other),
        )
        .chain(desired.claimants(is_other))
        .cloned()
        .collect();
        for prefix in &self.prefixes {
            found.extend(cluster.nodes_with_address_in(*prefix).cloned());
        }
        found.extend(desired.behind(&self.next_hops).cloned());
        found.extend(others);
        desired.contenders(found, self.prefixes)
    }
}
