//! The findings of a report that are about a traced address.

use std::collections::BTreeSet;

use super::Trace;
use crate::objects::Kind;
use crate::objects::config_map::ConfigMap;
use crate::report::{Finding, ObjectRef};
use crate::rules::context::{cluster_object, namespaced_object};
use crate::suppressions::Suppressed;

/// The objects that decide what becomes of an address.
pub(super) struct About {
    /// Without their fields.
    objects: BTreeSet<ObjectRef>,
    /// Keys of ConfigMaps, which hold much that has nothing to do with it.
    keys: BTreeSet<ObjectRef>,
    /// The settings of those AKOs that get the address wrong.
    akos: BTreeSet<ObjectRef>,
}

impl About {
    pub(super) fn of(trace: &Trace) -> Self {
        let mut about = Self {
            objects: BTreeSet::new(),
            keys: BTreeSet::new(),
            akos: BTreeSet::new(),
        };
        for claim in &trace.claims {
            about.add(&claim.source);
            about.add(&cluster_object(Kind::Node, &claim.node));
            about.add(&cluster_object(Kind::CiliumNode, &claim.node));
        }
        for pod in &trace.pods {
            let name = (pod.namespace.clone(), pod.name.clone());
            about.add(&namespaced_object(Kind::Pod, &name));
        }
        let pools = trace.pools.iter().map(|pool| &pool.source);
        for object in trace.nodes.iter().chain(&trace.services).chain(pools) {
            about.add(object);
        }
        for ako in trace.akos.iter().filter(|ako| !ako.right) {
            let name = (ako.namespace.clone(), ConfigMap::AKO.to_owned());
            about.akos.insert(namespaced_object(Kind::ConfigMap, &name));
        }
        about
    }

    fn add(&mut self, object: &ObjectRef) {
        if object.kind == Kind::ConfigMap.name() {
            self.keys.insert(object.clone());
        } else {
            self.objects.insert(whole(object));
        }
    }

    fn concerns(&self, finding: &Finding) -> bool {
        finding.objects.iter().any(|object| {
            let whole = whole(object);
            self.objects.contains(&whole)
                || self.keys.contains(object)
                || (finding.rule.starts_with("ako/") && self.akos.contains(&whole))
        })
    }

    pub(super) fn findings(&self, all: &[Finding]) -> Vec<Finding> {
        let all = all.iter();
        all.filter(|finding| self.concerns(finding))
            .cloned()
            .collect()
    }

    pub(super) fn suppressed(&self, all: &[Suppressed]) -> Vec<Suppressed> {
        all.iter()
            .filter(|one| self.concerns(&one.finding))
            .cloned()
            .collect()
    }
}

fn whole(object: &ObjectRef) -> ObjectRef {
    ObjectRef {
        field: None,
        ..object.clone()
    }
}
