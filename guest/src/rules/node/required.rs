//! The families of which every node needs a pod CIDR.

use std::collections::BTreeSet;

use crate::detect::cilium::FamilySwitch;
use crate::prefix::Family;
use crate::rules::context::Context;
use crate::sources::Claims;

/// The families of which some node has a CIDR.
pub(super) struct InUse(BTreeSet<Family>);

impl InUse {
    pub(super) fn find(context: &Context<'_>) -> Self {
        Self(in_use(context.claims()))
    }

    /// The families of which a node needs a CIDR: those that are on there. One
    /// that is on only by default counts once it is in use: most clusters are
    /// single-stack.
    pub(super) fn required_on(&self, context: &Context<'_>, node: &str) -> Vec<Family> {
        let is_required = |family: &Family| match context.detected.family_switch(node, *family) {
            FamilySwitch::On => true,
            FamilySwitch::Off => false,
            FamilySwitch::Defaulted => self.0.contains(family),
        };
        Family::ALL.into_iter().filter(is_required).collect()
    }
}

/// Whether a text that is no CIDR was meant to be one of this family. One
/// that does not show it may be of either.
pub fn looks_like(text: &str, family: Family) -> bool {
    match family {
        Family::V4 => text.contains('.') || !text.contains(':'),
        Family::V6 => text.contains(':') || !text.contains('.'),
    }
}

/// Whether a node has a valid CIDR of this family.
pub(super) fn has_claim(context: &Context<'_>, node: &str, family: Family) -> bool {
    context
        .mapping()
        .claims_of(node)
        .any(|mapped| mapped.claim.prefix.family() == family)
}

/// The families that any node has a pod CIDR of, broken texts included.
pub fn in_use(claims: &Claims<'_>) -> BTreeSet<Family> {
    let is_in_use = |family: &Family| {
        let mut valid = claims.valid.iter();
        let mut invalid = claims.invalid.iter();
        valid.any(|claim| claim.prefix.family() == *family)
            || invalid.any(|invalid| looks_like(invalid.text, *family))
    };
    Family::ALL.into_iter().filter(is_in_use).collect()
}

#[cfg(test)]
mod tests {
    use super::looks_like;
    use crate::prefix::Family;

    #[test]
    fn guesses_the_family_of_what_is_no_cidr() {
        for (text, v4, v6) in [
            ("10.244.1.0", true, false),
            ("fd00::/129", false, true),
            ("::ffff:10.0.0.0/120", true, true),
            ("none", true, true),
        ] {
            assert_eq!(looks_like(text, Family::V4), v4, "{text}");
            assert_eq!(looks_like(text, Family::V6), v6, "{text}");
        }
    }
}
