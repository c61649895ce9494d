//! Ids of new routes: made of the owner and the prefix, so that whoever
//! computes them, and after whatever restart, they are the same.

use std::collections::BTreeSet;

use crate::prefix::Prefix;

/// The ids that are in use in a table.
pub(super) struct Ids(BTreeSet<String>);

impl Ids {
    pub(super) fn taken(ids: impl IntoIterator<Item = String>) -> Self {
        Self(ids.into_iter().collect())
    }

    /// `<owner>-<hash of the prefix>-<n>`, with the first `n` that is free:
    /// somebody else's route may carry any id.
    pub(super) fn assign(&mut self, owner: &str, prefix: Prefix) -> String {
        let hash = fnv1a(&prefix.to_string());
        let mut number = 0_u32;
        loop {
            let id = format!("{owner}-{hash:016x}-{number}");
            if self.0.insert(id.clone()) {
                return id;
            }
            number += 1;
        }
    }
}

/// FNV-1a, 64 bits: its definition does not change with a release.
pub(super) fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors that the authors of FNV publish.
    #[test]
    fn hashes_as_published() {
        assert_eq!(fnv1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn an_id_in_use_is_passed_over() {
        let prefix = Prefix::parse("10.0.0.0/24").unwrap().prefix;
        let free = Ids::taken([]).assign("shop", prefix);
        assert!(free.starts_with("shop-") && free.ends_with("-0"), "{free}");
        let mut ids = Ids::taken([free.clone()]);
        let second = ids.assign("shop", prefix);
        assert_eq!(second, format!("{}1", free.trim_end_matches('0')));
        assert_ne!(ids.assign("shop", prefix), second);
    }
}
