//! Where pod CIDRs are read from, and whether all of it was given.

use crate::detect::Place;
use crate::rules::context::Context;
use crate::rules::rule::Missing;

/// Where pod CIDRs stand. Fails when the snapshot does not tell.
pub(super) fn place(context: &Context<'_>) -> Result<Place, Missing> {
    if let Some(cilium) = context.cilium()?
        && cilium.ipam.is_none()
    {
        context.cilium_config()?;
    }
    Ok(context.detected.place)
}

/// Fails unless all the objects that hold pod CIDRs were given. A rule about
/// CIDRs reports on those that there are, and ends with this.
pub(super) fn seen(context: &Context<'_>) -> Result<(), Missing> {
    match place(context)?.holder() {
        None => Ok(()),
        Some(kind) => context.saw(kind),
    }
}
