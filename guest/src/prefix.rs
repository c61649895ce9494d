//! Canonical network prefixes.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Serialize, Serializer};

/// An IP address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    V4,
    V6,
}

impl Family {
    pub const ALL: [Self; 2] = [Self::V4, Self::V6];

    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    /// `IPv4` or `IPv6`, as Kubernetes writes its `ipFamilies`.
    pub fn name(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Family {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A network whose host bits are zero. Ordered by family, address, length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(IpNet);

/// A prefix as read from text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parsed {
    pub prefix: Prefix,
    /// The text had host bits set, which were cleared.
    pub had_host_bits: bool,
}

impl Prefix {
    /// Reads `ADDRESS/LENGTH`. Host bits are cleared and reported. The error
    /// says in words what is wrong with the text.
    pub fn parse(text: &str) -> Result<Parsed, &'static str> {
        let network = network(text).ok_or_else(|| explain(text))?;
        if let IpNet::V6(v6) = network
            && v6.addr().to_ipv4_mapped().is_some()
        {
            return Err("is an IPv4-mapped IPv6 address; write it as IPv4");
        }
        let prefix = Self(network.trunc());
        Ok(Parsed {
            prefix,
            had_host_bits: network.addr() != prefix.0.addr(),
        })
    }

    /// One address alone.
    pub fn host(address: IpAddr) -> Self {
        Self(IpNet::from(address))
    }

    pub fn family(self) -> Family {
        Family::of(self.0.addr())
    }

    pub fn first_address(self) -> IpAddr {
        self.0.network()
    }

    pub fn last_address(self) -> IpAddr {
        self.0.broadcast()
    }

    /// The prefix length in bits.
    pub fn length(self) -> u8 {
        self.0.prefix_len()
    }

    /// The prefix of this length that covers `self`; None when it is longer.
    pub fn shortened(self, length: u8) -> Option<Self> {
        let covers = length <= self.length();
        let network = IpNet::new(self.0.addr(), length).ok().filter(|_| covers)?;
        Some(Self(network.trunc()))
    }

    /// The smallest prefix that covers both; of different families, `self`.
    #[must_use]
    pub fn spanning(self, other: Self) -> Self {
        let mut length = self.length();
        let mut spanning = self;
        while !spanning.contains(other) && length > 0 {
            length -= 1;
            spanning = spanning.shortened(length).unwrap_or(spanning);
        }
        if spanning.contains(other) {
            spanning
        } else {
            self
        }
    }

    pub fn contains_address(self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    /// Whether every address of `other` is in `self`.
    pub fn contains(self, other: Self) -> bool {
        self.0.contains(&other.0)
    }

    /// The fewest prefixes that cover exactly the addresses of these, sorted.
    /// Two halves of everything stay two: a prefix of length 0 is a default
    /// route.
    pub fn aggregate(prefixes: &[Self]) -> Vec<Self> {
        let networks: Vec<IpNet> = prefixes.iter().map(|prefix| prefix.0).collect();
        let mut merged: Vec<Self> = IpNet::aggregate(&networks)
            .into_iter()
            .flat_map(|network| match network.prefix_len() {
                0 => network.subnets(1).into_iter().flatten().collect(),
                _ => vec![network],
            })
            .map(Self)
            .collect();
        merged.sort_unstable();
        merged
    }

    /// Whether the two share an address. Prefixes nest or are disjoint.
    pub fn overlaps(self, other: Self) -> bool {
        self.contains(other) || other.contains(self)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Prefix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The standard library reads addresses as Go does: `010.0.0.0`, which some
/// take for octal, is refused.
fn network(text: &str) -> Option<IpNet> {
    let (address, length) = text.split_once('/')?;
    let address = address.parse::<IpAddr>().ok()?;
    let digits = length.bytes().all(|byte| byte.is_ascii_digit());
    let length = length.parse::<u8>().ok().filter(|_| digits)?;
    IpNet::new(address, length).ok()
}

fn explain(text: &str) -> &'static str {
    match text.split_once('/') {
        None if text.parse::<IpAddr>().is_ok() => "has no prefix length",
        None => "is not a CIDR",
        Some((address, _)) if address.parse::<IpAddr>().is_err() => {
            "does not start with an IP address"
        }
        Some(_) => "has no valid prefix length after the slash",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clears_host_bits_and_says_so() {
        let parsed = Prefix::parse("10.0.0.5/24").unwrap();
        assert_eq!(parsed.prefix.to_string(), "10.0.0.0/24");
        assert!(parsed.had_host_bits);
        let parsed = Prefix::parse("FD00:0010::0/64").unwrap();
        assert_eq!(parsed.prefix.to_string(), "fd00:10::/64");
        assert!(!parsed.had_host_bits);
    }

    #[test]
    fn refuses_what_is_no_prefix() {
        for (text, reason) in [
            ("", "is not a CIDR"),
            ("10.0.0.0", "has no prefix length"),
            ("malformedIp", "is not a CIDR"),
            ("ip/24", "does not start with an IP address"),
            ("010.001.0.0/24", "does not start with an IP address"),
            ("12345678::/64", "does not start with an IP address"),
            ("10.0.0.0/", "has no valid prefix length after the slash"),
            ("10.0.0.0/33", "has no valid prefix length after the slash"),
            ("10.0.0.0/+8", "has no valid prefix length after the slash"),
            ("10.0.0.0/x", "has no valid prefix length after the slash"),
            ("fd00::/129", "has no valid prefix length after the slash"),
            (" 10.0.0.0/24", "does not start with an IP address"),
            (
                "::ffff:10.0.0.0/120",
                "is an IPv4-mapped IPv6 address; write it as IPv4",
            ),
        ] {
            assert_eq!(Prefix::parse(text), Err(reason), "{text:?}");
        }
    }

    #[test]
    fn orders_by_family_address_length() {
        let mut prefixes: Vec<_> = ["fd00::/64", "10.0.10.0/24", "10.0.9.0/24", "10.0.9.0/23"]
            .into_iter()
            .map(|text| Prefix::parse(text).unwrap().prefix)
            .collect();
        prefixes.sort();
        let texts: Vec<_> = prefixes.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            ["10.0.8.0/23", "10.0.9.0/24", "10.0.10.0/24", "fd00::/64"]
        );
    }
}
