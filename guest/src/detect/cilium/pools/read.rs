//! Reads pools from where they are written down.

use super::{Mask, Owner, Pool, Range, TO_CREATE, cidr_key, mask_key};
use crate::cluster::Cluster;
use crate::detect::cilium::{Cilium, FamilySwitch};
use crate::detect::ipam::IpamMode;
use crate::go;
use crate::objects::cilium_pod_ip_pool::{CiliumPodIpPool, PoolFamily};
use crate::objects::config_map::ConfigMap;
use crate::prefix::{Family, Prefix};

/// The pools of this installation, by owner and family. In the modes
/// cluster-pool there is one for each family, though it may be empty.
pub fn find<'a>(cluster: &'a Cluster, cilium: &Cilium<'a>) -> Vec<Pool<'a>> {
    match cilium.ipam {
        Some(IpamMode::ClusterPool | IpamMode::ClusterPoolV2Beta) => {
            let config = cilium.config.as_ref();
            config.map_or_else(Vec::new, |config| {
                Family::ALL
                    .into_iter()
                    .map(|family| of_config(config.object, family, config.family(family)))
                    .collect()
            })
        }
        Some(IpamMode::MultiPool) => of_objects(cluster, cilium),
        _ => Vec::new(),
    }
}

fn of_config(config: &ConfigMap, family: Family, switch: FamilySwitch) -> Pool<'_> {
    let mask = match config.trimmed(mask_key(family)) {
        None => Mask::Default(default_mask(family)),
        Some(text) => go::parse_int(text).map_or(Mask::Unreadable(text), Mask::Set),
    };
    let list = config.trimmed(cidr_key(family)).unwrap_or_default();
    Pool {
        owner: Owner::ClusterPool(config),
        family,
        switch,
        ranges: entries(list).map(Range::read).collect(),
        mask,
    }
}

/// The CiliumPodIPPools, and those that the operator is going to make. It does
/// not touch one that is there. Families that are off have no pools.
fn of_objects<'a>(cluster: &'a Cluster, cilium: &Cilium<'a>) -> Vec<Pool<'a>> {
    let objects = cluster.cilium_pod_ip_pools.values().flat_map(|object| {
        [(Family::V4, &object.v4), (Family::V6, &object.v6)]
            .into_iter()
            .map(move |(family, part)| of_object(object, family, part))
    });
    let config = cilium.config.as_ref();
    let to_create = config.into_iter().flat_map(|config| {
        let text = config.value(TO_CREATE).unwrap_or_default();
        pools_to_create(config.object, text)
            .into_iter()
            .filter(|pool| match pool.owner {
                Owner::ToCreate(_, name) => !cluster.cilium_pod_ip_pools.contains_key(name),
                _ => true,
            })
    });
    let switch = |family| match config {
        Some(config) => config.family(family),
        None => FamilySwitch::Defaulted,
    };
    objects
        .chain(to_create)
        .map(|pool| Pool {
            switch: switch(pool.family),
            ..pool
        })
        .filter(|pool| !pool.ranges.is_empty() && pool.switch != FamilySwitch::Off)
        .collect()
}

fn of_object<'a>(object: &'a CiliumPodIpPool, family: Family, part: &'a PoolFamily) -> Pool<'a> {
    Pool {
        owner: Owner::Object(object),
        family,
        switch: FamilySwitch::Defaulted,
        ranges: part.cidrs.iter().map(|text| Range::read(text)).collect(),
        mask: part.mask_size.map_or(Mask::Missing, Mask::Set),
    }
}

/// Reads `default=ipv4-cidrs:10.0.0.0/16,10.1.0.0/16;ipv4-mask-size:24,mars=...`.
/// A comma separates ranges, and pools as well: what follows it is a pool when
/// it has a name.
fn pools_to_create<'a>(config: &'a ConfigMap, text: &'a str) -> Vec<Pool<'a>> {
    let mut pools: Vec<[Pool<'a>; 2]> = Vec::new();
    let mut field = "";
    for piece in text.split(',') {
        let rest = match piece.split_once('=') {
            Some((name, rest)) => {
                let owner = Owner::ToCreate(config, name.trim());
                pools.push(Family::ALL.map(|family| Pool::empty(owner, family)));
                field = "";
                rest
            }
            None => piece,
        };
        let Some([v4, v6]) = pools.last_mut() else {
            continue;
        };
        for (at, part) in rest.split(';').enumerate() {
            // Only what follows a comma goes on with the list before it.
            if at > 0 {
                field = "";
            }
            let mut value = part.trim();
            for name in [
                "ipv4-cidrs",
                "ipv4-mask-size",
                "ipv6-cidrs",
                "ipv6-mask-size",
            ] {
                let named = value.strip_prefix(name);
                if let Some(rest) = named.and_then(|rest| rest.trim_start().strip_prefix(':')) {
                    (field, value) = (name, rest.trim());
                    break;
                }
            }
            let mask = || value.parse().map_or(Mask::Unreadable(value), Mask::Set);
            match field {
                "ipv4-cidrs" => v4.ranges.push(Range::read(value)),
                "ipv4-mask-size" => v4.mask = mask(),
                "ipv6-cidrs" => v6.ranges.push(Range::read(value)),
                "ipv6-mask-size" => v6.mask = mask(),
                _ => {}
            }
        }
    }
    pools.into_iter().flatten().collect()
}

/// The entries of a list: the charts write spaces between them, the command
/// line takes commas.
fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split(|c: char| c.is_whitespace() || c == ',')
        .filter(|entry| !entry.is_empty())
}

impl<'a> Range<'a> {
    fn read(text: &'a str) -> Self {
        Self {
            text,
            prefix: Prefix::parse(text).map(|parsed| parsed.prefix),
        }
    }
}

impl<'a> Pool<'a> {
    fn empty(owner: Owner<'a>, family: Family) -> Self {
        Self {
            owner,
            family,
            switch: FamilySwitch::Defaulted,
            ranges: Vec::new(),
            mask: Mask::Missing,
        }
    }
}

/// What the operator takes when the key is missing. The charts write 120 for
/// IPv6.
fn default_mask(family: Family) -> i64 {
    match family {
        Family::V4 => 24,
        Family::V6 => 112,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn load(documents: &[String]) -> Cluster {
        let mut cluster = Cluster::default();
        let problems = cluster.load(documents.iter().map(String::as_str));
        assert!(problems.is_empty(), "{problems:?}");
        cluster
    }

    fn config(data: &str) -> String {
        format!(
            r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"cilium-config","namespace":"kube-system"}},"data":{data}}}"#
        )
    }

    fn object(name: &str, spec: &str) -> String {
        format!(
            r#"{{"apiVersion":"cilium.io/v2alpha1","kind":"CiliumPodIPPool","metadata":{{"name":"{name}"}},"spec":{spec}}}"#
        )
    }

    /// Name, family, ranges as written, mask, blocks: what there is of each.
    fn table(documents: &[String]) -> Vec<String> {
        let cluster = load(documents);
        let cilium = Cilium::find(&cluster, &Settings::default());
        find(&cluster, &cilium)
            .iter()
            .map(|pool| {
                let texts: Vec<&str> = pool.ranges.iter().map(|range| range.text).collect();
                format!(
                    "{} {} {:?} [{}] {:?} {:?}",
                    pool.name(),
                    pool.family,
                    pool.switch,
                    texts.join("|"),
                    pool.mask,
                    pool.blocks()
                )
            })
            .collect()
    }

    #[test]
    fn reads_the_keys_of_cluster_pool() {
        let data = r#"{"ipam":"cluster-pool","enable-ipv4":"true","enable-ipv6":"false","cluster-pool-ipv4-cidr":" 10.0.0.0/16  10.1.0.0/16,10.2.0.5/16\n","cluster-pool-ipv4-mask-size":"0x18"}"#;
        assert_eq!(
            table(&[config(data)]),
            [
                "cluster-pool-ipv4-cidr IPv4 On [10.0.0.0/16|10.1.0.0/16|10.2.0.5/16] Set(24) Some(768)",
                "cluster-pool-ipv6-cidr IPv6 Off [] Default(112) Some(0)",
            ]
        );
        let data = r#"{"ipam":"cluster-pool-v2beta","cluster-pool-ipv4-cidr":"<none>","cluster-pool-ipv4-mask-size":"","cluster-pool-ipv6-cidr":"fd00::/104"}"#;
        assert_eq!(
            table(&[config(data)]),
            [
                "cluster-pool-ipv4-cidr IPv4 Defaulted [<none>] Unreadable(\"\") None",
                "cluster-pool-ipv6-cidr IPv6 Defaulted [fd00::/104] Default(112) Some(256)",
            ]
        );
    }

    #[test]
    fn other_modes_have_no_pools() {
        for mode in ["kubernetes", "eni", "crd", "delegated-plugin", "foo"] {
            let data = format!(r#"{{"ipam":"{mode}","cluster-pool-ipv4-cidr":"10.0.0.0/8"}}"#);
            let objects = object(
                "default",
                r#"{"ipv4":{"cidrs":["10.0.0.0/8"],"maskSize":24}}"#,
            );
            assert!(table(&[config(&data), objects]).is_empty(), "{mode}");
        }
    }

    #[test]
    fn reads_pools_and_those_to_create() {
        let data = r#"{"ipam":"multi-pool","enable-ipv6":"true","auto-create-cilium-pod-ip-pools":"default=ipv4-cidrs:10.10.0.0/16,10.11.0.0/16;ipv4-mask-size:24;ipv6-cidrs:fd00:a::/104, fd00:b::/104; ipv6-mask-size:120,mars=ipv4-cidrs:10.20.0.0/16;ipv4-mask-size:x,there=ipv4-cidrs:10.40.0.0/16"}"#;
        let there = object(
            "there",
            r#"{"ipv4":{"cidrs":["10.30.0.0/16"],"maskSize":27}}"#,
        );
        let bare = object("bare", r#"{"ipv6":{"cidrs":["fd00::/48","10.0.0.0/8"]}}"#);
        assert_eq!(
            table(&[config(data), there, bare]),
            [
                "CiliumPodIPPool bare IPv6 On [fd00::/48|10.0.0.0/8] Missing None",
                "CiliumPodIPPool there IPv4 Defaulted [10.30.0.0/16] Set(27) Some(2048)",
                "pool default of auto-create-cilium-pod-ip-pools IPv4 Defaulted [10.10.0.0/16|10.11.0.0/16] Set(24) Some(512)",
                "pool default of auto-create-cilium-pod-ip-pools IPv6 On [fd00:a::/104|fd00:b::/104] Set(120) Some(131072)",
                "pool mars of auto-create-cilium-pod-ip-pools IPv4 Defaulted [10.20.0.0/16] Unreadable(\"x\") None",
            ]
        );
    }

    #[test]
    fn families_that_are_off_have_no_pods_pools() {
        let data = r#"{"ipam":"multi-pool","enable-ipv6":"false","auto-create-cilium-pod-ip-pools":"stray,a=ipv6-cidrs:fd00::/104;ipv6-mask-size:120;unknown:1"}"#;
        let dual = object(
            "dual",
            r#"{"ipv4":{"cidrs":["10.30.0.0/16"],"maskSize":27},"ipv6":{"cidrs":["fd00::/104"],"maskSize":120}}"#,
        );
        assert_eq!(
            table(&[config(data), dual]),
            ["CiliumPodIPPool dual IPv4 Defaulted [10.30.0.0/16] Set(27) Some(2048)"]
        );
    }

    #[test]
    fn counts_blocks() {
        let config_map = ConfigMap::default();
        for (family, range, mask, blocks) in [
            (Family::V4, "10.0.0.0/8", 24, Some(65_536)),
            (Family::V4, "10.0.0.0/8", 32, Some(16_777_216)),
            (Family::V4, "10.0.0.0/8", 33, None),
            (Family::V4, "10.0.0.0/8", 8, Some(1)),
            (Family::V4, "10.0.0.0/8", 7, Some(0)),
            (Family::V4, "10.0.0.0/8", 0, Some(0)),
            (Family::V4, "10.0.0.0/8", -1, None),
            (Family::V4, "0.0.0.0/0", 32, Some(4_294_967_296)),
            (Family::V4, "fd00::/104", 24, None),
            (Family::V6, "fd00::/104", 120, Some(65_536)),
            (Family::V6, "fd00::/104", 121, None),
            (Family::V6, "fd00::/112", 128, Some(65_536)),
            (Family::V6, "fd00::/113", 129, None),
        ] {
            let pool = Pool {
                ranges: vec![Range::read(range)],
                mask: Mask::Set(mask),
                ..Pool::empty(Owner::ClusterPool(&config_map), family)
            };
            assert_eq!(pool.blocks(), blocks, "{family} {range} {mask}");
        }
    }

    #[test]
    fn points_at_what_is_written() {
        let config_map = ConfigMap::default();
        let object = CiliumPodIpPool::default();
        for (owner, cidrs, mask) in [
            (
                Owner::ClusterPool(&config_map),
                "data.cluster-pool-ipv6-cidr",
                "data.cluster-pool-ipv6-mask-size",
            ),
            (
                Owner::Object(&object),
                "spec.ipv6.cidrs",
                "spec.ipv6.maskSize",
            ),
            (
                Owner::ToCreate(&config_map, "mars"),
                "data.auto-create-cilium-pod-ip-pools",
                "data.auto-create-cilium-pod-ip-pools",
            ),
        ] {
            let pool = Pool::empty(owner, Family::V6);
            assert_eq!(pool.cidrs_ref().field.as_deref(), Some(cidrs));
            assert_eq!(pool.mask_ref().field.as_deref(), Some(mask));
        }
    }
}
