//! What the API server calls the kinds that podroute looks at, and what it
//! says when it refuses to list them.

/// Resource, API groups and kind; the core group is empty.
const RESOURCES: [(&str, &[&str], &str); 16] = [
    (
        "blockaffinities",
        &["crd.projectcalico.org", "projectcalico.org"],
        "BlockAffinity",
    ),
    ("ciliumnodeconfigs", &["cilium.io"], "CiliumNodeConfig"),
    ("ciliumnodes", &["cilium.io"], "CiliumNode"),
    ("ciliumpodippools", &["cilium.io"], "CiliumPodIPPool"),
    ("configmaps", &[""], "ConfigMap"),
    ("daemonsets", &["apps"], "DaemonSet"),
    ("deployments", &["apps"], "Deployment"),
    (
        "gatewayclasses",
        &["gateway.networking.k8s.io"],
        "GatewayClass",
    ),
    ("gateways", &["gateway.networking.k8s.io"], "Gateway"),
    ("hostsubnets", &["network.openshift.io"], "HostSubnet"),
    ("installations", &["operator.tigera.io"], "Installation"),
    (
        "ippools",
        &["crd.projectcalico.org", "projectcalico.org"],
        "IPPool",
    ),
    ("nodes", &[""], "Node"),
    ("pods", &[""], "Pod"),
    ("services", &[""], "Service"),
    ("statefulsets", &["apps"], "StatefulSet"),
];

/// Kinds of namespaces whose objects decide no route by themselves. Where only
/// some namespaces were collected, they are known in part.
pub(super) const OF_NAMESPACES: [&str; 5] =
    ["Deployment", "Gateway", "Pod", "Service", "StatefulSet"];

/// The kind of a resource such as `nodes`.
pub(super) fn kind(resource: &str, group: &str) -> Option<&'static str> {
    let found = RESOURCES
        .iter()
        .find(|(name, groups, _)| *name == resource && groups.contains(&group));
    found.map(|(_, _, kind)| *kind)
}

/// The kind that a CustomResourceDefinition such as `ciliumnodes.cilium.io`
/// defines.
pub(super) fn kind_of_definition(name: &str) -> Option<&'static str> {
    let (resource, group) = name.split_once('.')?;
    kind(resource, group)
}

/// The kinds that exist only where a CustomResourceDefinition makes them.
pub(super) fn custom_kinds() -> impl Iterator<Item = &'static str> {
    RESOURCES
        .iter()
        .filter(|(_, groups, _)| !groups.iter().any(|group| ["", "apps"].contains(group)))
        .map(|(_, _, kind)| *kind)
}

/// The kind whose reading a line says was refused: `nodes is forbidden: User
/// "ci" cannot list resource "nodes" in API group "" at the cluster scope`.
pub(super) fn refused(line: &str) -> Option<&'static str> {
    let (_, after) = line.split_once("cannot ")?;
    let (verb, after) = after.split_once(" resource \"")?;
    let (resource, after) = after.split_once('"')?;
    let (_, after) = after.split_once("in API group \"")?;
    let (group, _) = after.split_once('"')?;
    ["list", "get"]
        .contains(&verb)
        .then(|| kind(resource, group))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_refusals() {
        let refusal = |resource: &str, group: &str| {
            format!(
                "{resource} is forbidden: User \"ci\" cannot list resource \"{resource}\" in API group \"{group}\" at the cluster scope"
            )
        };
        assert_eq!(refused(&refusal("nodes", "")), Some("Node"));
        assert_eq!(
            refused(&refusal("ciliumnodes", "cilium.io")),
            Some("CiliumNode")
        );
        // Pods and Nodes of the metrics server are others.
        assert_eq!(refused(&refusal("nodes", "metrics.k8s.io")), None);
        assert_eq!(refused(&refusal("events", "")), None);
        assert_eq!(
            refused("cannot watch resource \"nodes\" in API group \"\""),
            None
        );
        assert_eq!(refused("nodes is forbidden"), None);
    }

    #[test]
    fn custom_kinds_are_those_of_other_projects() {
        let custom: Vec<_> = custom_kinds().collect();
        assert_eq!(custom.len(), 9);
        assert!(!custom.contains(&"Pod") && custom.contains(&"HostSubnet"));
    }
}
