//! The table of sources against what the policy reads.

use std::collections::BTreeSet;

use podroute::daemon::kinds::{kinds, sources};
use podroute_policy::objects::Kind;
use podroute_policy::objects::config_map::ConfigMap;

#[test]
fn every_source_is_of_a_kind_that_the_policy_reads() {
    for kind in kinds() {
        for source in sources(kind) {
            for version in source.versions {
                let read = Kind::of(&version.api_version(), kind);
                assert_eq!(read.map(Kind::name), Some(kind), "{source} {version:?}");
            }
        }
    }
}

#[test]
fn every_kind_that_the_policy_reads_has_a_source() {
    let all = [
        "BlockAffinity",
        "CiliumNode",
        "CiliumNodeConfig",
        "CiliumPodIPPool",
        "ConfigMap",
        "DaemonSet",
        "Deployment",
        "Gateway",
        "GatewayClass",
        "HostSubnet",
        "Installation",
        "IPPool",
        "Node",
        "Pod",
        "Service",
        "StatefulSet",
    ];
    assert_eq!(kinds(), all);
}

#[test]
fn every_config_map_that_the_policy_reads_has_a_source() {
    let names: BTreeSet<_> = sources("ConfigMap")
        .into_iter()
        .map(|source| source.name)
        .collect();
    assert_eq!(names, ConfigMap::READ.into_iter().map(Some).collect());
}

#[test]
fn a_kind_that_is_not_read_has_no_source() {
    assert!(sources("Secret").is_empty());
}

#[test]
fn sources_are_named_as_kubectl_names_them() {
    let names = |kind| {
        let sources = sources(kind).into_iter();
        sources.map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(names("Node"), ["nodes"]);
    assert_eq!(names("CiliumNode"), ["ciliumnodes.cilium.io"]);
    assert_eq!(
        names("Gateway"),
        [
            "gateways.gateway.networking.k8s.io",
            "gateways.networking.x-k8s.io"
        ]
    );
    assert_eq!(names("ConfigMap")[0], "configmaps/cilium-config");
}
