//! The API versions of the kinds that findings are about.

/// What a tool needs to find the object. Where several versions are in use the
/// one that every cluster serves; None for a kind that is not known.
pub(super) fn api_version(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "ConfigMap" | "Namespace" | "Node" | "Pod" | "Service" => "v1",
        "DaemonSet" | "Deployment" | "StatefulSet" => "apps/v1",
        "CiliumNode" | "CiliumNodeConfig" => "cilium.io/v2",
        "CiliumPodIPPool" => "cilium.io/v2alpha1",
        "BlockAffinity" | "IPPool" => "crd.projectcalico.org/v1",
        "Installation" => "operator.tigera.io/v1",
        "HostSubnet" => "network.openshift.io/v1",
        "Gateway" | "GatewayClass" => "gateway.networking.k8s.io/v1",
        _ => return None,
    })
}
