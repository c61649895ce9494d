//! Prefixes, and which of them an address or another prefix is in.

use std::cmp::Reverse;
use std::net::IpAddr;

use crate::prefix::Prefix;

/// Values by prefix. A look-up takes a step for each length that there is, not
/// for each prefix.
#[derive(Clone, Debug)]
pub struct PrefixMap<T> {
    /// In the order of the prefixes, each once.
    entries: Vec<(Prefix, T)>,
    /// The longest first.
    spans: Vec<Span>,
}

/// The first and the last prefix of a family and length. Most addresses that
/// are looked up are far from all of them.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: Prefix,
    last: Prefix,
}

impl Span {
    fn is_of_family_of(&self, prefix: Prefix) -> bool {
        self.first.family() == prefix.family()
    }
}

impl<T> PrefixMap<T> {
    /// The longest prefix that the address is in.
    pub fn of_address(&self, address: IpAddr) -> Option<(Prefix, &T)> {
        self.covering(Prefix::host(address))
    }

    /// The longest prefix that all of `prefix` is in.
    pub fn covering(&self, prefix: Prefix) -> Option<(Prefix, &T)> {
        let mut of_family = self
            .spans
            .iter()
            .filter(|span| span.is_of_family_of(prefix));
        of_family.find_map(|span| {
            let cover = prefix.shortened(span.first.length())?;
            let is_near = span.first <= cover && cover <= span.last;
            Some((cover, is_near.then(|| self.get(cover))??))
        })
    }

    fn get(&self, prefix: Prefix) -> Option<&T> {
        let at = self.entries.binary_search_by_key(&prefix, |(one, _)| *one);
        self.entries.get(at.ok()?).map(|(_, value)| value)
    }
}

/// Of several values of one prefix the first stays.
impl<T> FromIterator<(Prefix, T)> for PrefixMap<T> {
    fn from_iter<I: IntoIterator<Item = (Prefix, T)>>(values: I) -> Self {
        let mut entries: Vec<(Prefix, T)> = values.into_iter().collect();
        entries.sort_by_key(|(prefix, _)| *prefix);
        entries.dedup_by_key(|(prefix, _)| *prefix);
        let mut spans: Vec<Span> = Vec::new();
        for &(prefix, _) in &entries {
            let is_like = |span: &&mut Span| {
                span.first.length() == prefix.length() && span.is_of_family_of(prefix)
            };
            match spans.iter_mut().find(is_like) {
                Some(span) => span.last = prefix,
                None => spans.push(Span {
                    first: prefix,
                    last: prefix,
                }),
            }
        }
        spans.sort_by_key(|span| Reverse(span.first.length()));
        Self { entries, spans }
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
            "10.0.9.0/24",
            "fd00:0:0:9::/64",
        ];
        let map: PrefixMap<usize> = texts.iter().copied().map(prefix).zip(0..).collect();
        let of_address = |text: &str| map.of_address(text.parse().unwrap()).map(|(_, at)| *at);
        assert_eq!(of_address("10.0.1.7"), Some(3));
        assert_eq!(of_address("10.0.1.8"), Some(1));
        assert_eq!(of_address("10.0.2.1"), Some(0));
        assert_eq!(of_address("11.0.0.1"), None);
        assert_eq!(of_address("fd00::1"), Some(4));
        // Between the first and the last of its length, before, and after.
        assert_eq!(of_address("10.0.9.1"), Some(5));
        assert_eq!(of_address("10.0.5.1"), Some(0));
        assert_eq!(of_address("10.0.0.255"), Some(0));
        assert_eq!(of_address("10.0.10.0"), Some(0));
        assert_eq!(of_address("fd00:0:0:5::1"), None);
        assert_eq!(of_address("fd00:0:0:9::1"), Some(6));
        assert_eq!(of_address("fd00:0:0:1::1"), None);
        let covering = |text| map.covering(prefix(text)).map(|(_, at)| *at);
        assert_eq!(covering("10.0.1.0/24"), Some(1));
        assert_eq!(covering("10.0.0.0/23"), Some(0));
        assert_eq!(covering("10.0.0.0/7"), None);
    }
}
