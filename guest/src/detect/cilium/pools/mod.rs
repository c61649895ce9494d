//! The pools that Cilium's operator cuts the nodes' pod CIDRs from: the keys
//! `cluster-pool-*` of cilium-config in the modes cluster-pool, the
//! CiliumPodIPPools in mode multi-pool. No other mode has pools.
//!
//! There is one operator for all nodes, so that no CiliumNodeConfig changes
//! what it reads.

mod read;

use super::FamilySwitch;
use crate::objects::Kind;
use crate::objects::cilium_pod_ip_pool::CiliumPodIpPool;
use crate::objects::config_map::ConfigMap;
use crate::prefix::{Family, Prefix};
use crate::report::ObjectRef;
use crate::rules::context::{cluster_object, namespaced_object};

pub use read::find;

/// One family of a pool: ranges, and how they are cut into blocks.
#[derive(Debug)]
pub struct Pool<'a> {
    pub owner: Owner<'a>,
    pub family: Family,
    /// Whether the family is switched on.
    pub switch: FamilySwitch,
    /// In their order; empty when the key is missing or empty.
    pub ranges: Vec<Range<'a>>,
    pub mask: Mask<'a>,
}

/// Where a pool is written down.
#[derive(Clone, Copy, Debug)]
pub enum Owner<'a> {
    /// The keys `cluster-pool-*`.
    ClusterPool(&'a ConfigMap),
    /// A CiliumPodIPPool.
    Object(&'a CiliumPodIpPool),
    /// A CiliumPodIPPool of this name that the operator makes when it starts.
    ToCreate(&'a ConfigMap, &'a str),
}

/// An entry of a pool's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range<'a> {
    pub text: &'a str,
    /// Host bits are cleared, as the operator does. The error says what is
    /// wrong with the text.
    pub prefix: Result<Prefix, &'static str>,
}

/// The prefix length of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask<'a> {
    Set(i64),
    /// The key is missing; the operator takes this.
    Default(i64),
    /// A text that is no number: the operator does not start with it.
    Unreadable(&'a str),
    /// Missing where there is no default.
    Missing,
}

/// The operator keeps a bit for each block of an IPv6 range, and refuses a
/// range with more than 2 to the power of this.
pub const MAX_V6_BITS: i64 = 16;

/// The key of the pools that the operator makes when it starts.
pub const TO_CREATE: &str = "auto-create-cilium-pod-ip-pools";

impl Mask<'_> {
    /// The prefix length; None when it cannot be told.
    pub fn length(self) -> Option<i64> {
        match self {
            Self::Set(length) | Self::Default(length) => Some(length),
            Self::Unreadable(_) | Self::Missing => None,
        }
    }
}

impl Pool<'_> {
    /// The ranges that are prefixes of the pool's family.
    pub fn prefixes(&self) -> impl Iterator<Item = Prefix> {
        self.ranges
            .iter()
            .filter_map(|range| range.prefix.ok())
            .filter(|prefix| prefix.family() == self.family)
    }

    /// Whether all of the list can be read.
    pub fn is_sound(&self) -> bool {
        self.prefixes().count() == self.ranges.len()
    }

    /// How many blocks a range has; None where the operator refuses the mask,
    /// or where the mask is not known.
    pub fn blocks_in(&self, range: Prefix) -> Option<u64> {
        let length = self.mask.length()?;
        let bits = length - i64::from(range.length());
        if !(0..=width(self.family)).contains(&length) || exceeds(self.family, bits) {
            return None;
        }
        // A block that is larger than the range is none.
        Some(u32::try_from(bits).map_or(0, |bits| 1_u64 << bits))
    }

    /// How many blocks there are in all; None when that cannot be told.
    pub fn blocks(&self) -> Option<u64> {
        if !self.is_sound() {
            return None;
        }
        self.prefixes().map(|range| self.blocks_in(range)).sum()
    }

    /// What people call the pool.
    pub fn name(&self) -> String {
        match self.owner {
            Owner::ClusterPool(_) => cidr_key(self.family).to_owned(),
            Owner::Object(object) => format!("CiliumPodIPPool {}", object.metadata.name),
            Owner::ToCreate(_, name) => format!("pool {name} of {TO_CREATE}"),
        }
    }

    /// The setting of the mask, for people.
    pub fn mask_name(&self) -> &'static str {
        match (self.owner, self.family) {
            (Owner::ClusterPool(_), family) => mask_key(family),
            (_, Family::V4) => "the IPv4 mask size",
            (_, Family::V6) => "the IPv6 mask size",
        }
    }

    /// Where the list of ranges stands, or would have to be put.
    pub fn cidrs_ref(&self) -> ObjectRef {
        match self.owner {
            Owner::ClusterPool(config) => config_key(config, cidr_key(self.family)),
            Owner::Object(object) => self.object_field(object, "cidrs"),
            Owner::ToCreate(config, _) => config_key(config, TO_CREATE),
        }
    }

    /// Where the mask stands, or would have to be put.
    pub fn mask_ref(&self) -> ObjectRef {
        match self.owner {
            Owner::ClusterPool(config) => config_key(config, mask_key(self.family)),
            Owner::Object(object) => self.object_field(object, "maskSize"),
            Owner::ToCreate(config, _) => config_key(config, TO_CREATE),
        }
    }

    fn object_field(&self, object: &CiliumPodIpPool, field: &str) -> ObjectRef {
        let family = match self.family {
            Family::V4 => "ipv4",
            Family::V6 => "ipv6",
        };
        cluster_object(Kind::CiliumPodIpPool, &object.metadata.name)
            .at(format!("spec.{family}.{field}"))
    }
}

/// Whether a range is cut into more blocks than the operator takes.
pub fn exceeds(family: Family, bits: i64) -> bool {
    family == Family::V6 && bits > MAX_V6_BITS
}

/// The bits of an address.
pub fn width(family: Family) -> i64 {
    match family {
        Family::V4 => 32,
        Family::V6 => 128,
    }
}

pub fn cidr_key(family: Family) -> &'static str {
    match family {
        Family::V4 => "cluster-pool-ipv4-cidr",
        Family::V6 => "cluster-pool-ipv6-cidr",
    }
}

pub fn mask_key(family: Family) -> &'static str {
    match family {
        Family::V4 => "cluster-pool-ipv4-mask-size",
        Family::V6 => "cluster-pool-ipv6-mask-size",
    }
}

fn config_key(config: &ConfigMap, key: &str) -> ObjectRef {
    let metadata = &config.metadata;
    namespaced_object(
        Kind::ConfigMap,
        &(metadata.namespace.clone(), metadata.name.clone()),
    )
    .at(format!("data.{key}"))
}
