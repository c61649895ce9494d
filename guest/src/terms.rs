//! What the cluster as a whole and the settings say about every route, apart
//! from the cluster that it was found in: it outlasts changes of single nodes.

use std::collections::BTreeMap;

use crate::detect::ako::Ako;
use crate::detect::cilium::FamilySwitch;
use crate::detect::cni::Cni;
use crate::detect::{Detected, Place};
use crate::prefix::{Family, Prefix};
use crate::settings::Settings;

/// The terms on which pod CIDRs become routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub place: Place,
    /// The CNI that hands out the pods' addresses.
    pub owner: Cni,
    /// Whether Cilium can move from cluster-pool to multi-pool, which it can
    /// since 1.20; None when the version is not known.
    pub cilium_can_move: Option<bool>,
    /// Networks of which one settles the choice between equal next hops.
    pub preferred: Vec<Prefix>,
    /// Networks that no route may cover.
    pub protected: Vec<Protected>,
    families: Families,
}

/// A network that no route may cover, and who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protected {
    pub network: Prefix,
    pub why: &'static str,
}

/// The families that Cilium's agents have switched off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Families {
    off: Vec<Family>,
    /// Of nodes that a CiliumNodeConfig selects: whether it is off there.
    by_node: BTreeMap<String, BTreeMap<Family, bool>>,
}

impl Terms {
    pub fn of(detected: &Detected<'_>, settings: &Settings) -> Self {
        Self {
            place: detected.place,
            owner: detected.cni.owner(),
            cilium_can_move: detected
                .cilium
                .as_ref()
                .and_then(|cilium| cilium.at_least(1, 20)),
            preferred: preferred_networks(detected, settings),
            protected: protected_networks(detected, settings),
            families: Families::of(detected),
        }
    }

    /// Whether pods of a node may have addresses of a family. With Cilium a
    /// family can be switched off while Nodes still carry CIDRs of it.
    pub fn may_have(&self, node: &str, family: Family) -> bool {
        let of_node = self.families.by_node.get(node);
        let set = of_node.and_then(|families| families.get(&family));
        !set.copied()
            .unwrap_or_else(|| self.families.off.contains(&family))
    }
}

impl Families {
    fn of(detected: &Detected<'_>) -> Self {
        let config = detected
            .cilium
            .as_ref()
            .and_then(|cilium| cilium.config.as_ref());
        let Some(config) = config else {
            return Self::default();
        };
        let mut by_node: BTreeMap<String, BTreeMap<Family, bool>> = BTreeMap::new();
        for (node, family, switch) in config.families_by_node() {
            let of_node = by_node.entry(node.to_owned()).or_default();
            of_node.insert(family, switch == FamilySwitch::Off);
        }
        let is_off = |family: &Family| config.family(*family) == FamilySwitch::Off;
        Self {
            off: Family::ALL.into_iter().filter(is_off).collect(),
            by_node,
        }
    }
}

/// Next hops are chosen by the settings; where those leave a choice, by the
/// networks that the load balancer is known to reach.
fn preferred_networks(detected: &Detected<'_>, settings: &Settings) -> Vec<Prefix> {
    let mut preferred = settings.connected_networks.clone();
    if preferred.is_empty() {
        let listed = detected.akos.iter().flat_map(Ako::node_network_cidrs);
        preferred.extend(listed);
    }
    preferred
}

/// What the settings name, the networks that the load balancer is connected
/// to, and those that AKO is told of.
fn protected_networks(detected: &Detected<'_>, settings: &Settings) -> Vec<Protected> {
    let of = |networks: &[Prefix], why| {
        networks
            .iter()
            .map(|&network| Protected { network, why })
            .collect::<Vec<_>>()
    };
    let mut protected = of(
        &settings.protected_networks,
        "a protected network of the settings",
    );
    protected.extend(of(
        &settings.connected_networks,
        "a network that the load balancer is connected to",
    ));
    for ako in &detected.akos {
        protected.extend(of(
            &ako.networks(),
            "a node or VIP network of AKO's settings",
        ));
    }
    protected.sort_by_key(|protected| protected.network);
    protected.dedup_by_key(|protected| protected.network);
    protected
}
