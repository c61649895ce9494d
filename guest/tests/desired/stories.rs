//! Sequences of changes that a watch brings, each with what has to be kept.

use podroute_policy::settings::RawSettings;
use serde_json::{Value, json};

use crate::objects::{config_map, daemon_set};
use crate::watched::Watched;

fn node(name: &str, address: &str, cidrs: &[&str]) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": name},
        "spec": {"podCIDR": cidrs.first(), "podCIDRs": cidrs},
        "status": {"addresses": [{"type": "InternalIP", "address": address}]},
    })
}

fn cilium_node(name: &str, cidrs: &[&str]) -> Value {
    json!({
        "apiVersion": "cilium.io/v2", "kind": "CiliumNode", "metadata": {"name": name},
        "spec": {"ipam": {"podCIDRs": cidrs}},
    })
}

fn watch(objects: &[Value]) -> Watched {
    let mut watched = Watched::new(RawSettings::default());
    put(&mut watched, objects);
    watched
}

fn put(watched: &mut Watched, objects: &[Value]) {
    let documents: Vec<String> = objects.iter().map(Value::to_string).collect();
    watched.upsert(&documents);
}

fn cilium() -> [Value; 2] {
    let data = json!({"ipam": "cluster-pool"});
    [
        config_map("kube-system", "cilium-config", &data),
        daemon_set("cilium", 2),
    ]
}

/// A prefix goes from node to node in one call: nobody is told that it went.
#[test]
fn a_pod_cidr_that_moves_is_a_change_and_not_a_loss() {
    let mut watched = watch(&[
        daemon_set("kube-flannel-ds", 2),
        node("a", "192.0.2.1", &["10.0.0.0/24"]),
        node("b", "192.0.2.2", &[]),
    ]);
    watched.compare("the start");
    watched.take_changes();
    put(
        &mut watched,
        &[
            node("a", "192.0.2.1", &[]),
            node("b", "192.0.2.2", &["10.0.0.0/24"]),
        ],
    );
    watched.compare("the move");
    let changes = watched.desired.take_changes();
    let set: Vec<String> = changes.set.iter().map(|route| route.node.clone()).collect();
    assert_eq!((set, changes.gone), (vec!["b".to_owned()], vec![]));
    // And back again before anybody asks: nothing has become of it.
    for (of_a, of_b) in [(vec!["10.0.0.0/24"], vec![]), (vec![], vec!["10.0.0.0/24"])] {
        let a = node("a", "192.0.2.1", &of_a);
        put(&mut watched, &[a, node("b", "192.0.2.2", &of_b)]);
        watched.compare("back and forth");
    }
    let changes = watched.desired.take_changes();
    assert_eq!((changes.set, changes.gone), (vec![], vec![]));
}

/// While a wide claim is there, it binds together nodes that have nothing
/// else in common. It goes, and each of them gets its own back.
#[test]
fn who_yielded_to_a_wide_claim_gets_its_prefix_back() {
    let created = |mut node: Value, day: u8| {
        node["metadata"]["creationTimestamp"] = json!(format!("2025-01-0{day}T00:00:00Z"));
        node
    };
    let mut watched = watch(&[
        daemon_set("kube-flannel-ds", 2),
        created(node("a", "192.0.2.1", &["10.0.0.0/24"]), 2),
        created(node("b", "192.0.2.2", &["10.0.1.0/24"]), 2),
    ]);
    let apart = [
        "10.0.0.0/24 via 192.0.2.1 (a)",
        "10.0.1.0/24 via 192.0.2.2 (b)",
    ];
    assert_eq!(watched.routes(), apart);
    let wide = created(node("c", "192.0.2.3", &["10.0.0.0/16"]), 1);
    put(&mut watched, &[wide]);
    assert_eq!(watched.routes(), ["10.0.0.0/16 via 192.0.2.3 (c)"]);
    watched.compare("the wide claim");
    put(&mut watched, &[node("c", "192.0.2.3", &["10.9.0.0/24"])]);
    assert_eq!(
        watched.routes(),
        [apart[0], apart[1], "10.9.0.0/24 via 192.0.2.3 (c)"]
    );
    watched.compare("the wide claim went");
}

/// A block that goes to another node under the same name concerns both.
#[test]
fn a_block_that_changes_hands_concerns_both_nodes() {
    let block = |node: &str| {
        json!({
            "apiVersion": "crd.projectcalico.org/v1", "kind": "BlockAffinity",
            "metadata": {"name": "block"},
            "spec": {"cidr": "10.1.0.0/26", "node": node, "state": "confirmed", "deleted": "false"},
        })
    };
    let mut watched = watch(&[
        daemon_set("calico-node", 2),
        node("a", "192.0.2.1", &[]),
        node("b", "192.0.2.2", &[]),
        block("a"),
    ]);
    assert_eq!(watched.routes(), ["10.1.0.0/26 via 192.0.2.1 (a)"]);
    put(&mut watched, &[block("b")]);
    assert_eq!(watched.routes(), ["10.1.0.0/26 via 192.0.2.2 (b)"]);
    watched.compare("the block went to b");
}

/// Changes that come one by one mean the same as a list at once, and what
/// cannot be read is an open question until it can.
#[test]
fn an_object_that_cannot_be_read_is_open_until_it_can() {
    let mut watched = watch(&cilium());
    let objects = [
        node("a", "192.0.2.1", &[]),
        cilium_node("a", &["10.0.0.0/24"]),
    ];
    put(&mut watched, &objects);
    watched.compare("the start");
    let mut broken = cilium_node("a", &[]);
    broken["spec"] = json!(7);
    put(&mut watched, &[broken]);
    watched.compare("broken");
    assert_eq!(watched.routes(), ["10.0.0.0/24 via 192.0.2.1 (a)"]);
    assert_eq!(
        watched.desired.undecided(),
        ["CiliumNode a could not be read"]
    );
    put(&mut watched, &[cilium_node("a", &["10.0.1.0/24"])]);
    watched.compare("mended");
    assert_eq!(watched.routes(), ["10.0.1.0/24 via 192.0.2.1 (a)"]);
    assert!(watched.desired.undecided().is_empty());
}
