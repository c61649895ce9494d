//! The tables of this folder as types. `tests/conformance.rs` asks the
//! component, `guest/tests/conformance.rs` the policy built natively.

use std::collections::BTreeMap;

use podroute_policy::ako;
use podroute_policy::cluster::Cluster;
use podroute_policy::detect::ako::Ako;
use podroute_policy::prefix::Prefix;
use serde::Deserialize;
use serde_json::{Value, json};

/// A test of AKO's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Case {
    pub(crate) id: String,
    #[serde(rename = "test")]
    _test: String,
    /// cilium-config; none where the cluster has no Cilium.
    cilium: Option<BTreeMap<String, String>>,
    /// A DaemonSet in kube-system that shows the CNI.
    daemon_set: Option<String>,
    /// avi-k8s-config beside what every case has.
    #[serde(default)]
    ako: BTreeMap<String, String>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Step {
    node: Option<NodeRow>,
    cilium_node: Option<CiliumNodeRow>,
    #[serde(default)]
    blocks: Vec<BlockRow>,
    /// `Kind name`.
    remove: Option<String>,
    routes: Option<Vec<String>>,
    ako: Option<Vec<String>>,
    podroute: Option<Vec<String>>,
    why: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) finding: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeRow {
    name: String,
    ip: String,
    #[serde(default, rename = "podCIDRs")]
    pod_cidrs: Vec<String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CiliumNodeRow {
    name: String,
    #[serde(default)]
    addresses: Value,
    #[serde(rename = "podCIDRs")]
    pod_cidrs: Vec<String>,
}

/// A BlockAffinity: confirmed and not deleted, as everywhere in AKO's tests.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BlockRow {
    name: String,
    node: String,
    cidr: String,
}

/// AKO's table.
pub(crate) fn cases() -> Vec<Case> {
    let cases: Vec<Case> = serde_norway::from_str(include_str!("ako.yaml")).unwrap();
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let expected: Vec<String> = (1..=14)
        .map(|number| format!("A{number}"))
        .chain((0..=6).map(|number| format!("C{number}")))
        .chain((1..=10).map(|number| format!("K{number}")))
        .collect();
    assert_eq!(ids, expected);
    cases
}

impl Case {
    /// What the case starts from: AKO's settings, and enough to tell the CNI.
    pub(crate) fn base_objects(&self) -> Vec<String> {
        let mut settings = BTreeMap::from([
            ("clusterName".to_owned(), "cluster".to_owned()),
            ("serviceType".to_owned(), "ClusterIP".to_owned()),
            ("cniPlugin".to_owned(), String::new()),
        ]);
        settings.extend(self.ako.clone());
        let mut objects = vec![
            json!({"apiVersion": "v1", "kind": "ConfigMap",
                   "metadata": {"namespace": "avi-system", "name": "avi-k8s-config"}, "data": settings}),
            daemon_set("kube-proxy"),
        ];
        objects.extend(self.daemon_set.as_deref().map(daemon_set));
        if let Some(config) = &self.cilium {
            objects.push(json!({"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"namespace": "kube-system", "name": "cilium-config"}, "data": config}));
        }
        objects.iter().map(ToString::to_string).collect()
    }
}

fn daemon_set(name: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "DaemonSet",
           "metadata": {"namespace": "kube-system", "name": name}})
}

impl Step {
    /// The routes that podroute and AKO must have after the step.
    pub(crate) fn expected(&self) -> (&[String], &[String]) {
        match (&self.routes, &self.podroute, &self.ako, &self.why) {
            (Some(both), None, None, None) => (both, both),
            (None, Some(podroute), Some(ako), Some(_)) => (podroute, ako),
            _ => panic!("a step has `routes`, or `ako`, `podroute` and `why`"),
        }
    }

    /// Kind and name of what is removed.
    pub(crate) fn removed(&self) -> Option<(&str, &str)> {
        self.remove.as_deref()?.split_once(' ')
    }

    pub(crate) fn objects(&self) -> Vec<String> {
        let node = self.node.as_ref().map(NodeRow::object);
        let cilium_node = self.cilium_node.as_ref().map(|row| {
            json!({
                "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
                "metadata": {"name": row.name},
                "spec": {"addresses": row.addresses, "ipam": {"podCIDRs": row.pod_cidrs}},
            })
        });
        let blocks = self.blocks.iter().map(|row| {
            json!({
                "apiVersion": "crd.projectcalico.org/v1", "kind": "BlockAffinity",
                "metadata": {"name": row.name},
                "spec": {"cidr": row.cidr, "node": row.node, "state": "confirmed", "deleted": "false"},
            })
        });
        [node, cilium_node]
            .into_iter()
            .flatten()
            .chain(blocks)
            .map(|object| object.to_string())
            .collect()
    }
}

impl NodeRow {
    fn object(&self) -> Value {
        let mut node = json!({
            "apiVersion": "v1", "kind": "Node",
            "metadata": {"name": self.name, "annotations": self.annotations},
            "spec": {"podCIDRs": self.pod_cidrs},
            "status": {
                "addresses": [{"type": "InternalIP", "address": self.ip}],
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        });
        if let Some(first) = self.pod_cidrs.first() {
            node["spec"]["podCIDR"] = json!(first);
        }
        node
    }
}

/// What another system makes of a cluster, and what podroute makes of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeerCase {
    pub(crate) id: String,
    /// The system, with the settings that matter.
    #[serde(rename = "peer")]
    _peer: String,
    /// What the case is about.
    #[serde(rename = "about")]
    _about: String,
    /// podroute's settings.
    #[serde(default)]
    pub(crate) settings: serde_json::Map<String, Value>,
    pub(crate) objects: Vec<Value>,
    /// The routes of the other system, from its code.
    theirs: Vec<String>,
    /// The routes of podroute.
    pub(crate) routes: Vec<String>,
    /// Why the two differ on purpose.
    differs: Option<String>,
    /// Rules that must have something to say.
    #[serde(default)]
    pub(crate) findings: Vec<String>,
}

/// The table of the peers.
pub(crate) fn peer_cases() -> Vec<PeerCase> {
    let cases: Vec<PeerCase> = serde_norway::from_str(include_str!("peers.yaml")).unwrap();
    for case in &cases {
        assert_eq!(
            case.theirs != case.routes,
            case.differs.is_some(),
            "{}: `differs` says why the routes are not the same",
            case.id
        );
    }
    cases
}

/// The routes of the simulation of AKO in podroute's order, and its errors.
pub(crate) fn simulate(cluster: &Cluster) -> (Vec<String>, Vec<String>) {
    let akos = Ako::find_all(cluster);
    let mut routes = Vec::new();
    let mut errors = Vec::new();
    for node in ako::program(cluster, &akos[0]).into_values() {
        match node {
            Ok(list) => routes.extend(
                list.into_iter()
                    .map(|route| (Prefix::parse(route.prefix).unwrap().prefix, route.next_hop)),
            ),
            Err(error) => errors.push(error),
        }
    }
    routes.sort();
    let routes = routes
        .into_iter()
        .map(|(prefix, next_hop)| format!("{prefix} via {next_hop}"))
        .collect();
    (routes, errors)
}
