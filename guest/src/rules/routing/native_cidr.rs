//! The native routing CIDR, to which pods send without masquerading, from the
//! keys that a version reads: `native-routing-cidr` up to 1.11,
//! `ipv4-native-routing-cidr` and `ipv6-native-routing-cidr` from 1.11.
//!
//! Where the version is not known, the newer keys count: they go with
//! `routing-mode`, without which nothing is known to route natively.

use crate::detect::cilium::agents::AgentConfig;
use crate::prefix::Family;
use crate::version::Version;

pub(super) const LEGACY: &str = "native-routing-cidr";

/// The keys that it may stand in.
pub(crate) const KEYS: [&str; 3] = [
    "ipv4-native-routing-cidr",
    "ipv6-native-routing-cidr",
    LEGACY,
];

/// The key and the value of the native routing CIDR, where it is set.
pub(crate) fn read<'a>(
    agents: &AgentConfig<'a>,
    family: Family,
    version: Option<Version>,
) -> Option<(&'static str, &'a str)> {
    let reads_modern = version.is_none_or(|version| version.at_least(1, 11));
    let reads_legacy =
        family == Family::V4 && version.is_some_and(|version| !version.at_least(1, 12));
    let with = |key: &'static str| Some((key, agents.text(key)?));
    let modern = with(modern_key(family)).filter(|_| reads_modern);
    modern.or_else(|| with(LEGACY).filter(|_| reads_legacy))
}

/// The key in which to set it.
pub(super) fn key(family: Family, version: Option<Version>) -> &'static str {
    match version {
        Some(version) if !version.at_least(1, 11) => LEGACY,
        _ => modern_key(family),
    }
}

fn modern_key(family: Family) -> &'static str {
    match family {
        Family::V4 => "ipv4-native-routing-cidr",
        Family::V6 => "ipv6-native-routing-cidr",
    }
}

/// Whether what pods send out of the cluster is masqueraded. Reads
/// `enable-ipv4-masquerade` (1.10 and newer) and `masquerade` (up to 1.10), or
/// `enable-ipv6-masquerade`. A value that agents refuse counts as off: it is a
/// finding of its own.
pub(super) fn masquerades(
    agents: &AgentConfig<'_>,
    family: Family,
    version: Option<Version>,
) -> bool {
    let is_on = |key| agents.bool(key, true) == Ok(true);
    match (family, version) {
        (Family::V6, _) => is_on("enable-ipv6-masquerade"),
        (Family::V4, Some(version)) if !version.at_least(1, 10) => is_on("masquerade"),
        (Family::V4, Some(version)) if !version.at_least(1, 11) => {
            is_on("enable-ipv4-masquerade") && is_on("masquerade")
        }
        (Family::V4, _) => is_on("enable-ipv4-masquerade"),
    }
}
