//! Few addresses and prefixes, so that they collide.

use proptest::prelude::*;
use proptest::sample::select;

pub(crate) const NODES: [&str; 5] = ["a", "b", "c", "d", "e"];

pub(crate) fn node_name() -> impl Strategy<Value = &'static str> {
    select(&NODES[..])
}

/// Pod CIDRs that are equal, nested, adjacent, and some that are none.
pub(crate) fn cidr() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        16 => select(vec![
            "10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24", "10.0.4.0/24",
            "10.0.5.0/24", "10.0.6.0/24", "10.0.7.0/24", "10.1.0.0/26", "10.1.0.64/26",
            "10.1.0.128/26", "10.1.0.192/26",
        ]),
        6 => select(vec![
            "fd00::/64", "fd00:0:0:1::/64", "fd00:0:0:2::/64", "fd00:0:0:3::/64",
        ]),
        6 => select(vec!["10.0.0.0/25", "10.0.0.128/25", "10.0.1.0/25", "10.0.1.128/25"]),
        2 => select(vec![
            "10.0.0.0/23", "10.0.4.0/22", "10.0.1.7/32", "10.1.0.0/24", "fd00::/63",
            "fd00:0:0:1::/80", "10.12.0.0/16",
        ]),
        1 => select(vec!["10.0.0.0/8", "fd00::/62"]),
        1 => select(vec!["10.0.0.5/24", "0.0.0.0/0", "::/0", "10.0.0.0", "", "10.0.0.0/33"]),
    ]
}

/// Addresses of nodes: usable, of either family, in a pod CIDR, or unusable.
pub(crate) fn address() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        20 => select(vec!["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "198.51.100.1"]),
        10 => select(vec!["2001:db8::1", "2001:db8::2", "2001:db8::3"]),
        1 => select(vec!["10.0.0.9", "fe80::1", "169.254.0.1", "127.0.0.1", "nonsense", ""]),
    ]
}

/// Times at which objects were created.
pub(crate) fn created() -> impl Strategy<Value = Option<&'static str>> {
    select(vec![
        None,
        Some("2025-01-01T00:00:00Z"),
        Some("2025-01-02T00:00:00Z"),
        Some("2025-01-03T00:00:00Z"),
    ])
}
