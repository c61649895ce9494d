//! That a change of one node looks at that node only, however many there are.
//!
//! How it shows: settings that would withhold every route are passed in, of
//! which nobody says that they changed. Only what is looked at follows them.

use std::collections::BTreeSet;

use podroute_policy::prefix::Prefix;
use podroute_policy::report::Route;
use podroute_policy::settings::{Gap, RawSettings, Settings};
use serde_json::{Value, json};

use crate::objects::{config_map, daemon_set};
use crate::watched::Watched;

const NODES: usize = 2_000;

fn node(number: usize) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": format!("n{number}"), "labels": {"zone": "a"}},
        "status": {"addresses": [{
            "type": "InternalIP",
            "address": format!("192.0.{}.{}", number / 200, number % 200 + 1),
        }]},
    })
}

fn cilium_node(number: usize, cidr: &str) -> Value {
    json!({
        "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
        "metadata": {"name": format!("n{number}")},
        "spec": {"ipam": {"podCIDRs": [cidr]}},
    })
}

fn cidr(number: usize) -> String {
    format!("10.{}.{}.0/24", number / 200, number % 200)
}

fn large() -> Watched {
    let data = json!({"ipam": "cluster-pool"});
    let mut objects = vec![
        config_map("kube-system", "cilium-config", &data),
        daemon_set("cilium", 2),
    ];
    for number in 0..NODES {
        objects.push(node(number));
        objects.push(cilium_node(number, &cidr(number)));
    }
    let documents: Vec<String> = objects.iter().map(Value::to_string).collect();
    let mut watched = Watched::new(RawSettings::default());
    watched.load(&documents);
    watched
        .desired
        .refresh(&mut watched.cluster, &watched.settings);
    watched.desired.take_changes();
    assert_eq!(watched.desired.routes().count(), NODES);
    // No node has an address in this network.
    watched.settings = Settings::try_from(RawSettings {
        node_networks: vec!["203.0.113.0/24".to_owned()],
        ..RawSettings::default()
    })
    .unwrap();
    watched.settings.set_gap(Gap {
        kind: "Node".to_owned(),
        reason: "forbidden".to_owned(),
        awaited: false,
    });
    watched
}

/// The nodes that were looked at since the settings are others.
fn looked_at(watched: &mut Watched, changed: &[Value]) -> BTreeSet<String> {
    let documents: Vec<String> = changed.iter().map(Value::to_string).collect();
    let revision = watched.cluster.revision();
    watched.upsert(&documents);
    watched
        .desired
        .refresh(&mut watched.cluster, &watched.settings);
    assert_eq!(watched.cluster.revision(), revision);
    // What concerns every node was not asked anew, or the gap would show.
    assert!(watched.desired.undecided().is_empty());
    let routed: BTreeSet<&str> = watched.desired.routes().map(|route| &*route.node).collect();
    (0..NODES)
        .map(|number| format!("n{number}"))
        .filter(|name| !routed.contains(name.as_str()))
        .collect()
}

fn names(numbers: &[usize]) -> BTreeSet<String> {
    numbers.iter().map(|number| format!("n{number}")).collect()
}

#[test]
fn a_change_of_a_node_looks_at_that_node() {
    let mut watched = large();
    assert_eq!(looked_at(&mut watched, &[]), names(&[]));
    let mut labelled = node(7);
    labelled["metadata"]["labels"] = json!({"zone": "b"});
    assert_eq!(looked_at(&mut watched, &[labelled]), names(&[7]));
    let changes = watched.desired.take_changes();
    let gone = Prefix::parse(&cidr(7)).unwrap().prefix;
    assert_eq!(
        (changes.set, changes.gone),
        (Vec::<Route>::new(), vec![gone])
    );
    let moved = cilium_node(9, "10.200.0.0/24");
    assert_eq!(looked_at(&mut watched, &[moved]), names(&[7, 9]));
}

#[test]
fn a_claim_to_what_another_node_has_looks_at_both() {
    let mut watched = large();
    let claim = cilium_node(7, &cidr(1_500));
    assert_eq!(looked_at(&mut watched, &[claim]), names(&[7, 1_500]));
}

/// Nothing reads the ConfigMaps of applications, which some write every few
/// seconds.
#[test]
fn a_config_map_that_nothing_reads_looks_at_no_node() {
    let mut watched = large();
    let leader = config_map("shop", "leader-election", &json!({"holder": "a"}));
    watched.upsert(&[leader.to_string()]);
    watched.settings.gaps.clear();
    watched
        .desired
        .refresh(&mut watched.cluster, &watched.settings);
    watched.settings.set_gap(Gap {
        kind: "Node".to_owned(),
        reason: "forbidden".to_owned(),
        awaited: false,
    });
    let leader = config_map("shop", "leader-election", &json!({"holder": "b"}));
    assert_eq!(looked_at(&mut watched, &[leader]), names(&[]));
}
