//! What the component promises to whoever embeds it: wit/podroute.wit and
//! wit/schema, with the built-in component and over every way to ask it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod catalogue;
mod changes;
mod component;
mod one_report;
mod profiles;
mod schemas;
mod settings;
mod watching;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jsonschema::Validator;
use podroute::Policy;
use podroute::policy::{
    AuditedSuppression, COMPONENT, Cluster, Error, Family, Finding, NetworkRole, ObjectKey,
    ObjectRef, Problem, Report, Rule, Settings, Severity, SuppressionStatus,
};
use serde::Deserialize;
use serde_json::{Value, json};
use settings::typed;
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldId, WorldItem, WorldKey};

fn built_in() -> Policy {
    Policy::built_in().unwrap()
}

/// A snapshot with settings.
struct Case {
    name: String,
    objects: Vec<Value>,
    settings: Value,
}

impl Case {
    fn documents(&self) -> Vec<String> {
        self.objects.iter().map(Value::to_string).collect()
    }

    fn request(&self) -> String {
        json!({"objects": self.objects, "settings": self.settings}).to_string()
    }

    fn settings(&self) -> Settings {
        typed(&self.settings)
    }

    fn evaluate(&self, policy: &Policy) -> Report {
        policy
            .evaluate(&self.documents(), &self.settings())
            .unwrap()
    }

    fn evaluate_json(&self, policy: &Policy) -> String {
        policy.evaluate_json(&self.request()).unwrap()
    }
}

fn node(name: &str, cidr: &str, address: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name},
        "spec": {"podCIDR": cidr, "podCIDRs": [cidr]},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}],
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    })
}

fn service(name: &str, protocol: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": "shop", "name": name},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 80, "protocol": protocol}]},
    })
}

/// The requests that every embedding is asked, but for those with invalid settings.
fn requests() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/conformance/requests");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files
        .filter(|file| !file.file_name().to_string_lossy().starts_with("invalid"))
        .map(|file| {
            let mut request: Value =
                serde_json::from_str(&fs::read_to_string(file.path()).unwrap()).unwrap();
            Case {
                name: file.file_name().into_string().unwrap(),
                objects: request["objects"].as_array().unwrap().clone(),
                settings: request["settings"].take(),
            }
        })
        .collect()
}

/// Snapshots for what the examples of the rules' pages do not have.
fn odd_cases() -> Vec<Case> {
    let case = |name: &str, objects: Vec<Value>, settings: Value| Case {
        name: name.to_owned(),
        objects,
        settings,
    };
    vec![
        case("nothing", vec![], json!({})),
        case(
            "nothing, but listed",
            vec![],
            json!({"listedKinds": ["Node", "DaemonSet"]}),
        ),
        case(
            "every setting",
            vec![node("worker-1", "10.244.1.0/24", "192.0.2.11")],
            json!({
                "cni": "cilium", "ipamMode": "kubernetes",
                "ciliumVersion": "1.16.3", "aviVersion": "22.1.4",
                "nextHopTypes": ["ExternalIP", "InternalIP"],
                "nodeNetworks": ["192.0.2.0/24", "2001:db8::/64"], "nodeSelector": "!edge",
                "aggregate": true,
                "connectedNetworks": ["192.0.2.0/24"], "protectedNetworks": ["198.51.100.0/24"],
                "otherClusters": [{"name": "east", "podCidrs": ["10.244.0.0/16"]}],
                "routeLimit": 1, "at": "2026-01-31T12:00:00Z", "today": "2026-02-01",
                "rules": [
                    {"rule": "ako/*", "severity": "off"},
                    {"rule": "route/limit", "severity": "info", "parameters": {"warnAtPercent": 50}},
                ],
                "suppressions": [
                    {"rule": "mesh/overlap", "object": {"kind": "Node", "name": "worker-1"},
                        "reason": "they have VRFs of their own", "until": "2026-02-01"},
                    {"rule": "route/*", "reason": "a larger device is ordered"},
                    {"rule": "ako/*", "reason": "off, so nobody can say"},
                    {"rule": "node/*", "reason": "over", "until": "2026-01-31"},
                ],
                "listedKinds": ["Service"],
                "gaps": [{"kind": "CiliumNode", "reason": "forbidden for user \"ci\""}],
            }),
        ),
        case(
            "accepted by annotation, and aggregates",
            vec![json!({
                "apiVersion": "v1", "kind": "Node",
                "metadata": {"name": "worker-1", "annotations": {"podroute.dev/ignore":
                    "node/not-ready: it is repaired\nnode/host-bits until 2026-01-31: later\nnonsense\n"}},
                "spec": {"podCIDR": "10.244.2.0/24", "podCIDRs": ["10.244.2.0/24", "10.244.3.0/24"]},
                "status": {
                    "addresses": [{"type": "InternalIP", "address": "192.0.2.11"}],
                    "conditions": [{"type": "Ready", "status": "False"}],
                },
            })],
            json!({"cni": "kubernetes", "aggregate": true}),
        ),
        case(
            "problems of every sort",
            vec![
                json!({"apiVersion": "v1", "kind": "NodeList", "items": [
                    {"metadata": {"name": "in-list"}},
                    {"metadata": {"name": "broken"}, "spec": {"podCIDR": 7}},
                    {"metadata": {}},
                ]}),
                json!({"apiVersion": "v1", "kind": "Service",
                    "metadata": {"namespace": "shop", "name": "broken"}, "spec": []}),
                json!({"metadata": {"name": "without-kind"}}),
                json!([{"apiVersion": "example.org/v1", "kind": "Unknown"}]),
                node("twice", "10.244.1.0/24", "192.0.2.11"),
                node("twice", "10.244.2.0/24", "192.0.2.12"),
            ],
            json!({"cni": "kubernetes"}),
        ),
        case(
            "texts that need escapes",
            vec![node(
                "wörker \"1\" \\ \u{1f680}\u{0}\n\u{7f}\u{2028}",
                "10.244.1.9/24",
                "192.0.2.11",
            )],
            json!({"cni": "kubernetes", "gaps": [{"kind": "Pod", "reason": "\u{1f}\"\\"}]}),
        ),
    ]
}

/// Every example of every rule's page, and more.
fn cases() -> Vec<Case> {
    let rules = built_in().rules().unwrap();
    let mut cases: Vec<Case> = rules.iter().flat_map(examples).collect();
    assert!(cases.len() > 2 * rules.len(), "a page has two examples");
    cases.extend(requests());
    cases.extend(odd_cases());
    cases
}

/// The examples on a rule's page: blocks of YAML, and of settings in JSON.
fn examples(rule: &Rule) -> Vec<Case> {
    let (_, text) = rule.page.split_once("\n## Examples\n").unwrap();
    let block = |text: &str, language: &str| {
        let (_, rest) = text.split_once(&format!("\n```{language}\n"))?;
        Some(rest.split_once("\n```").unwrap().0.to_owned())
    };
    text.split("\n### ")
        .skip(1)
        .map(|example| Case {
            name: format!("{}: {}", rule.id, example.lines().next().unwrap()),
            objects: block(example, "yaml")
                .map(|yaml| {
                    serde_norway::Deserializer::from_str(&yaml)
                        .map(|document| Value::deserialize(document).unwrap())
                        .filter(|document| !document.is_null())
                        .collect()
                })
                .unwrap_or_default(),
            settings: block(example, "json")
                .map_or_else(|| json!({}), |text| serde_json::from_str(&text).unwrap()),
        })
        .collect()
}

fn key(object: &Value) -> ObjectKey {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    ObjectKey {
        kind: text(&object["kind"]).unwrap(),
        namespace: text(&object["metadata"]["namespace"]),
        name: text(&object["metadata"]["name"]).unwrap(),
    }
}

/// A cluster that was loaded with these objects.
fn cluster_of(objects: &[&Value]) -> Cluster {
    let settings = Settings {
        cni: Some("kubernetes".to_owned()),
        ..Settings::default()
    };
    let mut cluster = built_in().open(&settings).unwrap();
    let documents: Vec<String> = objects.iter().map(ToString::to_string).collect();
    cluster.load(&documents).unwrap();
    cluster
}

/// Changes of these objects.
fn put(cluster: &mut Cluster, objects: &[&Value]) {
    let documents: Vec<String> = objects.iter().map(ToString::to_string).collect();
    cluster.upsert(&documents).unwrap();
}

fn json_of(objects: &[&Value]) -> String {
    cluster_of(objects).report_json().unwrap()
}
