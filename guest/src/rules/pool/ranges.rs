//! The ranges that pods have their addresses from: the pools, and the CIDRs
//! that nodes have.

use std::net::IpAddr;

use super::pools;
use crate::detect::cilium::pools::Pool;
use crate::prefix::Prefix;
use crate::prefix_map::PrefixMap;
use crate::rules::context::Context;
use crate::rules::rule::{Missing, Verdict};
use crate::sources::Claim;

/// Pools and CIDRs, ready for looking addresses up.
pub(super) struct Ranges<'a> {
    pub pools: Vec<Pool<'a>>,
    /// Positions in `pools`.
    by_range: PrefixMap<usize>,
    claims: PrefixMap<&'a Claim<'a>>,
}

impl<'a> Ranges<'a> {
    /// None where pods have no ranges of their own.
    pub(super) fn find(
        context: &Context<'a>,
        verdict: &mut Verdict,
    ) -> Result<Option<Self>, Missing> {
        context.ipam_mode()?;
        let Some(holder) = context.detected.place.holder() else {
            return Ok(None);
        };
        context.note_unseen(&[holder], verdict);
        // The CIDRs can be judged without the pools.
        let pools = pools::in_use(context, verdict).unwrap_or_else(|missing| {
            verdict.lacks(missing);
            Vec::new()
        });
        let claims = &context.claims().valid;
        if pools.is_empty() && claims.is_empty() {
            return Ok(None);
        }
        let by_range = pools
            .iter()
            .zip(0..)
            .flat_map(|(pool, at)| pool.prefixes().map(move |prefix| (prefix, at)))
            .collect();
        Ok(Some(Self {
            pools,
            by_range,
            claims: claims.iter().map(|claim| (claim.prefix, claim)).collect(),
        }))
    }

    /// The range of a pool that an address is in, with the pool's position.
    pub(super) fn pool_of(&self, address: IpAddr) -> Option<(Prefix, usize)> {
        let (prefix, at) = self.by_range.of_address(address)?;
        Some((prefix, *at))
    }

    /// The claim of a node that an address is in.
    pub(super) fn claim_of(&self, address: IpAddr) -> Option<&'a Claim<'a>> {
        let (_, claim) = self.claims.of_address(address)?;
        Some(claim)
    }
}
