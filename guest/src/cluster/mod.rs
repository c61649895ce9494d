//! The state: objects in, and what was looked at.

mod copies;
mod ledger;
mod looks;
mod narrow;
mod scope;
mod store;
mod trial;

use std::collections::{BTreeMap, BTreeSet};

use copies::{Copies, Keep};
use ledger::Ledger;
pub use looks::Looks;
pub use narrow::Aside;
pub use scope::Scope;
use store::is_read;
pub use trial::{Step, Trial};

use crate::objects::block_affinity::BlockAffinity;
use crate::objects::cilium_node::CiliumNode;
use crate::objects::cilium_node_config::CiliumNodeConfig;
use crate::objects::cilium_pod_ip_pool::CiliumPodIpPool;
use crate::objects::config_map::ConfigMap;
use crate::objects::document::Contents;
use crate::objects::gateway::Gateway;
use crate::objects::gateway_class::GatewayClass;
use crate::objects::host_subnet::HostSubnet;
use crate::objects::installation::Installation;
use crate::objects::ip_pool::IpPool;
use crate::objects::metadata::Metadata;
use crate::objects::node::Node;
use crate::objects::pod::{Container, Pod};
use crate::objects::service::Service;
use crate::objects::workload::Workload;
use crate::objects::{Key, Kind, Object};
use crate::prefix::Prefix;
use crate::report::{ObjectRef, Problem, Severity};
use crate::traced::Traced;

/// Namespace and name; the namespace is empty for kinds outside namespaces.
pub type Name = (String, String);

/// Every object that is kept, by kind and name. ConfigMaps of applications are
/// not, and of a cluster that is watched neither are Gateways without SCTP:
/// nothing reads them.
#[derive(Debug, Default)]
pub struct Cluster {
    pub nodes: Traced<BTreeMap<String, Node>>,
    pub block_affinities: Traced<BTreeMap<String, BlockAffinity>>,
    pub host_subnets: Traced<BTreeMap<String, HostSubnet>>,
    pub installations: Traced<BTreeMap<String, Installation>>,
    pub ip_pools: Traced<BTreeMap<String, IpPool>>,
    pub cilium_nodes: Traced<BTreeMap<String, CiliumNode>>,
    pub cilium_pod_ip_pools: Traced<BTreeMap<String, CiliumPodIpPool>>,
    pub cilium_node_configs: Traced<BTreeMap<Name, CiliumNodeConfig>>,
    pub config_maps: Traced<BTreeMap<Name, ConfigMap>>,
    pub daemon_sets: Traced<BTreeMap<Name, Workload>>,
    pub deployments: Traced<BTreeMap<Name, Workload>>,
    pub stateful_sets: Traced<BTreeMap<Name, Workload>>,
    pub services: Traced<BTreeMap<Name, Service>>,
    pub pods: Traced<BTreeMap<Name, Pod>>,
    pub gateways: Traced<BTreeMap<Name, Gateway>>,
    pub gateway_classes: Traced<BTreeMap<String, GatewayClass>>,
    /// Kinds of which at least one object or list was seen, kept or not.
    seen: BTreeSet<Kind>,
    /// Namespaces whose ConfigMaps were listed, as their [`ROOT_CA`] shows.
    listed_namespaces: BTreeSet<String>,
    /// What was wrong with objects, by object, until a better copy comes.
    problems: BTreeMap<ObjectKey, Vec<Problem>>,
    /// What was wrong with documents that name no object: of the snapshot, or
    /// of the last change.
    anonymous: Vec<Problem>,
    /// Objects of which a snapshot had several copies.
    copies: BTreeMap<Key, Copies>,
    ledger: Ledger,
}

/// A ConfigMap that Kubernetes puts into every namespace, and that nobody
/// picks by hand: where it is, the namespace's ConfigMaps were listed.
const ROOT_CA: &str = "kube-root-ca.crt";

/// Kind, namespace, name, as written in a reference to an object.
type ObjectKey = (String, String, String);

impl Cluster {
    /// Puts in objects one after the other, each in place of the one that was
    /// there. Returns what could not be used.
    pub fn upsert<'a>(&mut self, documents: impl IntoIterator<Item = &'a str>) -> Vec<Problem> {
        let mut problems = Vec::new();
        for document in documents {
            let contents = Contents::read(document);
            self.see_listed(contents.listed);
            problems.extend(contents.problems);
            for object in contents.objects {
                let key = object.key();
                self.forgive(&object_key(&key));
                self.copies.remove(&key);
                if is_read(&object) {
                    self.put(object, Keep::Latest);
                } else {
                    self.see(&object);
                    self.take(&key);
                }
            }
        }
        if !self.anonymous.is_empty() {
            self.anonymous.clear();
            self.ledger.shake();
        }
        for object in problems.iter().filter_map(|one| one.object.as_ref()) {
            self.problems.remove(&problem_key(object));
        }
        self.note(&problems);
        problems
    }

    /// Puts in a snapshot, or a part of one: of several copies of an object,
    /// in one part or in several, the newest counts. Returns what could not be
    /// used, and which objects were there more than once.
    pub fn load<'a>(&mut self, documents: impl IntoIterator<Item = &'a str>) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut repeated = BTreeSet::new();
        for document in documents {
            let contents = Contents::read(document);
            self.see_listed(contents.listed);
            problems.extend(contents.problems);
            for object in contents.objects {
                let key = object.key();
                if let Some((kept, dropped)) = self.put(object, Keep::Newest) {
                    self.copies
                        .entry(key.clone())
                        .or_default()
                        .add(kept, dropped);
                    repeated.insert(key);
                }
            }
        }
        self.note(&problems);
        let copies = |key: &Key| Some(self.copies.get(key)?.problem(key));
        problems.extend(repeated.iter().filter_map(copies));
        problems
    }

    /// Takes an object out. False when it was not there.
    pub fn remove(&mut self, key: &Key) -> bool {
        let had_problem = self.forgive(&object_key(key));
        self.copies.remove(key);
        self.take(key).is_some() || had_problem
    }

    /// The nodes whose own objects have changed since the last call.
    pub fn take_touched(&mut self) -> BTreeSet<String> {
        self.ledger.take_touched()
    }

    /// The nodes whose own objects have changed, left to be taken.
    pub fn touched(&self) -> &BTreeSet<String> {
        self.ledger.touched()
    }

    /// The nodes that report an address in a network.
    pub fn nodes_with_address_in(&self, network: Prefix) -> impl Iterator<Item = &String> {
        self.ledger.nodes_in(network)
    }

    /// The Services that have an address in a network.
    pub fn services_with_address_in(&self, network: Prefix) -> impl Iterator<Item = &Name> {
        self.ledger.services_in(network)
    }

    /// The Services with an SCTP port, by name.
    pub fn sctp_services(&self) -> impl Iterator<Item = &Service> {
        // Looked at even where there is none.
        let services = &*self.services;
        let names = self.ledger.sctp_services().iter();
        names.filter_map(|name| services.get(name))
    }

    /// Goes up whenever something changes that may concern every node: where
    /// pod CIDRs are read, which networks are protected, what is not known.
    pub fn revision(&self) -> u64 {
        self.ledger.revision()
    }

    /// Whether anything of this kind was given: if not, nothing can be said
    /// about its absence.
    pub fn has_seen(&self, kind: Kind) -> bool {
        self.seen.contains(&kind)
    }

    /// Whether the ConfigMaps of kube-system were given, so that the absence
    /// of cilium-config means that there is none.
    pub fn has_seen_kube_system(&self) -> bool {
        self.listed_namespaces.contains("kube-system")
    }

    /// Whether the ConfigMaps of all namespaces were given.
    pub fn has_seen_all_config_maps(&self) -> bool {
        self.has_seen_kube_system() && self.listed_namespaces.contains("default")
    }

    /// What was wrong with what was given, objects that a snapshot had more
    /// than once included.
    pub fn problems(&self) -> impl Iterator<Item = Problem> {
        let copies = self.copies.iter().map(|(key, copies)| copies.problem(key));
        self.refusals().cloned().chain(copies)
    }

    fn refusals(&self) -> impl Iterator<Item = &Problem> {
        self.problems.values().flatten().chain(&self.anonymous)
    }

    /// The objects that were given but could not be read.
    pub fn unreadable(&self) -> impl Iterator<Item = &ObjectRef> {
        self.refusals()
            .filter(|problem| problem.severity == Severity::Error)
            .filter_map(|problem| problem.object.as_ref())
    }

    /// The metadata of every object that is kept, with its kind, by kind and
    /// name.
    pub fn metadata(&self) -> impl Iterator<Item = (Kind, &Metadata)> {
        macro_rules! all {
            ($($kind:ident in $map:ident),* $(,)?) => {
                std::iter::empty()$(.chain(
                    self.$map.values().map(|object| (Kind::$kind, &object.metadata)),
                ))*
            };
        }
        all!(
            BlockAffinity in block_affinities,
            CiliumNode in cilium_nodes,
            CiliumNodeConfig in cilium_node_configs,
            CiliumPodIpPool in cilium_pod_ip_pools,
            ConfigMap in config_maps,
            DaemonSet in daemon_sets,
            Deployment in deployments,
            Gateway in gateways,
            GatewayClass in gateway_classes,
            HostSubnet in host_subnets,
            Installation in installations,
            IpPool in ip_pools,
            Node in nodes,
            Pod in pods,
            Service in services,
            StatefulSet in stateful_sets,
        )
    }

    /// Every container of every workload and Pod that is kept, with the
    /// object that it is of.
    pub fn containers(&self) -> impl Iterator<Item = (Kind, &Name, &Container)> {
        let workloads = [
            (Kind::DaemonSet, &self.daemon_sets),
            (Kind::Deployment, &self.deployments),
            (Kind::StatefulSet, &self.stateful_sets),
        ];
        let of_workloads = workloads.into_iter().flat_map(|(kind, workloads)| {
            workloads
                .iter()
                .map(move |(name, workload)| (kind, name, &workload.containers))
        });
        let of_pods = self
            .pods
            .iter()
            .map(|(name, pod)| (Kind::Pod, name, &pod.containers));
        of_workloads
            .chain(of_pods)
            .flat_map(|(kind, name, containers)| {
                containers
                    .iter()
                    .map(move |container| (kind, name, container))
            })
    }

    /// Forgets what was wrong with an object. False when nothing was.
    fn forgive(&mut self, object: &ObjectKey) -> bool {
        let had_problem = self.problems.remove(object).is_some();
        if had_problem {
            self.ledger.shake();
        }
        had_problem
    }

    /// Notes kinds of which a list was given.
    fn see_listed(&mut self, kinds: impl IntoIterator<Item = Kind>) {
        for kind in kinds {
            if self.seen.insert(kind) {
                self.ledger.shake();
            }
        }
    }

    /// Keeps problems for the report.
    fn note(&mut self, problems: &[Problem]) {
        if !problems.is_empty() {
            self.ledger.shake();
        }
        for problem in problems {
            match &problem.object {
                None => self.anonymous.push(problem.clone()),
                Some(object) => {
                    let of_object = self.problems.entry(problem_key(object)).or_default();
                    of_object.push(problem.clone());
                }
            }
        }
    }

    /// Notes that an object was given, kept or not.
    fn see(&mut self, object: &Object) {
        let (kind, namespace, name) = object.identity();
        let mut is_news = self.seen.insert(kind);
        if kind == Kind::ConfigMap && name == ROOT_CA {
            is_news |= self.listed_namespaces.insert(namespace.to_owned());
        }
        if is_news {
            self.ledger.shake();
        }
    }
}

fn object_key(key: &Key) -> ObjectKey {
    (
        key.kind.name().to_owned(),
        key.namespace.clone(),
        key.name.clone(),
    )
}

fn problem_key(object: &ObjectRef) -> ObjectKey {
    (
        object.kind.to_string(),
        object.namespace.clone().unwrap_or_default(),
        object.name.clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::{Cluster, Problem};

    /// However a snapshot is cut into parts, what was wrong with one copy of
    /// an object is not forgotten when others come.
    #[test]
    fn parts_of_a_snapshot_add_up() {
        let copy = |version: u8, cidrs: &str| {
            format!(
                r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"a","resourceVersion":"{version}"}},"spec":{{"podCIDRs":{cidrs}}}}}"#
            )
        };
        let documents = [copy(1, "7"), copy(2, "[]"), copy(3, "[]"), copy(4, "8")];
        let texts: Vec<&str> = documents.iter().map(String::as_str).collect();
        let mut whole = Cluster::default();
        whole.load(texts.iter().copied());
        let mut parts = Cluster::default();
        for text in &texts {
            parts.load([*text]);
        }
        let sorted = |cluster: &Cluster| {
            let mut problems: Vec<Problem> = cluster.problems().collect();
            problems.sort();
            problems
        };
        // Two copies that cannot be read, and one object that is there twice.
        assert_eq!(sorted(&whole).len(), 3);
        assert_eq!(sorted(&parts), sorted(&whole));
        assert_eq!(parts.unreadable().count(), 2);
    }
}
