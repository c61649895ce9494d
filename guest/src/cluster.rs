//! The state: objects in, and what was looked at.

use std::collections::{BTreeMap, BTreeSet};

use crate::objects::cilium_node::CiliumNode;
use crate::objects::cilium_node_config::CiliumNodeConfig;
use crate::objects::config_map::ConfigMap;
use crate::objects::document::Contents;
use crate::objects::gateway::{Gateway, Listener};
use crate::objects::gateway_class::GatewayClass;
use crate::objects::node::Node;
use crate::objects::pod::{Container, ContainerPort, Pod};
use crate::objects::service::{Service, ServicePort};
use crate::objects::workload::Workload;
use crate::objects::{Key, Kind, Object};
use crate::report::{ObjectRef, Problem, Severity};

/// Namespace and name; the namespace is empty for kinds outside namespaces.
pub type Name = (String, String);

/// Every object that is kept, by kind and name. Objects that nothing reads
/// (a ConfigMap of an application, a Pod without SCTP) are not kept.
#[derive(Debug, Default)]
pub struct Cluster {
    pub nodes: BTreeMap<String, Node>,
    pub cilium_nodes: BTreeMap<String, CiliumNode>,
    pub cilium_node_configs: BTreeMap<Name, CiliumNodeConfig>,
    pub config_maps: BTreeMap<Name, ConfigMap>,
    pub daemon_sets: BTreeMap<Name, Workload>,
    pub deployments: BTreeMap<Name, Workload>,
    pub stateful_sets: BTreeMap<Name, Workload>,
    pub services: BTreeMap<Name, Service>,
    pub pods: BTreeMap<Name, Pod>,
    pub gateways: BTreeMap<Name, Gateway>,
    pub gateway_classes: BTreeMap<String, GatewayClass>,
    /// Kinds of which at least one object or list was seen, kept or not.
    seen: BTreeSet<Kind>,
    /// Namespaces whose ConfigMaps were listed, as their [`ROOT_CA`] shows.
    listed_namespaces: BTreeSet<String>,
    /// What was wrong with objects, by object, until a better copy comes.
    problems: BTreeMap<ObjectKey, Vec<Problem>>,
    /// What was wrong with those documents of the last call that name none.
    anonymous: Vec<Problem>,
}

/// A ConfigMap that Kubernetes puts into every namespace, and that nobody
/// picks by hand: where it is, the namespace's ConfigMaps were listed.
const ROOT_CA: &str = "kube-root-ca.crt";

/// Kind, namespace, name, as written in a reference to an object.
type ObjectKey = (String, String, String);

impl Cluster {
    /// Puts in the objects of some documents. Of two copies of an object the
    /// newer counts. Returns what could not be used.
    pub fn upsert<'a>(&mut self, documents: impl IntoIterator<Item = &'a str>) -> Vec<Problem> {
        let mut batch = Batch::default();
        for document in documents {
            batch.add(Contents::read(document));
        }
        self.seen.append(&mut batch.listed);
        let (objects, problems) = batch.finish();
        for object in objects {
            if !self.problems.is_empty() {
                self.problems.remove(&object_key(&object.key()));
            }
            self.put(object);
        }
        self.note(&problems);
        problems
    }

    /// Takes an object out. False when it was not there.
    pub fn remove(&mut self, key: &Key) -> bool {
        let had_problem = self.problems.remove(&object_key(key)).is_some();
        self.take(key) || had_problem
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

    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.problems.values().flatten().chain(&self.anonymous)
    }

    /// The objects that were given but could not be read.
    pub fn unreadable(&self) -> impl Iterator<Item = &ObjectRef> {
        self.problems()
            .filter(|problem| problem.severity == Severity::Error)
            .filter_map(|problem| problem.object.as_ref())
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

    /// Keeps problems for the report, in place of those of earlier calls.
    fn note(&mut self, problems: &[Problem]) {
        let objects = problems
            .iter()
            .filter_map(|problem| problem.object.as_ref());
        for object in objects {
            self.problems.remove(&problem_key(object));
        }
        self.anonymous.clear();
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

    fn put(&mut self, object: Object) {
        self.seen.insert(object.kind());
        if !is_read(&object) {
            let key = object.key();
            if key.kind == Kind::ConfigMap && key.name == ROOT_CA {
                self.listed_namespaces.insert(key.namespace.clone());
            }
            self.take(&key);
            return;
        }
        let (_, namespace, name) = object.identity();
        let name = (namespace.to_owned(), name.to_owned());
        match object {
            Object::CiliumNode(object) => drop(self.cilium_nodes.insert(name.1, object)),
            Object::CiliumNodeConfig(object) => {
                drop(self.cilium_node_configs.insert(name, object));
            }
            Object::ConfigMap(object) => drop(self.config_maps.insert(name, object)),
            Object::DaemonSet(object) => drop(self.daemon_sets.insert(name, object)),
            Object::Deployment(object) => drop(self.deployments.insert(name, object)),
            Object::Gateway(object) => drop(self.gateways.insert(name, object)),
            Object::GatewayClass(object) => drop(self.gateway_classes.insert(name.1, object)),
            Object::Node(object) => drop(self.nodes.insert(name.1, object)),
            Object::Pod(object) => drop(self.pods.insert(name, object)),
            Object::Service(object) => drop(self.services.insert(name, object)),
            Object::StatefulSet(object) => drop(self.stateful_sets.insert(name, object)),
        }
    }

    fn take(&mut self, key: &Key) -> bool {
        let name = (key.namespace.clone(), key.name.clone());
        match key.kind {
            Kind::CiliumNode => self.cilium_nodes.remove(&name.1).is_some(),
            Kind::CiliumNodeConfig => self.cilium_node_configs.remove(&name).is_some(),
            Kind::ConfigMap => self.config_maps.remove(&name).is_some(),
            Kind::DaemonSet => self.daemon_sets.remove(&name).is_some(),
            Kind::Deployment => self.deployments.remove(&name).is_some(),
            Kind::Gateway => self.gateways.remove(&name).is_some(),
            Kind::GatewayClass => self.gateway_classes.remove(&name.1).is_some(),
            Kind::Node => self.nodes.remove(&name.1).is_some(),
            Kind::Pod => self.pods.remove(&name).is_some(),
            Kind::Service => self.services.remove(&name).is_some(),
            Kind::StatefulSet => self.stateful_sets.remove(&name).is_some(),
        }
    }
}

/// Whether anything reads this object. What nothing reads is not kept: a
/// cluster has a hundred thousand Pods and as many ConfigMaps.
fn is_read(object: &Object) -> bool {
    let uses_sctp = |containers: &[Container]| {
        containers
            .iter()
            .flat_map(|container| &container.ports)
            .any(ContainerPort::is_sctp)
    };
    match object {
        Object::ConfigMap(object) => {
            matches!(
                object.metadata.name.as_str(),
                ConfigMap::CILIUM | ConfigMap::AKO
            )
        }
        Object::Pod(object) => uses_sctp(&object.containers),
        Object::Service(object) => object.ports.iter().any(ServicePort::is_sctp),
        Object::Gateway(object) => object.listeners.iter().any(Listener::is_sctp),
        _ => true,
    }
}

/// The objects of one call.
#[derive(Default)]
struct Batch<'a> {
    copies: Vec<Copy<'a>>,
    listed: BTreeSet<Kind>,
    problems: Vec<Problem>,
}

/// A copy of an object, and its text.
struct Copy<'a> {
    object: Object,
    text: &'a str,
}

impl<'a> Batch<'a> {
    fn add(&mut self, contents: Contents<'a>) {
        self.listed.extend(contents.listed);
        self.problems.extend(contents.problems);
        let copies = contents.objects.into_iter();
        self.copies
            .extend(copies.map(|(object, text)| Copy { object, text }));
    }

    /// Of each object the newest copy, and what was wrong, objects that were
    /// there more than once included. Where resourceVersions do not tell, the
    /// choice depends on the texts alone, not on their order.
    fn finish(mut self) -> (Vec<Object>, Vec<Problem>) {
        self.copies.sort_by(|one, other| {
            let newest_first = other.version().cmp(&one.version());
            one.object
                .identity()
                .cmp(&other.object.identity())
                .then(newest_first)
                .then_with(|| other.text.cmp(one.text))
        });
        let mut objects: Vec<Object> = Vec::with_capacity(self.copies.len());
        let mut dropped: Vec<Option<u64>> = Vec::new();
        for copy in self.copies {
            let version = copy.version();
            match objects.last() {
                Some(kept) if kept.identity() == copy.object.identity() => dropped.push(version),
                last => {
                    self.problems
                        .extend(last.and_then(|kept| copies_problem(kept, &dropped)));
                    dropped.clear();
                    objects.push(copy.object);
                }
            }
        }
        let last = objects.last();
        self.problems
            .extend(last.and_then(|kept| copies_problem(kept, &dropped)));
        (objects, self.problems)
    }
}

impl Copy<'_> {
    fn version(&self) -> Option<u64> {
        self.object.metadata().resource_version
    }
}

/// Says that an object was there more than once; `dropped` are the versions of
/// the other copies, newest first.
fn copies_problem(kept: &Object, dropped: &[Option<u64>]) -> Option<Problem> {
    let version = |version: &Option<u64>| match version {
        Some(version) => format!("resourceVersion {version}"),
        None => "no resourceVersion".to_owned(),
    };
    let versions: Vec<String> = dropped.iter().rev().map(version).collect();
    let (times, others) = match versions.as_slice() {
        [] => return None,
        [one] => ("twice".to_owned(), format!("the one with {one} is")),
        more => (
            format!("{} times", more.len() + 1),
            format!("those with {} are", more.join(", ")),
        ),
    };
    let metadata = kept.metadata();
    Some(Problem {
        object: Some(ObjectRef {
            kind: kept.kind().name().into(),
            namespace: Some(metadata.namespace.clone()).filter(|namespace| !namespace.is_empty()),
            name: metadata.name.clone(),
            field: None,
        }),
        severity: Severity::Warning,
        message: format!(
            "is there {times}; the copy with {} is used, {others} not",
            version(&metadata.resource_version)
        ),
    })
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
