//! The conformance table of AKO: what AKO's own tests expect, asked of the
//! component (podroute's routes) and of the simulation of AKO (what
//! ako/cni-plugin-mismatch compares with).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeMap;

use podroute::Policy;
use podroute::policy::{ObjectKey, Report, Settings};
use podroute_policy::ako;
use podroute_policy::cluster::Cluster as NativeCluster;
use podroute_policy::detect::ako::Ako;
use podroute_policy::objects::{Key, Kind};
use podroute_policy::prefix::Prefix;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    #[serde(rename = "test")]
    _test: String,
    /// cilium-config; none where the cluster has no Cilium.
    cilium: Option<BTreeMap<String, String>>,
    /// avi-k8s-config beside what every case has.
    #[serde(default)]
    ako: BTreeMap<String, String>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Step {
    node: Option<NodeRow>,
    cilium_node: Option<CiliumNodeRow>,
    /// `Kind name`.
    remove: Option<String>,
    routes: Option<Vec<String>>,
    ako: Option<Vec<String>>,
    podroute: Option<Vec<String>>,
    why: Option<String>,
    error: Option<String>,
    finding: Option<String>,
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

#[test]
fn ako_table() {
    let table = include_str!("conformance/ako.yaml");
    let cases: Vec<Case> = serde_norway::from_str(table).unwrap();
    let policy = Policy::built_in().unwrap();
    for case in &cases {
        run(&policy, case);
    }
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let expected: Vec<String> = (1..=14)
        .map(|number| format!("A{number}"))
        .chain((0..=6).map(|number| format!("C{number}")))
        .collect();
    assert_eq!(ids, expected);
}

fn run(policy: &Policy, case: &Case) {
    let mut cluster = policy.open(&Settings::default()).unwrap();
    let mut native = NativeCluster::default();
    let base = base_objects(case);
    assert_eq!(cluster.upsert(&base).unwrap(), []);
    native.upsert(base.iter().map(String::as_str));

    for (number, step) in case.steps.iter().enumerate() {
        let at = format!("{} step {}", case.id, number + 1);
        let objects = step.objects();
        assert_eq!(cluster.upsert(&objects).unwrap(), [], "{at}");
        native.upsert(objects.iter().map(String::as_str));
        if let Some((kind, name)) = step.remove.as_deref().and_then(|key| key.split_once(' ')) {
            let removed = cluster.remove(&ObjectKey {
                kind: kind.to_owned(),
                namespace: None,
                name: name.to_owned(),
            });
            assert!(removed.unwrap(), "{at}");
            native.remove(&Key {
                kind: Kind::named(kind).unwrap(),
                namespace: String::new(),
                name: name.to_owned(),
            });
        }
        let report = cluster.report().unwrap();
        let expected = step.routes.as_ref();
        let differs = step.ako.is_some() && step.podroute.is_some() && step.why.is_some();
        assert!(
            expected.is_some() != differs,
            "{at}: `routes`, or `ako`, `podroute` and `why`"
        );
        assert_eq!(
            routes(&report),
            *expected.or(step.podroute.as_ref()).unwrap(),
            "{at}: podroute"
        );
        let (simulated, errors) = simulate(&native);
        assert_eq!(
            simulated,
            *expected.or(step.ako.as_ref()).unwrap(),
            "{at}: AKO"
        );
        if let Some(part) = &step.error {
            assert!(
                errors.iter().any(|error| error.contains(part)),
                "{at}: {errors:?}"
            );
        }
        if let Some(rule) = &step.finding {
            assert!(
                report.findings.iter().any(|finding| finding.rule == *rule),
                "{at}: no {rule} in {:?}",
                report.findings
            );
        }
    }
}

/// What every case starts from: AKO's settings, and enough to tell the CNI.
fn base_objects(case: &Case) -> Vec<String> {
    let mut settings = BTreeMap::from([
        ("clusterName".to_owned(), "cluster".to_owned()),
        ("serviceType".to_owned(), "ClusterIP".to_owned()),
        ("cniPlugin".to_owned(), String::new()),
    ]);
    settings.extend(case.ako.clone());
    let mut objects = vec![
        json!({"apiVersion": "v1", "kind": "ConfigMap",
               "metadata": {"namespace": "avi-system", "name": "avi-k8s-config"}, "data": settings}),
        json!({"apiVersion": "apps/v1", "kind": "DaemonSet",
               "metadata": {"namespace": "kube-system", "name": "kube-proxy"}}),
    ];
    if let Some(config) = &case.cilium {
        objects.push(json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"namespace": "kube-system", "name": "cilium-config"}, "data": config}));
    }
    objects.iter().map(ToString::to_string).collect()
}

impl Step {
    fn objects(&self) -> Vec<String> {
        let node = self.node.as_ref().map(|row| {
            let mut node = json!({
                "apiVersion": "v1", "kind": "Node",
                "metadata": {"name": row.name, "annotations": row.annotations},
                "spec": {"podCIDRs": row.pod_cidrs},
                "status": {
                    "addresses": [{"type": "InternalIP", "address": row.ip}],
                    "conditions": [{"type": "Ready", "status": "True"}],
                },
            });
            if let Some(first) = row.pod_cidrs.first() {
                node["spec"]["podCIDR"] = json!(first);
            }
            node
        });
        let cilium_node = self.cilium_node.as_ref().map(|row| {
            json!({
                "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
                "metadata": {"name": row.name},
                "spec": {"addresses": row.addresses, "ipam": {"podCIDRs": row.pod_cidrs}},
            })
        });
        [node, cilium_node]
            .into_iter()
            .flatten()
            .map(|object| object.to_string())
            .collect()
    }
}

fn routes(report: &Report) -> Vec<String> {
    report
        .routes
        .iter()
        .map(|route| format!("{} via {}", route.prefix, route.next_hop))
        .collect()
}

/// The simulation's routes in podroute's order, and its errors.
fn simulate(cluster: &NativeCluster) -> (Vec<String>, Vec<String>) {
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
