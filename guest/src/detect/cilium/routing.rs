//! How an agent moves packets between nodes, from the keys that its version
//! reads: `tunnel` up to 1.14, `routing-mode` and `tunnel-protocol` from 1.14.

use super::agents::AgentConfig;
use crate::version::Version;

/// How packets get from node to node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoutingMode {
    /// Encapsulated, in vxlan or geneve.
    Tunnel,
    /// By routes that the network or the nodes have.
    Native,
    /// Native within a subnet, tunnelled beyond it (1.20 and newer).
    Hybrid,
}

/// Why the routing mode cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// Versions differ, and this one is not known.
    Version,
    /// A value that the agent refuses.
    Refused,
}

/// The keys that the routing mode is read from.
pub const KEYS: [&str; 3] = ["routing-mode", "tunnel-protocol", "tunnel"];

impl AgentConfig<'_> {
    /// The routing mode of agents of this version.
    pub fn routing_mode(&self, version: Option<Version>) -> Result<RoutingMode, Unclear> {
        // An empty `tunnel` is none; an empty `routing-mode` is refused.
        let (modern, legacy) = (self.value("routing-mode"), self.text("tunnel"));
        let reads_modern = version.map(|version| version.at_least(1, 14));
        let reads_legacy = version.map(|version| !version.at_least(1, 15));
        match (modern, legacy) {
            // Charts write `routing-mode` from 1.14 on, whose agents read it.
            (Some(mode), None) if reads_modern != Some(false) => named(mode, version),
            (_, None) => Ok(RoutingMode::Tunnel),
            (_, Some(tunnel)) => match (reads_modern, reads_legacy) {
                (Some(false), _) => of_tunnel(tunnel),
                // 1.14 reads both, and refuses what contradicts itself.
                (Some(true), Some(true)) => match (modern, of_tunnel(tunnel)?) {
                    (None | Some("tunnel"), mode) => Ok(mode),
                    _ => Err(Unclear::Refused),
                },
                (Some(true), _) => {
                    modern.map_or(Ok(RoutingMode::Tunnel), |mode| named(mode, version))
                }
                (None, _) => {
                    let modern =
                        modern.map_or(Ok(RoutingMode::Tunnel), |mode| named(mode, None))?;
                    if of_tunnel(tunnel) == Ok(modern) {
                        Ok(modern)
                    } else {
                        Err(Unclear::Version)
                    }
                }
            },
        }
    }

    /// The encapsulation that the agent would use for a tunnel: `vxlan` unless
    /// a key says otherwise. The value is as written, known or not.
    pub fn tunnel_protocol(&self, version: Option<Version>) -> Result<&str, Unclear> {
        let (modern, legacy) = (self.text("tunnel-protocol"), self.text("tunnel"));
        let legacy = legacy.filter(|tunnel| *tunnel != "disabled");
        match version {
            Some(version) if !version.at_least(1, 14) => Ok(legacy.unwrap_or("vxlan")),
            Some(version) if version.at_least(1, 15) => Ok(modern.unwrap_or("vxlan")),
            // 1.14 takes `tunnel` before `tunnel-protocol`.
            Some(_) => Ok(legacy.or(modern).unwrap_or("vxlan")),
            None => match (modern, legacy) {
                (Some(one), Some(other)) if one != other => Err(Unclear::Version),
                (None, Some(legacy)) if legacy != "vxlan" => Err(Unclear::Version),
                (modern, _) => Ok(modern.unwrap_or("vxlan")),
            },
        }
    }
}

fn named(mode: &str, version: Option<Version>) -> Result<RoutingMode, Unclear> {
    match (mode, version) {
        ("tunnel", _) => Ok(RoutingMode::Tunnel),
        ("native", _) => Ok(RoutingMode::Native),
        ("hybrid", Some(version)) if version.at_least(1, 20) => Ok(RoutingMode::Hybrid),
        ("hybrid", None) => Err(Unclear::Version),
        _ => Err(Unclear::Refused),
    }
}

/// The value of `tunnel`.
fn of_tunnel(tunnel: &str) -> Result<RoutingMode, Unclear> {
    match tunnel {
        "vxlan" | "geneve" => Ok(RoutingMode::Tunnel),
        "disabled" => Ok(RoutingMode::Native),
        _ => Err(Unclear::Refused),
    }
}

#[cfg(test)]
mod tests {
    use super::{RoutingMode, Unclear};
    use crate::cluster::Cluster;
    use crate::detect::cilium::Cilium;
    use crate::settings::Settings;
    use crate::version::Version;

    fn mode(data: &str, minor: Option<u32>) -> Result<RoutingMode, Unclear> {
        let config = format!(
            r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"cilium-config","namespace":"kube-system"}},"data":{data}}}"#
        );
        let mut cluster = Cluster::default();
        cluster.load([config.as_str()]);
        let cilium = Cilium::find(&cluster, &Settings::default());
        let agents = cilium.config.unwrap().agents(&super::KEYS);
        agents[0].routing_mode(minor.map(|minor| Version::new(1, minor, 0)))
    }

    #[test]
    fn reads_the_keys_of_the_version() {
        use RoutingMode::{Hybrid, Native, Tunnel};
        for (data, minor, expected) in [
            ("{}", None, Ok(Tunnel)),
            (r#"{"tunnel":"disabled"}"#, Some(13), Ok(Native)),
            (r#"{"tunnel":"disabled"}"#, Some(14), Ok(Native)),
            // 1.15 does not know the key, and tunnels.
            (r#"{"tunnel":"disabled"}"#, Some(15), Ok(Tunnel)),
            (r#"{"tunnel":"disabled"}"#, None, Err(Unclear::Version)),
            (r#"{"tunnel":"geneve"}"#, None, Ok(Tunnel)),
            (r#"{"routing-mode":"native"}"#, Some(13), Ok(Tunnel)),
            (r#"{"routing-mode":"native"}"#, Some(14), Ok(Native)),
            (r#"{"routing-mode":"native"}"#, None, Ok(Native)),
            (r#"{"routing-mode":""}"#, Some(17), Err(Unclear::Refused)),
            (r#"{"routing-mode":""}"#, Some(13), Ok(Tunnel)),
            (r#"{"routing-mode":"hybrid"}"#, Some(20), Ok(Hybrid)),
            (
                r#"{"routing-mode":"hybrid"}"#,
                Some(19),
                Err(Unclear::Refused),
            ),
            (
                r#"{"routing-mode":"Native"}"#,
                Some(17),
                Err(Unclear::Refused),
            ),
            (
                r#"{"routing-mode":"native","tunnel":"disabled"}"#,
                Some(14),
                Err(Unclear::Refused),
            ),
            (
                r#"{"routing-mode":"tunnel","tunnel":"disabled"}"#,
                Some(14),
                Ok(Native),
            ),
            (
                r#"{"routing-mode":"native","tunnel":"vxlan"}"#,
                Some(16),
                Ok(Native),
            ),
        ] {
            assert_eq!(mode(data, minor), expected, "{data} {minor:?}");
        }
    }
}
