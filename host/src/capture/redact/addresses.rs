//! Addresses by others, prefixes by prefixes: two addresses share as many
//! leading bits after as before, so that what lay inside, beside or outside of
//! something still does.
//!
//! The construction of Crypto-PAn (Xu, Fan, Ammar, Moon 2002): whether a bit
//! is flipped depends on the key and on the bits before it, and on nothing
//! else. Ranges that mean something by themselves stay where they are: on the
//! way to them no bit is flipped.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use ring::hmac;

use super::Key;

/// Private, shared, loopback, link-local and multicast, of IANA's registry of
/// special-purpose addresses: what is outside of the others stays outside.
const SPECIAL_V4: [(Ipv4Addr, u8); 11] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::UNSPECIFIED, 32),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::LOCALHOST, 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::BROADCAST, 32),
];

const SPECIAL_V6: [(Ipv6Addr, u8); 7] = [
    (Ipv6Addr::UNSPECIFIED, 128),
    (Ipv6Addr::LOCALHOST, 128),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 8),
    (Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 0), 8),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8),
];

pub(super) struct Addresses {
    key: hmac::Key,
    /// Addresses and lengths of the ranges that stay.
    v4: Vec<(u128, u8)>,
    v6: Vec<(u128, u8)>,
}

impl Addresses {
    pub(super) fn new(key: &Key) -> Self {
        Self {
            key: key.derive("addresses"),
            v4: SPECIAL_V4
                .iter()
                .map(|(start, length)| (from_v4(*start), *length))
                .collect(),
            v6: SPECIAL_V6
                .iter()
                .map(|(start, length)| (start.to_bits(), *length))
                .collect(),
        }
    }

    pub(super) fn address(&self, address: IpAddr) -> IpAddr {
        match address {
            IpAddr::V4(address) => self.v4(address).into(),
            IpAddr::V6(address) => match address.to_ipv4_mapped() {
                Some(inside) => self.v4(inside).to_ipv6_mapped().into(),
                None => {
                    Ipv6Addr::from_bits(self.permute(6, 128, &self.v6, address.to_bits())).into()
                }
            },
        }
    }

    /// A network becomes one, and a network that is written by an address
    /// inside of it becomes another that is.
    pub(super) fn network(&self, network: IpNet) -> IpNet {
        let start = self.address(network.network());
        let replaced =
            IpNet::new(start, network.prefix_len()).map_or(network, |replaced| replaced.trunc());
        if network.addr() == network.network() {
            return replaced;
        }
        let mut inside = self.address(network.addr());
        if inside == replaced.addr() {
            inside = match inside {
                IpAddr::V4(start) => Ipv4Addr::from_bits(start.to_bits() | 1).into(),
                IpAddr::V6(start) => Ipv6Addr::from_bits(start.to_bits() | 1).into(),
            };
        }
        IpNet::new(inside, network.prefix_len()).unwrap_or(replaced)
    }

    fn v4(&self, address: Ipv4Addr) -> Ipv4Addr {
        let bits = self.permute(4, 32, &self.v4, from_v4(address));
        Ipv4Addr::from_bits(u32::try_from(bits >> 96).unwrap_or_default())
    }

    /// Addresses are at the upper end. The flips of eight bits in a row come
    /// from one digest: it has a bit for each way to get to one of them.
    fn permute(&self, family: u8, length: u8, special: &[(u128, u8)], address: u128) -> u128 {
        let mut permuted = address;
        for start in (0..length).step_by(8) {
            let mut message = vec![family, start];
            message.extend(leading(address, start).to_be_bytes());
            let digest = hmac::sign(&self.key, &message);
            let mut way = 1_usize;
            for depth in start..start + 8 {
                let is_set = digest
                    .as_ref()
                    .get(way / 8)
                    .is_some_and(|byte| byte >> (way % 8) & 1 == 1);
                let leads_there = special.iter().any(|(range, length)| {
                    *length > depth && leading(*range, depth) == leading(address, depth)
                });
                let bit = 1 << (127 - depth);
                if is_set && !leads_there {
                    permuted ^= bit;
                }
                way = way << 1 | usize::from(address & bit != 0);
            }
        }
        permuted
    }
}

/// The first bits of an address; the others are zero.
fn leading(address: u128, length: u8) -> u128 {
    match length {
        0 => 0,
        length => address & (u128::MAX << (128 - length)),
    }
}

fn from_v4(address: Ipv4Addr) -> u128 {
    u128::from(address.to_bits()) << 96
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn addresses(key: u8) -> Addresses {
        Addresses::new(&Key::of(&[key; 32]).unwrap())
    }

    fn shared(a: IpAddr, b: IpAddr) -> u32 {
        match (a, b) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            _ => panic!("of different families"),
        }
    }

    /// Another address that shares some leading bits.
    fn neighbour(address: u128, bits: u32, length: u32, noise: u128) -> u128 {
        let bits = bits % length;
        let flipped = address ^ 1 << (length - 1 - bits);
        let below = (1_u128 << (length - 1 - bits)) - 1;
        flipped & !below | noise & below
    }

    proptest! {
        #[test]
        fn v4_shares_as_many_bits_after_as_before(a: u32, bits in 0..32_u32, noise: u128, key: u8) {
            let b = u32::try_from(neighbour(a.into(), bits, 32, noise)).unwrap();
            let (a, b): (IpAddr, IpAddr) =
                (Ipv4Addr::from_bits(a).into(), Ipv4Addr::from_bits(b).into());
            let addresses = addresses(key);
            prop_assert_eq!(shared(a, b), bits);
            prop_assert_eq!(shared(addresses.address(a), addresses.address(b)), bits);
        }

        #[test]
        fn v6_shares_as_many_bits_after_as_before(a: u128, bits in 0..128_u32, noise: u128, key: u8) {
            let b = neighbour(a, bits, 128, noise);
            let (a, b): (IpAddr, IpAddr) =
                (Ipv6Addr::from_bits(a).into(), Ipv6Addr::from_bits(b).into());
            let addresses = addresses(key);
            let both = (addresses.address(a), addresses.address(b));
            // The IPv4 that may be in there is permuted as IPv4 is.
            prop_assert_eq!(shared(both.0, both.1), bits);
        }

        #[test]
        fn networks_hold_what_they_held(a: u32, length in 0..=32_u8, b: u32, key: u8) {
            let addresses = addresses(key);
            let network = IpNet::new(Ipv4Addr::from_bits(a).into(), length).unwrap();
            let inside: IpAddr = Ipv4Addr::from_bits(b).into();
            let replaced = addresses.network(network);
            prop_assert_eq!(replaced.prefix_len(), length);
            prop_assert_eq!(replaced.trunc() == replaced, network.trunc() == network);
            prop_assert_eq!(replaced.contains(&addresses.address(inside)), network.contains(&inside));
        }

        #[test]
        fn v4_stays_in_its_special_range(range in 0..SPECIAL_V4.len(), noise: u32, key: u8) {
            let (start, length) = SPECIAL_V4[range];
            let network = IpNet::new(start.into(), length).unwrap();
            let host = noise.checked_shr(length.into()).unwrap_or_default();
            let address: IpAddr = Ipv4Addr::from_bits(start.to_bits() | host).into();
            let addresses = addresses(key);
            prop_assert!(network.contains(&addresses.address(address)));
            prop_assert_eq!(addresses.network(network), network);
        }

        #[test]
        fn v6_stays_in_its_special_range(range in 0..SPECIAL_V6.len(), noise: u128, key: u8) {
            let (start, length) = SPECIAL_V6[range];
            let network = IpNet::new(start.into(), length).unwrap();
            let host = noise.checked_shr(length.into()).unwrap_or_default();
            let address: IpAddr = Ipv6Addr::from_bits(start.to_bits() | host).into();
            prop_assert!(network.contains(&addresses(key).address(address)));
        }
    }

    #[test]
    fn another_key_gives_other_addresses_and_the_same_key_the_same() {
        let address: IpAddr = "192.168.17.4".parse().unwrap();
        let seen: std::collections::BTreeSet<_> =
            (0..32).map(|key| addresses(key).address(address)).collect();
        assert!(seen.len() > 24, "{seen:?}");
        assert_eq!(addresses(1).address(address), addresses(1).address(address));
    }

    #[test]
    fn an_ipv4_address_inside_of_an_ipv6_address_is_the_same_one() {
        let addresses = addresses(7);
        let inside: Ipv4Addr = "192.168.17.4".parse().unwrap();
        let IpAddr::V4(replaced) = addresses.address(inside.into()) else {
            panic!("IPv4")
        };
        assert_eq!(
            addresses.address(inside.to_ipv6_mapped().into()),
            IpAddr::V6(replaced.to_ipv6_mapped())
        );
    }
}
