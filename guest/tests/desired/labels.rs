//! Labels decide which CiliumNodeConfigs select a node. Both come and go.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use podroute_policy::objects::Kind;
use podroute_policy::settings::RawSettings;
use serde_json::{Value, json};

use crate::objects::{config_map, daemon_set};
use crate::watched::Watched;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// IPv6 is switched off for the nodes of zone a.
    Override,
    NoOverride,
    /// A node is of this zone now.
    Zone(&'static str, &'static str),
    Remove(&'static str),
}

use Step::{NoOverride, Override, Remove, Zone};

/// Two nodes that have an IPv6 pod CIDR each, and one that stays.
fn start() -> Watched {
    let mut watched = Watched::new(RawSettings::default());
    let data = json!({"ipam": "cluster-pool"});
    let mut objects = vec![
        config_map("kube-system", "cilium-config", &data),
        daemon_set("cilium", 2),
    ];
    objects.push(node("stays", "c"));
    for (name, cidr) in [("n", "fd00:0:0:1::/64"), ("o", "fd00:0:0:2::/64")] {
        objects.push(json!({
            "apiVersion": "cilium.io/v2", "kind": "CiliumNode", "metadata": {"name": name},
            "spec": {"ipam": {"podCIDRs": [cidr]}},
        }));
    }
    let documents: Vec<String> = objects.iter().map(ToString::to_string).collect();
    watched.load(&documents);
    watched
}

fn node(name: &str, zone: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {"name": name, "labels": {"zone": zone}},
        "status": {"addresses": [{"type": "InternalIP", "address": "2001:db8::1"}]},
    })
}

impl Step {
    fn run(self, watched: &mut Watched) {
        match self {
            Override => watched.upsert(&[json!({
                "apiVersion": "cilium.io/v2", "kind": "CiliumNodeConfig",
                "metadata": {"namespace": "kube-system", "name": "old-racks"},
                "spec": {
                    "nodeSelector": {"matchLabels": {"zone": "a"}},
                    "defaults": {"enable-ipv6": "false"},
                },
            })
            .to_string()]),
            NoOverride => watched.remove(Kind::CiliumNodeConfig, "kube-system", "old-racks"),
            Zone(name, zone) => watched.upsert(&[node(name, zone).to_string()]),
            Remove(name) => watched.remove(Kind::Node, "", name),
        }
    }
}

/// The node's labels changed while no CiliumNodeConfig looked at them. That
/// must not count once one does again.
#[test]
fn labels_that_nobody_looked_at_are_forgotten() {
    let mut watched = start();
    for step in [
        Override,
        Zone("n", "a"),
        NoOverride,
        Zone("n", "b"),
        Override,
        Zone("n", "a"),
    ] {
        step.run(&mut watched);
        watched.compare(&format!("{step:?}"));
    }
    assert_eq!(watched.desired.withheld().count(), 1);
    // Nobody switches anything off for a node that is not there: the claim of
    // its CiliumNode is seen again.
    Remove("n").run(&mut watched);
    watched.compare("the node went");
    assert_eq!(watched.desired.withheld().count(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_the_order_of_labels_and_overrides(steps in vec(prop_oneof![
        Just(Override),
        Just(NoOverride),
        (select(vec!["n", "o"]), select(vec!["a", "b", "c"])).prop_map(|(name, zone)| Zone(name, zone)),
        (select(vec!["n", "o"]), select(vec!["a", "b", "c"])).prop_map(|(name, zone)| Zone(name, zone)),
        select(vec!["n", "o"]).prop_map(Remove),
    ], 0..30)) {
        let mut watched = start();
        for step in steps {
            step.run(&mut watched);
            watched.compare(&format!("{step:?}"));
        }
    }
}
