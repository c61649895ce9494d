//! The networks that the report draws pod CIDRs among: where they come from,
//! and what they should keep clear of.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::Serialize;

use crate::cluster::Cluster;
use crate::detect::Detected;
use crate::detect::ako::Ako;
use crate::detect::cilium::pools::{self, Pool};
use crate::detect::cilium::{Cilium, FamilySwitch};
use crate::detect::cni::Cni;
use crate::objects::Kind;
use crate::objects::node::Node;
use crate::prefix::{Family, Prefix};
use crate::report::ObjectRef;
use crate::rules::context::cluster_object;
use crate::rules::routing::native_cidr;
use crate::settings::Settings;

/// A network of the cluster, or around it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    pub role: Role,
    pub prefix: Prefix,
    /// What people call it.
    pub name: String,
    /// The prefix length of the blocks that a pool is cut into.
    pub block_length: Option<u8>,
    /// Where it is written down; None for what settings say, and for what is
    /// counted from many objects.
    pub source: Option<ObjectRef>,
}

/// What a network is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A range that pod CIDRs are cut from.
    Pool,
    /// What Cilium sends to without masquerading.
    NativeRouting,
    /// An entry of AKO's nodeNetworkList.
    NodeNetwork,
    /// An entry of AKO's vipNetworkList.
    VipNetwork,
    /// What the settings say that no route may cover.
    Protected,
    /// Pods of another cluster, as the settings say.
    OtherCluster,
    /// A range that covers addresses of nodes.
    NodeAddresses,
    /// A range that covers cluster IPs of Services.
    ServiceAddresses,
}

/// Every network that is known, by role and prefix.
pub fn find<'a>(
    cluster: &'a Cluster,
    detected: &Detected<'a>,
    settings: &Settings,
) -> Vec<Network> {
    let mut networks = BTreeSet::new();
    if let Some(cilium) = &detected.cilium {
        if detected.cni.owner() == Cni::Cilium && !cilium.is_chained() {
            networks.extend(pools::find(cluster, cilium).iter().flat_map(of_pool));
        }
        networks.extend(native_routing(cilium));
    }
    if matches!(detected.cni.owner(), Cni::Calico | Cni::Canal) {
        networks.extend(ip_pools(cluster));
    }
    networks.extend(detected.akos.iter().flat_map(of_ako));
    networks.extend(of_settings(settings));
    let nodes = cluster.nodes.values().flat_map(Node::ips);
    networks.extend(covering(Role::NodeAddresses, "node address", nodes));
    let services = cluster.services.values();
    let services = services.flat_map(|service| service.cluster_ips.iter().copied());
    networks.extend(covering(Role::ServiceAddresses, "cluster IP", services));
    networks.into_iter().collect()
}

fn of_pool(pool: &Pool<'_>) -> Vec<Network> {
    let width = pools::width(pool.family);
    let block_length = pool
        .mask
        .length()
        .filter(|length| (0..=width).contains(length))
        .and_then(|length| u8::try_from(length).ok());
    let ranges = pool.prefixes().map(|prefix| Network {
        role: Role::Pool,
        prefix,
        name: pool.name(),
        block_length,
        source: Some(pool.cidrs_ref()),
    });
    match pool.switch {
        FamilySwitch::Off => Vec::new(),
        _ => ranges.collect(),
    }
}

fn ip_pools(cluster: &Cluster) -> impl Iterator<Item = Network> {
    cluster.ip_pools.values().filter_map(|pool| {
        let prefix = Prefix::parse(&pool.cidr).ok()?.prefix;
        let name = &pool.metadata.name;
        Some(Network {
            role: Role::Pool,
            prefix,
            name: if pool.disabled {
                format!("IPPool {name} (disabled)")
            } else {
                format!("IPPool {name}")
            },
            block_length: Some(pool.block_length(prefix.family())),
            source: Some(cluster_object(Kind::IpPool, name).at("spec.cidr")),
        })
    })
}

fn native_routing(cilium: &Cilium<'_>) -> Vec<Network> {
    let mut found = Vec::new();
    let config = cilium.config.iter();
    for agents in config.flat_map(|config| config.agents(&native_cidr::KEYS)) {
        for family in Family::ALL {
            let set = native_cidr::read(&agents, family, cilium.version);
            let parsed = set.and_then(|(key, text)| Some((key, Prefix::parse(text).ok()?)));
            if let Some((key, parsed)) = parsed
                && parsed.prefix.family() == family
            {
                found.push(Network {
                    role: Role::NativeRouting,
                    prefix: parsed.prefix,
                    name: key.to_owned(),
                    block_length: None,
                    source: Some(agents.key_ref(key)),
                });
            }
        }
    }
    found
}

fn of_ako(ako: &Ako<'_>) -> Vec<Network> {
    let lists = [
        (
            Role::NodeNetwork,
            "nodeNetworkList",
            ako.node_network_cidrs(),
        ),
        (Role::VipNetwork, "vipNetworkList", ako.vip_network_cidrs()),
    ];
    let networks = lists.into_iter().flat_map(|(role, key, prefixes)| {
        prefixes.into_iter().map(move |prefix| Network {
            role,
            prefix,
            name: key.to_owned(),
            block_length: None,
            source: Some(ako.key_ref(key)),
        })
    });
    networks.collect()
}

fn of_settings(settings: &Settings) -> Vec<Network> {
    let network = |role, prefix, name: &str| Network {
        role,
        prefix,
        name: name.to_owned(),
        block_length: None,
        source: None,
    };
    let protected = settings.protected_networks.iter();
    let protected = protected.map(|prefix| network(Role::Protected, *prefix, "protectedNetworks"));
    let connected = settings.connected_networks.iter();
    let connected = connected.map(|prefix| network(Role::Protected, *prefix, "connectedNetworks"));
    let others = settings.other_clusters.iter().flat_map(|other| {
        let prefixes = other.pod_cidrs.iter();
        prefixes.map(|prefix| network(Role::OtherCluster, *prefix, &other.name))
    });
    protected.chain(connected).chain(others).collect()
}

/// The ranges that addresses lie in. One range over everything would say
/// little of addresses that lie far apart: they are told apart by their first
/// bits, as many as leave few ranges.
fn covering(
    role: Role,
    what: &str,
    addresses: impl Iterator<Item = IpAddr>,
) -> impl Iterator<Item = Network> {
    const FEW: usize = 8;
    let mut by_family: BTreeMap<Family, BTreeSet<Prefix>> = BTreeMap::new();
    for address in addresses {
        let of_family = by_family.entry(Family::of(address)).or_default();
        of_family.insert(Prefix::host(address));
    }
    by_family.into_iter().flat_map(move |(family, hosts)| {
        let lengths: &[u8] = match family {
            Family::V4 => &[16, 8, 0],
            Family::V6 => &[64, 48, 32, 0],
        };
        let mut groups = Vec::new();
        for length in lengths {
            groups = ranges(&hosts, *length);
            if groups.len() <= FEW {
                break;
            }
        }
        groups.into_iter().map(move |(prefix, count)| Network {
            role,
            prefix,
            name: match count {
                1 => format!("1 {what}"),
                _ => format!("{count} {what}{}", plural(what)),
            },
            block_length: None,
            source: None,
        })
    })
}

fn plural(what: &str) -> &'static str {
    if what.ends_with('s') { "es" } else { "s" }
}

/// Addresses with the same first bits, each group as the smallest prefix that
/// covers it. `hosts` is sorted, so that a group's ends are what it spans.
fn ranges(hosts: &BTreeSet<Prefix>, length: u8) -> Vec<(Prefix, usize)> {
    let mut groups: Vec<(Prefix, usize)> = Vec::new();
    let mut group = None;
    for host in hosts {
        let key = host.shortened(length);
        match groups.last_mut() {
            Some((prefix, count)) if group == key => {
                *prefix = prefix.spanning(*host);
                *count += 1;
            }
            _ => {
                groups.push((*host, 1));
                group = key;
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(documents: &[&str], settings: &Settings) -> Vec<String> {
        let mut cluster = Cluster::default();
        assert_eq!(cluster.load(documents.iter().copied()), []);
        let detected = Detected::find(&cluster, settings);
        find(&cluster, &detected, settings)
            .iter()
            .map(|one| {
                let source = one.source.as_ref().map(ToString::to_string);
                format!(
                    "{:?} {} {} {:?} {}",
                    one.role,
                    one.prefix,
                    one.name,
                    one.block_length,
                    source.unwrap_or_default()
                )
            })
            .collect()
    }

    const CILIUM: &str = r#"{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"cilium","namespace":"kube-system"},"spec":{"template":{"spec":{"containers":[{"name":"cilium-agent","image":"quay.io/cilium/cilium:v1.16.3"}]}}}}"#;

    #[test]
    fn names_what_the_objects_say() {
        let config = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cilium-config","namespace":"kube-system"},"data":{"ipam":"cluster-pool","cluster-pool-ipv4-cidr":"10.0.0.0/16 10.8.0.0/16","cluster-pool-ipv4-mask-size":"25","ipv4-native-routing-cidr":"10.0.0.0/8","enable-ipv6":"false"}}"#;
        let ako = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"avi-k8s-config","namespace":"avi-system"},"data":{"nodeNetworkList":"[{\"networkName\":\"n\",\"cidrs\":[\"192.0.2.0/24\"]}]","vipNetworkList":"[{\"networkName\":\"v\",\"cidr\":\"198.51.100.0/24\"}]"}}"#;
        let node = |name: &str, address: &str| {
            format!(
                r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{name}"}},"status":{{"addresses":[{{"type":"InternalIP","address":"{address}"}}]}}}}"#
            )
        };
        let service = r#"{"apiVersion":"v1","kind":"Service","metadata":{"name":"a","namespace":"b"},"spec":{"clusterIPs":["10.96.0.1","fd00::1"]}}"#;
        let settings = Settings {
            protected_networks: vec![Prefix::parse("203.0.113.0/24").unwrap().prefix],
            ..Settings::default()
        };
        let (a, b) = (node("a", "192.0.2.4"), node("b", "192.0.2.11"));
        assert_eq!(
            table(&[CILIUM, config, ako, &a, &b, service], &settings),
            [
                "Pool 10.0.0.0/16 cluster-pool-ipv4-cidr Some(25) ConfigMap kube-system/cilium-config data.cluster-pool-ipv4-cidr",
                "Pool 10.8.0.0/16 cluster-pool-ipv4-cidr Some(25) ConfigMap kube-system/cilium-config data.cluster-pool-ipv4-cidr",
                "NativeRouting 10.0.0.0/8 ipv4-native-routing-cidr None ConfigMap kube-system/cilium-config data.ipv4-native-routing-cidr",
                "NodeNetwork 192.0.2.0/24 nodeNetworkList None ConfigMap avi-system/avi-k8s-config data.nodeNetworkList",
                "VipNetwork 198.51.100.0/24 vipNetworkList None ConfigMap avi-system/avi-k8s-config data.vipNetworkList",
                "Protected 203.0.113.0/24 protectedNetworks None ",
                // .4 is 0000 0100, .11 is 0000 1011: the first four bits agree.
                "NodeAddresses 192.0.2.0/28 2 node addresses None ",
                "ServiceAddresses 10.96.0.1/32 1 cluster IP None ",
                "ServiceAddresses fd00::1/128 1 cluster IP None ",
            ]
        );
    }

    #[test]
    fn says_nothing_of_a_cluster_that_says_nothing() {
        assert_eq!(table(&[], &Settings::default()), Vec::<String>::new());
    }

    /// Calico's own default for blocks is /26, and /122 for IPv6.
    #[test]
    fn reads_calicos_pools() {
        let pool = |name: &str, spec: &str| {
            format!(
                r#"{{"apiVersion":"crd.projectcalico.org/v1","kind":"IPPool","metadata":{{"name":"{name}"}},"spec":{spec}}}"#
            )
        };
        let settings = Settings {
            cni: Some(Cni::Calico),
            ..Settings::default()
        };
        let (one, two, three) = (
            pool("one", r#"{"cidr":"10.1.0.0/16"}"#),
            pool(
                "two",
                r#"{"cidr":"10.2.0.0/16","blockSize":28,"disabled":true}"#,
            ),
            pool("six", r#"{"cidr":"fd00:1::/48"}"#),
        );
        assert_eq!(
            table(&[&one, &two, &three], &settings),
            [
                "Pool 10.1.0.0/16 IPPool one Some(26) IPPool one spec.cidr",
                "Pool 10.2.0.0/16 IPPool two (disabled) Some(28) IPPool two spec.cidr",
                "Pool fd00:1::/48 IPPool six Some(122) IPPool six spec.cidr",
            ]
        );
    }

    #[test]
    fn addresses_far_apart_are_ranges_of_their_own() {
        let addresses = ["10.0.0.1", "10.0.0.2", "172.16.0.9", "2001:db8::5"];
        let addresses = addresses.iter().map(|text| text.parse().unwrap());
        let found: Vec<String> = covering(Role::NodeAddresses, "node address", addresses)
            .map(|one| format!("{} {}", one.prefix, one.name))
            .collect();
        assert_eq!(
            found,
            [
                "10.0.0.0/30 2 node addresses",
                "172.16.0.9/32 1 node address",
                "2001:db8::5/128 1 node address"
            ]
        );
        // Twenty /16 of one /8 are one range: 10.0.0.1 and 10.19.0.1 agree in
        // their first eleven bits.
        let many = (0..20).map(|one| IpAddr::from([10, one, 0, 1]));
        let found: Vec<String> = covering(Role::NodeAddresses, "node address", many)
            .map(|one| one.prefix.to_string())
            .collect();
        assert_eq!(found, ["10.0.0.0/11"]);
    }
}
