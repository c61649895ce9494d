//! The pools of the cluster, and whether all of them were given.

use crate::detect::cilium::FamilySwitch;
use crate::detect::cilium::pools::{self, Pool};
use crate::detect::ipam::IpamMode;
use crate::objects::Kind;
use crate::rules::context::Context;
use crate::rules::rule::{Missing, Verdict};

/// The pools that the keys `cluster-pool-*` name, one for each family; none
/// in a mode that does not read them.
pub(super) fn of_config<'a>(context: &Context<'a>) -> Result<Vec<Pool<'a>>, Missing> {
    match (context.cilium()?, context.ipam_mode()?) {
        (Some(cilium), Some(IpamMode::ClusterPool | IpamMode::ClusterPoolV2Beta)) => {
            context.cilium_config()?;
            Ok(pools::find(context.cluster, cilium))
        }
        _ => Ok(Vec::new()),
    }
}

/// The pools that the operator takes into use, in every mode with pools.
pub(super) fn in_use<'a>(
    context: &Context<'a>,
    verdict: &mut Verdict,
) -> Result<Vec<Pool<'a>>, Missing> {
    let mut pools = match (context.cilium()?, context.ipam_mode()?) {
        (Some(cilium), Some(IpamMode::MultiPool)) => {
            context.note_unseen(&[Kind::CiliumPodIpPool], verdict);
            pools::find(context.cluster, cilium)
        }
        _ => of_config(context)?,
    };
    pools.retain(is_in_use);
    Ok(pools)
}

/// Whether the operator cuts blocks from a pool.
pub(super) fn is_in_use(pool: &Pool<'_>) -> bool {
    !pool.ranges.is_empty() && pool.switch != FamilySwitch::Off
}
