//! Bands: the ranges that are drawn, each with the claims in it. Pools are
//! bands; claims outside of every pool are gathered into bands of their own.

use std::collections::BTreeMap;
use std::ops::Range;

use super::claims::Claim;
use super::report::{Network, Report, Role};
use crate::prefix::{Family, Prefix};

/// Of so many blocks one is claimed in a band of its own, unless there were
/// more than a few of such bands.
const SPARSE: u128 = 64;
const FEW: usize = 8;

/// A range that is drawn.
pub(super) struct Band<'r> {
    pub prefix: Prefix,
    /// The pools with this range, or with a part of it; empty where no pool
    /// is known.
    pub pools: Vec<&'r Network>,
    /// The prefix length of what is drawn as one block.
    pub unit: u8,
    /// Its claims, positions among all of them.
    pub claims: Range<usize>,
}

/// The bands of a family, by address. `claims` are sorted.
pub(super) fn of<'r>(report: &'r Report, claims: &[Claim<'r>], family: Family) -> Vec<Band<'r>> {
    let mut pools: Vec<&Network> = report
        .networks
        .iter()
        .filter(|one| one.role == Role::Pool && one.prefix.family() == family)
        .collect();
    pools.sort_by_key(|pool| pool.prefix);
    let mut bands: Vec<Band<'_>> = Vec::new();
    for pool in pools {
        match bands.last_mut() {
            Some(band) if band.prefix.contains(pool.prefix) => band.pools.push(pool),
            _ => bands.push(Band {
                prefix: pool.prefix,
                pools: vec![pool],
                unit: pool.prefix.length(),
                claims: 0..0,
            }),
        }
    }
    let mut outside = Vec::new();
    let of_family = claims.iter().enumerate();
    for (at, claim) in of_family.filter(|(_, claim)| claim.prefix.family() == family) {
        let after = bands.partition_point(|band| band.prefix <= claim.prefix);
        let band = after.checked_sub(1).and_then(|at| bands.get_mut(at));
        match band.filter(|band| band.prefix.contains(claim.prefix)) {
            // The claims in a prefix stand one after the other.
            Some(band) if band.claims.is_empty() => band.claims = at..at + 1,
            Some(band) => band.claims.end = at + 1,
            None => outside.push(at),
        }
    }
    let mut beside = gathered(claims, &outside, SPARSE);
    if beside.len() > FEW {
        beside = gathered(claims, &outside, u128::MAX);
    }
    bands.extend(beside);
    bands.sort_by_key(|band| band.prefix);
    for band in &mut bands {
        band.unit = unit(band, claims.get(band.claims.clone()).unwrap_or_default());
    }
    bands
}

/// Claims of no pool, each with its neighbours, as long as one of so many
/// blocks is claimed.
fn gathered<'r>(claims: &[Claim<'_>], outside: &[usize], sparse: u128) -> Vec<Band<'r>> {
    let mut bands: Vec<Band<'r>> = Vec::new();
    for at in outside.iter().copied() {
        let Some(prefix) = claims.get(at).map(|claim| claim.prefix) else {
            continue;
        };
        if let Some(band) = bands.last_mut() {
            let span = band.prefix.spanning(prefix);
            let blocks = blocks(span, prefix.length()).unwrap_or(u128::MAX);
            let count = u128::try_from(band.claims.len() + 1).unwrap_or_default();
            // What stands between them is of a pool.
            let follows = band.claims.end == at;
            if follows && blocks <= sparse.saturating_mul(count.max(4)) {
                band.prefix = span;
                band.claims.end = at + 1;
                continue;
            }
        }
        bands.push(Band {
            prefix,
            pools: Vec::new(),
            unit: prefix.length(),
            claims: at..at + 1,
        });
    }
    bands
}

/// What a block is: what the pool is cut into if the nodes have such blocks,
/// else what most claims are.
fn unit(band: &Band<'_>, claims: &[Claim<'_>]) -> u8 {
    let longest = match band.prefix.family() {
        Family::V4 => 32,
        Family::V6 => 128,
    };
    let pools = band.pools.iter();
    let of_pool = pools.filter_map(|pool| pool.block_length).max();
    let of_pool = of_pool.filter(|length| (band.prefix.length()..=longest).contains(length));
    let mut lengths: BTreeMap<u8, usize> = BTreeMap::new();
    for claim in claims {
        *lengths.entry(claim.prefix.length()).or_default() += 1;
    }
    let common = lengths
        .iter()
        .max_by_key(|(length, count)| (**count, **length));
    match (of_pool, common) {
        (Some(length), None) => length,
        (Some(length), _) if lengths.contains_key(&length) => length,
        (_, Some((length, _))) => *length,
        (None, None) => band.prefix.length(),
    }
}

/// How many blocks of this length a prefix has; None when there are more
/// than can be counted.
pub(super) fn blocks(prefix: Prefix, length: u8) -> Option<u128> {
    let bits = length.saturating_sub(prefix.length());
    1_u128.checked_shl(u32::from(bits))
}
