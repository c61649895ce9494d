//! Reports as people look at them: what is drawn is well-formed, complete,
//! and where it belongs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod map;
mod page;

use std::fs;
use std::path::Path;

use podroute_policy::cluster::Cluster;
use podroute_policy::evaluate::evaluate;
use podroute_policy::json;
use podroute_policy::picture;
use podroute_policy::settings::Settings;
use roxmltree::{Document, Node};
use serde::Deserialize;
use serde_json::{Value, json};

/// A report with nothing in it.
fn report() -> Value {
    json!({
        "schema": "podroute.report/v1",
        "cluster": {"cni": "cilium", "cniEvidence": [], "ipamMode": "cluster-pool",
            "podCidrSource": null, "ciliumVersion": null, "kubernetesVersion": null,
            "families": [], "nodes": 0, "ciliumNodes": 0, "ako": []},
        "routes": [], "withheld": [], "networks": [], "findings": [], "suppressed": [],
        "suppressions": [], "notEvaluated": [], "rulesOff": [], "undecided": [], "problems": [],
    })
}

fn route(prefix: &str, node: &str) -> Value {
    json!({
        "prefix": prefix, "nextHop": "192.0.2.1", "node": node, "family": "IPv4",
        "source": {"kind": "CiliumNode", "namespace": null, "name": node, "field": "spec"},
        "standsFor": [],
    })
}

fn withheld(prefix: &str, node: &str) -> Value {
    json!({"prefix": prefix, "nextHop": null, "node": node, "rule": "route/duplicate-prefix"})
}

fn pool(prefix: &str, block_length: u8) -> Value {
    json!({"role": "pool", "prefix": prefix, "name": "the pool", "blockLength": block_length,
        "source": null})
}

fn network(role: &str, prefix: &str) -> Value {
    json!({"role": role, "prefix": prefix, "name": role, "blockLength": null, "source": null})
}

/// A report with these in it.
fn with(fields: &[(&str, Value)]) -> Value {
    let mut report = report();
    for (name, value) in fields {
        report[*name] = value.clone();
    }
    report
}

/// The report on a snapshot of tests/snapshots.
fn of_snapshot(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/snapshots");
    let mut documents = Vec::new();
    for file in fs::read_dir(folder.join(name)).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for document in serde_norway::Deserializer::from_str(&text) {
            documents.push(Value::deserialize(document).unwrap().to_string());
        }
    }
    let mut cluster = Cluster::default();
    cluster.load(documents.iter().map(String::as_str));
    json::write(&evaluate(&cluster, &Settings::default())).unwrap()
}

/// What stands for a claim.
fn cells<'a>(svg: &'a Document<'_>) -> Vec<Node<'a, 'a>> {
    let classes = |node: &Node<'_, '_>| node.attribute("class").unwrap_or_default().to_owned();
    svg.descendants()
        .filter(|node| classes(node).split(' ').any(|class| class == "cell"))
        .collect()
}

/// Class, x, y, width and height.
fn drawn(cell: Node<'_, '_>) -> (String, [u32; 4]) {
    let number = |name: &str| cell.attribute(name).unwrap().parse().unwrap();
    let area = ["x", "y", "width", "height"].map(number);
    (cell.attribute("class").unwrap().to_owned(), area)
}

fn texts(svg: &Document<'_>) -> String {
    let texts = svg
        .descendants()
        .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")));
    let texts: Vec<String> = texts
        .map(|node| {
            let parts = node
                .descendants()
                .filter(Node::is_text)
                .map(|one| one.text().unwrap());
            parts.collect()
        })
        .collect();
    texts.join("\n")
}
