//! `oc adm must-gather` and `oc adm inspect`: a folder per API group, with a
//! file per object, or with a list per resource and namespace.

use std::collections::BTreeSet;

use super::resources::{self, OF_NAMESPACES};
use super::{Bundle, Missing, Objects, Role, Wrap, refusals};

/// What the collection said while it ran.
pub(super) const LOGS: [&str; 3] = ["gather.logs", "must-gather.log", "must-gather.logs"];

const CLUSTER: &str = "cluster-scoped-resources";
const NAMESPACES: &str = "namespaces";

/// Folders with `cluster-scoped-resources/GROUP/RESOURCE`, or with
/// `namespaces/NS/NS.yaml` beside objects of the namespace.
pub(super) fn roots<'a>(paths: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let mut roots = BTreeSet::new();
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let mut filled: BTreeSet<&str> = BTreeSet::new();
    for path in paths {
        if let Some((root, after)) = split_at(path, CLUSTER) {
            let group = after.split_once('/').map(|(group, _)| group);
            if group.is_some_and(|group| group == "core" || group.contains('.')) {
                roots.insert(root.to_owned());
            }
        }
        if let Some((_, after)) = split_at(path, NAMESPACES)
            && let Some((namespace, inside)) = after.split_once('/')
        {
            let end = path.len() - inside.len();
            let folder = path.get(..end).unwrap_or_default();
            if inside.strip_suffix(".yaml") == Some(namespace) {
                named.insert(folder);
            } else if ["core/", "apps/", "pods/"]
                .iter()
                .any(|group| inside.starts_with(group))
            {
                filled.insert(folder);
            }
        }
    }
    for folder in named.intersection(&filled) {
        if let Some((root, _)) = split_at(folder, NAMESPACES) {
            roots.insert(root.to_owned());
        }
    }
    roots
}

/// What comes before and after a folder of this name.
fn split_at<'a>(path: &'a str, folder: &str) -> Option<(&'a str, &'a str)> {
    path.match_indices(folder).find_map(|(at, _)| {
        let (root, rest) = path.split_at_checked(at)?;
        let after = rest.strip_prefix(folder)?.strip_prefix('/')?;
        (root.is_empty() || root.ends_with('/')).then_some((root, after))
    })
}

pub(super) fn role(bundle: &Bundle, inside: &str) -> Role {
    let parts: Vec<&str> = inside.split('/').collect();
    match parts.as_slice() {
        [_] => Role::Unknown,
        [CLUSTER, rest @ ..] => resource(bundle, CLUSTER, rest, true),
        // To the policy, a cluster of which this namespace was seen was seen
        // in all its namespaces; here it is only one of those gathered.
        [NAMESPACES, "default", "core", what, ..] if what.starts_with("configmaps") => Role::Other,
        [NAMESPACES, namespace, "pods", pod, file] => {
            let has_list = bundle.has(&format!("{NAMESPACES}/{namespace}/core/pods.yaml"));
            if !has_list && file.strip_suffix(".yaml") == Some(pod) {
                objects(false)
            } else {
                Role::Other
            }
        }
        [NAMESPACES, namespace, rest @ ..] => {
            resource(bundle, &format!("{NAMESPACES}/{namespace}"), rest, false)
        }
        _ => Role::Other,
    }
}

/// The role of `GROUP/RESOURCE.yaml` and `GROUP/RESOURCE/NAME.yaml`. Where
/// both are there, the list has them all.
fn resource(bundle: &Bundle, folder: &str, parts: &[&str], complete: bool) -> Role {
    let (group, resource, is_list) = match parts {
        [group, list] => (group, list.strip_suffix(".yaml"), true),
        [group, resource, one] if one.strip_suffix(".yaml").is_some() => {
            (group, Some(*resource), false)
        }
        _ => return Role::Other,
    };
    let api_group = if *group == "core" { "" } else { group };
    let Some(resource) = resource.filter(|name| resources::kind(name, api_group).is_some()) else {
        return Role::Other;
    };
    if !is_list && bundle.has(&format!("{folder}/{group}/{resource}.yaml")) {
        return Role::Other;
    }
    objects(complete && is_list)
}

fn objects(complete: bool) -> Role {
    Role::Objects(Objects {
        complete,
        wrap: Wrap::Nothing,
    })
}

/// What was refused; and kinds of namespaces, of which only those are there
/// that were asked for.
pub(super) fn gaps(bundle: &Bundle) -> Vec<Missing> {
    let partly = OF_NAMESPACES.into_iter().map(|kind| Missing {
        kind,
        path: NAMESPACES.to_owned(),
        reason: "only the namespaces that were gathered are there".to_owned(),
    });
    refusals(bundle).chain(partly).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_same_name_are_no_must_gather() {
        for path in [
            "cluster-scoped-resources/nodes.yaml",
            "my-cluster-scoped-resources/core/nodes/a.yaml",
            "namespaces/shop/shop.yaml",
        ] {
            assert!(roots([path].into_iter()).is_empty(), "{path}");
        }
    }

    #[test]
    fn finds_several_images() {
        let paths = [
            "mg/quay-io-a/cluster-scoped-resources/core/nodes/n1.yaml",
            "mg/quay-io-b/namespaces/default/default.yaml",
            "mg/quay-io-b/namespaces/default/core/services.yaml",
            "mg/quay-io-c/cluster-scoped-resources/config.openshift.io/networks.yaml",
        ];
        let expected = ["mg/quay-io-a/", "mg/quay-io-b/", "mg/quay-io-c/"];
        assert_eq!(
            roots(paths.into_iter()),
            BTreeSet::from(expected.map(str::to_owned))
        );
    }
}
