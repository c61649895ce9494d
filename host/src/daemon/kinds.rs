//! The kinds that are read, and where the API server has them.
//!
//! A kind has one source or more: requests that together answer with all of
//! its objects that matter. ConfigMaps have one for each name, so that the
//! account needs to see no others: RBAC's `resourceNames` covers `list` and
//! `watch` of one name.

use std::fmt;

/// A version of an API.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    /// Empty for the core API.
    pub group: &'static str,
    pub name: &'static str,
}

impl Version {
    /// As objects name it: `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        match self.group {
            "" => self.name.to_owned(),
            group => format!("{group}/{}", self.name),
        }
    }

    /// The path of its documents: `/api/v1`, `/apis/apps/v1`.
    pub fn path(&self) -> String {
        match self.group {
            "" => format!("/api/{}", self.name),
            group => format!("/apis/{group}/{}", self.name),
        }
    }

    /// Whether every API server has it. The others come with a CRD or an API
    /// server of their own, and a cluster without them is complete.
    pub fn is_everywhere(&self) -> bool {
        matches!(self.group, "" | "apps")
    }
}

/// Objects of a kind that one request lists, and one watch follows.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source {
    /// The kind as objects name it.
    pub kind: &'static str,
    /// The kind as paths name it.
    pub plural: &'static str,
    /// The versions with the same objects, best first: the first that the
    /// server has is read.
    pub versions: &'static [Version],
    /// Only the objects of this name, in all namespaces.
    pub name: Option<&'static str>,
}

/// `nodes`, `ciliumnodes.cilium.io`, `configmaps/cilium-config`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.plural)?;
        if let Some(group) = self.versions.first().map(|version| version.group)
            && !group.is_empty()
        {
            write!(f, ".{group}")?;
        }
        self.name.map_or(Ok(()), |name| write!(f, "/{name}"))
    }
}

/// The sources of a kind, by the kind's name; none when it is not read.
pub fn sources(kind: &str) -> Vec<&'static Source> {
    SOURCES.iter().filter(|one| one.kind == kind).collect()
}

/// The kinds that have sources, each once.
pub fn kinds() -> Vec<&'static str> {
    let mut kinds: Vec<_> = SOURCES.iter().map(|source| source.kind).collect();
    kinds.dedup();
    kinds
}

const fn version(group: &'static str, name: &'static str) -> Version {
    Version { group, name }
}

const fn all(kind: &'static str, plural: &'static str, versions: &'static [Version]) -> Source {
    Source {
        kind,
        plural,
        versions,
        name: None,
    }
}

const fn config_map(name: &'static str) -> Source {
    Source {
        kind: "ConfigMap",
        plural: "configmaps",
        versions: CORE,
        name: Some(name),
    }
}

const CORE: &[Version] = &[version("", "v1")];
const APPS: &[Version] = &[version("apps", "v1")];
/// Calico's objects in its own CRDs, and as its API server or, since 3.32,
/// newer CRDs show the same.
const CALICO: &[Version] = &[
    version("crd.projectcalico.org", "v1"),
    version("projectcalico.org", "v3"),
];
const CILIUM: &[Version] = &[version("cilium.io", "v2"), version("cilium.io", "v2alpha1")];
const GATEWAY_API: &[Version] = &[
    version("gateway.networking.k8s.io", "v1"),
    version("gateway.networking.k8s.io", "v1beta1"),
    version("gateway.networking.k8s.io", "v1alpha2"),
];
/// The Gateway API's first draft, whose objects are others than those of the
/// Gateway API: AKO reads both.
const SERVICES_API: &[Version] = &[version("networking.x-k8s.io", "v1alpha1")];

/// By kind. The names of ConfigMaps are those that the policy reads.
static SOURCES: &[Source] = &[
    all("BlockAffinity", "blockaffinities", CALICO),
    all("CiliumNode", "ciliumnodes", &[version("cilium.io", "v2")]),
    all("CiliumNodeConfig", "ciliumnodeconfigs", CILIUM),
    all("CiliumPodIPPool", "ciliumpodippools", CILIUM),
    config_map("cilium-config"),
    config_map("avi-k8s-config"),
    config_map("calico-config"),
    config_map("canal-config"),
    config_map("rke2-canal-config"),
    all("DaemonSet", "daemonsets", APPS),
    all("Deployment", "deployments", APPS),
    all("Gateway", "gateways", GATEWAY_API),
    all("Gateway", "gateways", SERVICES_API),
    all("GatewayClass", "gatewayclasses", GATEWAY_API),
    all("GatewayClass", "gatewayclasses", SERVICES_API),
    all(
        "HostSubnet",
        "hostsubnets",
        &[version("network.openshift.io", "v1")],
    ),
    all(
        "Installation",
        "installations",
        &[version("operator.tigera.io", "v1")],
    ),
    all("IPPool", "ippools", CALICO),
    all("Node", "nodes", CORE),
    all("Pod", "pods", CORE),
    all("Service", "services", CORE),
    all("StatefulSet", "statefulsets", APPS),
];
