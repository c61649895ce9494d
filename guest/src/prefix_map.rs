//! Prefixes, and which of them an address or another prefix is in.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::prefix::{Family, Prefix};

/// Values by prefix. A look-up takes a step for each length that there is, not
/// for each prefix.
#[derive(Clone, Debug)]
pub struct PrefixMap<T> {
    entries: BTreeMap<Prefix, T>,
    lengths: BTreeSet<(Family, u8)>,
}

impl<T> PrefixMap<T> {
    /// The longest prefix that the address is in.
    pub fn of_address(&self, address: IpAddr) -> Option<(Prefix, &T)> {
        self.covering(Prefix::host(address))
    }

    /// The longest prefix that all of `prefix` is in.
    pub fn covering(&self, prefix: Prefix) -> Option<(Prefix, &T)> {
        let family = prefix.family();
        self.lengths
            .range((family, 0)..=(family, prefix.length()))
            .rev()
            .find_map(|&(_, length)| {
                let cover = prefix.shortened(length)?;
                Some((cover, self.entries.get(&cover)?))
            })
    }
}

/// Of several values of one prefix the first stays.
impl<T> FromIterator<(Prefix, T)> for PrefixMap<T> {
    fn from_iter<I: IntoIterator<Item = (Prefix, T)>>(values: I) -> Self {
        let mut entries = BTreeMap::new();
        for (prefix, value) in values {
            entries.entry(prefix).or_insert(value);
        }
        let lengths = entries
            .keys()
            .map(|prefix| (prefix.family(), prefix.length()))
            .collect();
        Self { entries, lengths }
    }
}

#[cfg(test)]
mod tests {
    use super::PrefixMap;
    use crate::prefix::Prefix;

    fn prefix(text: &str) -> Prefix {
        Prefix::parse(text).unwrap().prefix
    }

    #[test]
    fn finds_the_longest_prefix() {
        let texts = [
            "10.0.0.0/8",
            "10.0.1.0/24",
            "10.0.1.0/24",
            "10.0.1.7/32",
            "fd00::/64",
        ];
        let map: PrefixMap<usize> = texts.iter().copied().map(prefix).zip(0..).collect();
        let of_address = |text: &str| map.of_address(text.parse().unwrap()).map(|(_, at)| *at);
        assert_eq!(of_address("10.0.1.7"), Some(3));
        assert_eq!(of_address("10.0.1.8"), Some(1));
        assert_eq!(of_address("10.0.2.1"), Some(0));
        assert_eq!(of_address("11.0.0.1"), None);
        assert_eq!(of_address("fd00::1"), Some(4));
        assert_eq!(of_address("fd00:0:0:1::1"), None);
        let covering = |text| map.covering(prefix(text)).map(|(_, at)| *at);
        assert_eq!(covering("10.0.1.0/24"), Some(1));
        assert_eq!(covering("10.0.0.0/23"), Some(0));
        assert_eq!(covering("10.0.0.0/7"), None);
    }
}
