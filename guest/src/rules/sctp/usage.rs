//! Where a cluster uses SCTP: ports of Services, listeners of Gateways, ports
//! of containers. And what every rule about it asks of Cilium's configuration.

use std::collections::BTreeSet;

use crate::cluster::Cluster;
use crate::detect::cilium::{BadValue, Config};
use crate::objects::Kind;
use crate::objects::gateway::{Gateway, Generation};
use crate::objects::service::{Service, ServicePort};
use crate::report::ObjectRef;
use crate::rules::context::namespaced_object;

/// An SCTP port of a Service.
#[derive(Clone, Copy)]
pub(super) struct Port<'a> {
    pub service: &'a Service,
    pub entry: &'a ServicePort,
    /// Its position in spec.ports.
    index: usize,
}

/// An SCTP listener of a Gateway.
#[derive(Clone, Copy)]
pub(super) struct Listener<'a> {
    pub gateway: &'a Gateway,
    /// Its position in spec.listeners.
    index: usize,
}

impl Port<'_> {
    /// The Service, at a field of this port.
    pub(super) fn at(&self, field: &str) -> ObjectRef {
        let metadata = &self.service.metadata;
        let name = (metadata.namespace.clone(), metadata.name.clone());
        namespaced_object(Kind::Service, &name).at(format!("spec.ports[{}].{field}", self.index))
    }
}

impl Listener<'_> {
    /// The Gateway, at the listener's protocol.
    pub(super) fn to_ref(self) -> ObjectRef {
        let metadata = &self.gateway.metadata;
        let name = (metadata.namespace.clone(), metadata.name.clone());
        namespaced_object(Kind::Gateway, &name)
            .at(format!("spec.listeners[{}].protocol", self.index))
    }
}

/// The SCTP ports of all Services. An `ExternalName` is only a DNS name.
pub(super) fn ports(cluster: &Cluster) -> impl Iterator<Item = Port<'_>> {
    cluster
        .sctp_services()
        .filter(|service| service.kind != "ExternalName")
        .flat_map(|service| {
            let ports = service.ports.iter().enumerate();
            ports.map(move |(index, entry)| Port {
                service,
                entry,
                index,
            })
        })
        .filter(|port| port.entry.is_sctp())
}

/// The SCTP listeners of the Gateways of one API.
pub(super) fn listeners(
    cluster: &Cluster,
    generation: Generation,
) -> impl Iterator<Item = Listener<'_>> {
    cluster
        .gateways
        .values()
        .filter(move |gateway| gateway.generation == generation)
        .flat_map(|gateway| {
            let listeners = gateway.listeners.iter().enumerate();
            listeners
                .filter(|(_, listener)| listener.is_sctp())
                .map(move |(index, _)| Listener { gateway, index })
        })
}

/// Every use of SCTP, each object once.
pub(super) fn everywhere(cluster: &Cluster) -> Vec<ObjectRef> {
    let mut uses: Vec<ObjectRef> = ports(cluster).map(|port| port.at("protocol")).collect();
    for generation in [Generation::ServicesApi, Generation::GatewayApi] {
        uses.extend(listeners(cluster, generation).map(Listener::to_ref));
    }
    uses.extend(containers(cluster));
    uses.dedup_by(|a, b| same_object(a, b));
    uses
}

/// The workloads and Pods with SCTP container ports. The Pods of a workload
/// have its containers: of those that are alike only the first is listed, and
/// workloads come before Pods.
fn containers(cluster: &Cluster) -> Vec<ObjectRef> {
    let mut known = BTreeSet::new();
    let mut uses = Vec::new();
    for (kind, name, container) in cluster.containers() {
        let ports: Vec<u16> = container
            .ports
            .iter()
            .filter(|port| port.is_sctp())
            .map(|port| port.port)
            .collect();
        if container.host_network || ports.is_empty() {
            continue;
        }
        if known.insert((&name.0, &container.name, ports)) {
            let field = match kind {
                Kind::Pod => "spec.containers",
                _ => "spec.template.spec.containers",
            };
            uses.push(namespaced_object(kind, name).at(field));
        }
    }
    uses
}

/// The first three objects, and how many more there are.
pub(super) fn first_of(objects: &[ObjectRef]) -> String {
    let mut distinct: Vec<&ObjectRef> = objects.iter().collect();
    distinct.dedup_by(|a, b| same_object(a, b));
    let named: Vec<String> = distinct
        .iter()
        .take(3)
        .map(|object| match &object.namespace {
            Some(namespace) => format!("{} {namespace}/{}", object.kind, object.name),
            None => format!("{} {}", object.kind, object.name),
        })
        .collect();
    match distinct.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn same_object(a: &ObjectRef, b: &ObjectRef) -> bool {
    (&a.kind, &a.namespace, &a.name) == (&b.kind, &b.namespace, &b.name)
}

/// What a boolean key of cilium-config, by default false, is on each node. As
/// long as no Node is known, what it is for the cluster as a whole.
pub(super) fn on_nodes<'a>(
    cluster: &'a Cluster,
    config: &'a Config<'a>,
    key: &'a str,
) -> impl Iterator<Item = Result<bool, BadValue<'a>>> {
    let as_a_whole = cluster.nodes.is_empty().then(|| config.bool(key, false));
    cluster
        .nodes
        .values()
        .map(move |node| config.bool_on(node, key, false))
        .chain(as_a_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(name: &str, container: &str, port: u16, host_network: bool) -> String {
        serde_json::json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"namespace": "core", "name": name},
            "spec": {
                "hostNetwork": host_network,
                "containers": [{
                    "name": container,
                    "ports": [{"containerPort": port, "protocol": "SCTP"}],
                }],
            },
        })
        .to_string()
    }

    fn used(documents: &[String]) -> String {
        let mut cluster = Cluster::default();
        cluster.upsert(documents.iter().map(String::as_str));
        first_of(&everywhere(&cluster))
    }

    #[test]
    fn of_pods_that_are_alike_the_first_is_listed() {
        let mut pods: Vec<String> = (0..5)
            .map(|number| pod(&format!("amf-{number}"), "amf", 38412, false))
            .collect();
        assert_eq!(used(&pods), "Pod core/amf-0");
        pods.push(pod("amf-9", "amf", 36412, false));
        pods.push(pod("upf-0", "upf", 38412, false));
        assert_eq!(
            used(&pods),
            "Pod core/amf-0, Pod core/amf-9, Pod core/upf-0"
        );
        pods.push(pod("upf-1", "sidecar", 38412, false));
        pods.push(pod("upf-2", "sidecar", 1, false));
        assert_eq!(
            used(&pods),
            "Pod core/amf-0, Pod core/amf-9, Pod core/upf-0 and 2 more"
        );
    }

    #[test]
    fn a_workload_stands_for_its_pods() {
        let deployment = serde_json::json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"namespace": "core", "name": "amf"},
            "spec": {"template": {"spec": {"containers": [{
                "name": "amf",
                "ports": [{"containerPort": 38412, "protocol": "SCTP"}],
            }]}}},
        });
        let documents = [pod("amf-0", "amf", 38412, false), deployment.to_string()];
        assert_eq!(used(&documents), "Deployment core/amf");
    }

    #[test]
    fn each_object_is_listed_once() {
        let service = serde_json::json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"namespace": "core", "name": "amf"},
            "spec": {"ports": [
                {"port": 38412, "protocol": "SCTP"},
                {"port": 36412, "protocol": "SCTP"},
            ]},
        });
        let mut cluster = Cluster::default();
        cluster.upsert([service.to_string().as_str()]);
        let fields: Vec<_> = everywhere(&cluster)
            .into_iter()
            .map(|object| object.field)
            .collect();
        assert_eq!(fields, [Some("spec.ports[0].protocol".to_owned())]);
    }

    #[test]
    fn the_network_of_a_node_is_not_ciliums() {
        assert_eq!(used(&[pod("amf-0", "amf", 38412, true)]), "");
    }
}
