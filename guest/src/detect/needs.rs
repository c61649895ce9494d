//! The kinds that a cluster has to be watched for, as far as it is known what
//! runs in it.

use std::collections::BTreeSet;

use super::cni::Cni;
use super::{Detected, needed_kinds};
use crate::objects::Kind;
use crate::settings::Settings;

/// A kind to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    pub kind: Kind,
    /// Whether routes, or the choice of where to read them, come from it.
    pub for_routes: bool,
}

/// What every cluster has or may have: nodes, what shows the CNI, AKO, and
/// what tells whether SCTP is wanted.
const ALWAYS: [Kind; 8] = [
    Kind::ConfigMap,
    Kind::DaemonSet,
    Kind::Deployment,
    Kind::Gateway,
    Kind::GatewayClass,
    Kind::Node,
    Kind::Service,
    Kind::StatefulSet,
];

const CILIUM: &[Kind] = &[
    Kind::CiliumNode,
    Kind::CiliumNodeConfig,
    Kind::CiliumPodIpPool,
];

const CALICO: &[Kind] = &[Kind::BlockAffinity, Kind::Installation, Kind::IpPool];

const OPENSHIFT: &[Kind] = &[Kind::HostSubnet];

impl Detected<'_> {
    /// The kinds to watch. Pods are not among them: there are many, and no
    /// route comes from them.
    pub fn needs(&self, settings: &Settings) -> BTreeSet<Need> {
        let for_routes = needed_kinds(self.cni.owner(), self.place);
        let cnis = [self.cni.cni, self.cni.owner()]
            .into_iter()
            .chain(self.cni.rivals.iter().map(|rival| rival.cni));
        // Most of what belongs to CNIs is needed of one of them only. Which
        // one that is shows as soon as these are there.
        let awaits_evidence = self.cni.cni == Cni::Unknown
            && [Kind::DaemonSet, Kind::ConfigMap, Kind::Node]
                .into_iter()
                .any(|kind| settings.awaits(kind));
        ALWAYS
            .into_iter()
            .chain(cnis.flat_map(kinds_of).copied())
            .filter(|kind| !awaits_evidence || ALWAYS.contains(kind))
            .map(|kind| Need {
                kind,
                for_routes: for_routes.contains(kind.name()),
            })
            .collect()
    }
}

/// The kinds that belong to a CNI; those of all where none is known.
fn kinds_of(cni: Cni) -> impl Iterator<Item = &'static Kind> {
    let families: &[&[Kind]] = match cni {
        Cni::Cilium => &[CILIUM],
        Cni::Calico | Cni::Canal => &[CALICO],
        Cni::OpenShiftSdn => &[OPENSHIFT],
        Cni::Unknown => &[CILIUM, CALICO, OPENSHIFT],
        _ => &[],
    };
    families.iter().copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::Cluster;
    use crate::settings::Gap;

    fn needs(documents: &[&str]) -> BTreeSet<Need> {
        let mut cluster = Cluster::default();
        cluster.load(documents.iter().copied());
        let settings = Settings::default();
        Detected::find(&cluster, &settings).needs(&settings)
    }

    fn kinds(needs: &BTreeSet<Need>, for_routes: bool) -> Vec<Kind> {
        let chosen = needs.iter().filter(|need| need.for_routes == for_routes);
        chosen.map(|need| need.kind).collect()
    }

    #[test]
    fn of_a_cluster_that_nothing_is_known_of_all_cnis_are_watched() {
        let needs = needs(&[]);
        assert_eq!(needs.len(), 8 + 3 + 3 + 1);
        assert_eq!(
            kinds(&needs, true),
            [Kind::ConfigMap, Kind::DaemonSet, Kind::Node]
        );
    }

    #[test]
    fn what_belongs_to_cnis_waits_until_it_can_show_which_one_runs() {
        let mut settings = Settings::default();
        settings.set_gap(Gap::awaited("DaemonSet".to_owned()));
        let needs = |settings: &Settings| {
            let cluster = Cluster::default();
            Detected::find(&cluster, settings).needs(settings).len()
        };
        assert_eq!(needs(&settings), 8);
        settings.set_listed("DaemonSet");
        assert_eq!(needs(&settings), 15);
    }

    #[test]
    fn cilium_in_cluster_scope_is_read_from_cilium_nodes_and_in_host_scope_is_not() {
        let config = |ipam: &str| {
            format!(
                r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"namespace":"kube-system","name":"cilium-config"}},"data":{{"ipam":"{ipam}"}}}}"#
            )
        };
        let cluster_scope = needs(&[&config("cluster-pool")]);
        assert_eq!(
            kinds(&cluster_scope, true),
            [
                Kind::CiliumNode,
                Kind::ConfigMap,
                Kind::DaemonSet,
                Kind::Node
            ]
        );
        let host_scope = needs(&[&config("kubernetes")]);
        assert_eq!(
            kinds(&host_scope, true),
            [Kind::ConfigMap, Kind::DaemonSet, Kind::Node]
        );
        // The rules look at them all the same, and at no other CNI's.
        assert_eq!(
            kinds(&host_scope, false),
            [
                Kind::CiliumNode,
                Kind::CiliumNodeConfig,
                Kind::CiliumPodIpPool,
                Kind::Deployment,
                Kind::Gateway,
                Kind::GatewayClass,
                Kind::Service,
                Kind::StatefulSet
            ]
        );
    }
}
