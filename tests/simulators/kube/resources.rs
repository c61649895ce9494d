//! Which resources there are: built in, or known CRDs.

/// A resource as discovery tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) group: String,
    /// Every version that is served.
    pub(crate) versions: Vec<String>,
    pub(crate) plural: String,
    pub(crate) kind: String,
    pub(crate) namespaced: bool,
}

impl Resource {
    pub(crate) fn new(
        group: &str,
        versions: &[&str],
        plural: &str,
        kind: &str,
        namespaced: bool,
    ) -> Self {
        Self {
            group: group.to_owned(),
            versions: versions.iter().map(|&version| version.to_owned()).collect(),
            plural: plural.to_owned(),
            kind: kind.to_owned(),
            namespaced,
        }
    }

    /// `nodes`, `ciliumnodes.cilium.io`: no two resources share it.
    pub(super) fn id(&self) -> String {
        if self.group.is_empty() {
            self.plural.clone()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    pub(super) fn is_built_in(&self) -> bool {
        BUILT_IN_GROUPS.contains(&self.group.as_str())
    }
}

const BUILT_IN_GROUPS: [&str; 5] = [
    "",
    "admissionregistration.k8s.io",
    "apps",
    "coordination.k8s.io",
    "events.k8s.io",
];

pub(super) fn built_in() -> Vec<Resource> {
    let mut all = every();
    all.retain(Resource::is_built_in);
    all
}

/// The resource of a kind; the first one where several groups have it.
pub(super) fn known(kind: &str) -> Resource {
    every()
        .into_iter()
        .find(|resource| resource.kind == kind)
        .unwrap_or_else(|| panic!("the simulator knows no {kind}: install its CRD first"))
}

/// The resource of an object.
pub(super) fn known_as(group: &str, kind: &str) -> Option<Resource> {
    every()
        .into_iter()
        .find(|resource| resource.group == group && resource.kind == kind)
}

fn every() -> Vec<Resource> {
    const CALICO: &str = "crd.projectcalico.org";
    const GATEWAY: &str = "gateway.networking.k8s.io";
    const SERVICES: &str = "networking.x-k8s.io";
    [
        ("", &["v1"][..], "nodes", "Node", false),
        ("", &["v1"], "pods", "Pod", true),
        ("", &["v1"], "configmaps", "ConfigMap", true),
        ("", &["v1"], "secrets", "Secret", true),
        ("", &["v1"], "services", "Service", true),
        (
            "admissionregistration.k8s.io",
            &["v1"],
            "validatingwebhookconfigurations",
            "ValidatingWebhookConfiguration",
            false,
        ),
        ("apps", &["v1"], "daemonsets", "DaemonSet", true),
        ("apps", &["v1"], "deployments", "Deployment", true),
        ("apps", &["v1"], "statefulsets", "StatefulSet", true),
        ("coordination.k8s.io", &["v1"], "leases", "Lease", true),
        ("events.k8s.io", &["v1"], "events", "Event", true),
        ("cilium.io", &["v2"], "ciliumnodes", "CiliumNode", false),
        (
            "cilium.io",
            &["v2", "v2alpha1"],
            "ciliumnodeconfigs",
            "CiliumNodeConfig",
            true,
        ),
        (
            "cilium.io",
            &["v2alpha1"],
            "ciliumpodippools",
            "CiliumPodIPPool",
            false,
        ),
        (CALICO, &["v1"], "blockaffinities", "BlockAffinity", false),
        (CALICO, &["v1"], "ippools", "IPPool", false),
        (
            "projectcalico.org",
            &["v3"],
            "blockaffinities",
            "BlockAffinity",
            false,
        ),
        ("projectcalico.org", &["v3"], "ippools", "IPPool", false),
        (GATEWAY, &["v1", "v1beta1"], "gateways", "Gateway", true),
        (
            GATEWAY,
            &["v1", "v1beta1"],
            "gatewayclasses",
            "GatewayClass",
            false,
        ),
        (SERVICES, &["v1alpha1"], "gateways", "Gateway", true),
        (
            SERVICES,
            &["v1alpha1"],
            "gatewayclasses",
            "GatewayClass",
            false,
        ),
        (
            "network.openshift.io",
            &["v1"],
            "hostsubnets",
            "HostSubnet",
            false,
        ),
        (
            "operator.tigera.io",
            &["v1"],
            "installations",
            "Installation",
            false,
        ),
        (
            "openreports.io",
            &["v1alpha1"],
            "clusterreports",
            "ClusterReport",
            false,
        ),
        ("openreports.io", &["v1alpha1"], "reports", "Report", true),
    ]
    .into_iter()
    .map(|(group, versions, plural, kind, namespaced)| {
        Resource::new(group, versions, plural, kind, namespaced)
    })
    .collect()
}
