//! What is asked for: kinds, the versions of their APIs, and the fields that
//! the core reads. A field that is missing here is a field that the core does
//! not see.

use podroute_policy::objects::Kind;

/// Objects that one question lists.
#[derive(Debug)]
pub struct Source {
    pub kind: Kind,
    /// The kind as RBAC names it.
    pub plural: &'static str,
    /// Versions with the same objects, best first: the first that the API
    /// server has is read.
    pub versions: &'static [&'static str],
    /// Only the objects of this name, in all namespaces.
    pub name: Option<&'static str>,
    /// Paths of fields, besides the metadata, which always comes whole. A path
    /// goes through arrays as if they were not there.
    pub fields: &'static [&'static str],
}

const fn all(
    kind: Kind,
    plural: &'static str,
    versions: &'static [&'static str],
    fields: &'static [&'static str],
) -> Source {
    Source {
        kind,
        plural,
        versions,
        name: None,
        fields,
    }
}

const fn config_map(name: &'static str) -> Source {
    Source {
        name: Some(name),
        ..all(Kind::ConfigMap, "configmaps", &["v1"], &["data"])
    }
}

const APPS: &[&str] = &["apps/v1"];
const CALICO: &[&str] = &["crd.projectcalico.org/v1", "projectcalico.org/v3"];
const CILIUM: &[&str] = &["cilium.io/v2", "cilium.io/v2alpha1"];
const GATEWAY_API: &[&str] = &[
    "gateway.networking.k8s.io/v1",
    "gateway.networking.k8s.io/v1beta1",
    "gateway.networking.k8s.io/v1alpha2",
];
/// The Gateway API's first draft, whose objects are others: AKO reads both.
const SERVICES_API: &[&str] = &["networking.x-k8s.io/v1alpha1"];

const GATEWAY: &[&str] = &[
    "spec.gatewayClassName",
    "spec.listeners.name",
    "spec.listeners.port",
    "spec.listeners.protocol",
];
const GATEWAY_CLASS: &[&str] = &["spec.controller", "spec.controllerName"];
const WORKLOAD: &[&str] = &[
    "spec.template.spec.containers.command",
    "spec.template.spec.containers.image",
    "spec.template.spec.containers.name",
    "spec.template.spec.containers.ports",
    "spec.template.spec.hostNetwork",
];

/// By kind.
pub static SOURCES: &[Source] = &[
    all(Kind::BlockAffinity, "blockaffinities", CALICO, &["spec"]),
    all(
        Kind::CiliumNode,
        "ciliumnodes",
        &["cilium.io/v2"],
        // In spec.ipam.pool and status.ipam.used stands every single address.
        &[
            "spec.addresses",
            "spec.ipam.podCIDRs",
            "spec.ipam.pools.allocated",
            "status.ipam.operator-status",
            "status.ipam.pod-cidrs",
        ],
    ),
    all(
        Kind::CiliumNodeConfig,
        "ciliumnodeconfigs",
        CILIUM,
        &["spec"],
    ),
    all(Kind::CiliumPodIpPool, "ciliumpodippools", CILIUM, &["spec"]),
    config_map("cilium-config"),
    config_map("avi-k8s-config"),
    config_map("calico-config"),
    config_map("canal-config"),
    config_map("rke2-canal-config"),
    all(
        Kind::DaemonSet,
        "daemonsets",
        APPS,
        &[
            "spec.template.spec.containers.command",
            "spec.template.spec.containers.image",
            "spec.template.spec.containers.name",
            "spec.template.spec.containers.ports",
            "spec.template.spec.hostNetwork",
            "status.desiredNumberScheduled",
            "status.numberReady",
            "status.numberUnavailable",
        ],
    ),
    all(Kind::Deployment, "deployments", APPS, WORKLOAD),
    all(Kind::Gateway, "gateways", GATEWAY_API, GATEWAY),
    all(Kind::Gateway, "gateways", SERVICES_API, GATEWAY),
    all(
        Kind::GatewayClass,
        "gatewayclasses",
        GATEWAY_API,
        GATEWAY_CLASS,
    ),
    all(
        Kind::GatewayClass,
        "gatewayclasses",
        SERVICES_API,
        GATEWAY_CLASS,
    ),
    all(
        Kind::HostSubnet,
        "hostsubnets",
        &["network.openshift.io/v1"],
        &["host", "hostIP", "subnet"],
    ),
    all(
        Kind::Installation,
        "installations",
        &["operator.tigera.io/v1"],
        &["spec.cni"],
    ),
    all(
        Kind::IpPool,
        "ippools",
        CALICO,
        &["spec.cidr", "spec.disabled"],
    ),
    all(
        Kind::Node,
        "nodes",
        &["v1"],
        &[
            "spec.podCIDR",
            "spec.podCIDRs",
            "status.addresses",
            "status.conditions.reason",
            "status.conditions.status",
            "status.conditions.type",
            "status.nodeInfo.kernelVersion",
            "status.nodeInfo.kubeletVersion",
        ],
    ),
    all(
        Kind::Service,
        "services",
        &["v1"],
        &[
            "spec.allocateLoadBalancerNodePorts",
            "spec.clusterIP",
            "spec.clusterIPs",
            "spec.loadBalancerClass",
            "spec.ports",
            "spec.selector",
            "spec.type",
        ],
    ),
    all(Kind::StatefulSet, "statefulsets", APPS, WORKLOAD),
];
