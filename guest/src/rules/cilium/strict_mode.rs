//! Encryption in strict mode: what goes unencrypted within a network is
//! dropped. IPv4 only.

use crate::detect::cilium::agents::AgentConfig;
use crate::prefix::{Family, Prefix};
use crate::version::Version;

/// The keys that this is read from.
pub(super) const KEYS: [&str; 6] = [
    "enable-encryption-strict-mode-egress",
    "encryption-strict-egress-cidr",
    "encryption-strict-egress-allow-remote-node-identities",
    "enable-encryption-strict-mode",
    "encryption-strict-mode-cidr",
    "encryption-strict-mode-allow-remote-node-identities",
];

/// Strict mode that is on.
pub(super) struct StrictMode {
    pub network: Prefix,
    /// Whether packets to other nodes may go unencrypted. None when the value
    /// is one that the agent refuses.
    pub allows_nodes: Option<bool>,
    pub network_key: &'static str,
    pub allows_nodes_key: &'static str,
}

/// None when it is off, or when the agent refuses its settings.
pub(super) fn of(agents: &AgentConfig<'_>, version: Option<Version>) -> Option<StrictMode> {
    let [
        egress,
        egress_cidr,
        egress_nodes,
        legacy,
        legacy_cidr,
        legacy_nodes,
    ] = KEYS;
    // 1.19 renamed the keys, and knows both; 1.20 knows the new ones only.
    let knows_egress = version.is_none_or(|version| version.at_least(1, 19));
    let knows_legacy = version.is_none_or(|version| !version.at_least(1, 20));
    let is_on = |key| agents.bool(key, false) == Ok(true);
    let (network_key, allows_nodes_key) = if knows_egress && is_on(egress) {
        (egress_cidr, egress_nodes)
    } else if knows_legacy && is_on(legacy) {
        (legacy_cidr, legacy_nodes)
    } else {
        return None;
    };
    let network = Prefix::parse(agents.text(network_key)?).ok()?.prefix;
    (network.family() == Family::V4).then(|| StrictMode {
        network,
        allows_nodes: agents.bool(allows_nodes_key, false).ok(),
        network_key,
        allows_nodes_key,
    })
}
