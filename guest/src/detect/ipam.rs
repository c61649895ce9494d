//! Cilium's IPAM modes: which exist in which version, and where each keeps
//! its pod CIDRs.

use crate::version::Version;

/// A value of `ipam` in cilium-config that some version of Cilium knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpamMode {
    ClusterPool,
    ClusterPoolV2Beta,
    Kubernetes,
    MultiPool,
    Crd,
    Eni,
    Azure,
    AlibabaCloud,
    DelegatedPlugin,
}

/// A release line, major and minor.
type Line = (u32, u32);

impl IpamMode {
    pub const ALL: [Self; 9] = [
        Self::ClusterPool,
        Self::ClusterPoolV2Beta,
        Self::Kubernetes,
        Self::MultiPool,
        Self::Crd,
        Self::Eni,
        Self::Azure,
        Self::AlibabaCloud,
        Self::DelegatedPlugin,
    ];

    /// As written in cilium-config.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClusterPool => "cluster-pool",
            Self::ClusterPoolV2Beta => "cluster-pool-v2beta",
            Self::Kubernetes => "kubernetes",
            Self::MultiPool => "multi-pool",
            Self::Crd => "crd",
            Self::Eni => "eni",
            Self::Azure => "azure",
            Self::AlibabaCloud => "alibabacloud",
            Self::DelegatedPlugin => "delegated-plugin",
        }
    }

    /// The agent compares exactly: `Cluster-Pool` is no mode.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// The first and, where it has been removed, the last release line.
    pub fn lines(self) -> (Line, Option<Line>) {
        match self {
            Self::ClusterPool | Self::Kubernetes | Self::Azure => ((1, 8), None),
            Self::ClusterPoolV2Beta => ((1, 12), Some((1, 14))),
            Self::MultiPool => ((1, 14), None),
            Self::Crd | Self::Eni => ((1, 6), None),
            Self::AlibabaCloud => ((1, 10), None),
            Self::DelegatedPlugin => ((1, 12), None),
        }
    }

    /// Whether this version of the agent starts with the mode.
    pub fn exists_in(self, version: Version) -> bool {
        let (first, last) = self.lines();
        version.at_least(first.0, first.1) && last.is_none_or(|last| version.within(first, last))
    }

    /// Whether the mode gives each node CIDRs of its own on its CiliumNode.
    pub fn allocates_on_cilium_nodes(self) -> bool {
        matches!(
            self,
            Self::ClusterPool | Self::ClusterPoolV2Beta | Self::MultiPool
        )
    }

    /// Why no static route per node can exist in this mode; None where it can.
    pub fn why_no_routes(self) -> Option<&'static str> {
        match self {
            Self::ClusterPool | Self::ClusterPoolV2Beta | Self::Kubernetes | Self::MultiPool => {
                None
            }
            Self::Eni => Some(
                "in eni mode pods get addresses of the VPC's own subnets; the VPC routes them and no node owns a pod CIDR",
            ),
            Self::Azure => Some(
                "in azure mode pods get addresses of the virtual network's own subnets; the network routes them and no node owns a pod CIDR",
            ),
            Self::AlibabaCloud => Some(
                "in alibabacloud mode pods get addresses of the VPC's own vSwitches; the VPC routes them and no node owns a pod CIDR",
            ),
            Self::Crd => Some(
                "in crd mode each node is given single addresses (spec.ipam.pool), not pod CIDRs",
            ),
            Self::DelegatedPlugin => Some(
                "in delegated-plugin mode another IPAM plugin hands out pod addresses, outside of what the Kubernetes API shows",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_come_and_go_with_versions() {
        let exists = |mode: IpamMode, minor| mode.exists_in(Version::new(1, minor, 0));
        assert!(!exists(IpamMode::ClusterPoolV2Beta, 11));
        assert!(exists(IpamMode::ClusterPoolV2Beta, 12));
        assert!(exists(IpamMode::ClusterPoolV2Beta, 14));
        assert!(!exists(IpamMode::ClusterPoolV2Beta, 15));
        assert!(!exists(IpamMode::MultiPool, 13));
        assert!(exists(IpamMode::MultiPool, 14));
        assert!(exists(IpamMode::MultiPool, 21));
        assert!(exists(IpamMode::ClusterPool, 8));
        assert!(!exists(IpamMode::DelegatedPlugin, 11));
    }
}
