//! Clusters of any CNI, and changes of them.

use podroute_policy::objects::document::Contents;
use podroute_policy::review::Change;
use podroute_policy::settings::{RawSettings, Settings};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::addresses::address;
use crate::world;

#[derive(Clone, Debug)]
pub(crate) struct Case {
    settings: Value,
    pub(crate) documents: Vec<String>,
    puts: Vec<Value>,
    deletes: Vec<Index>,
}

impl Case {
    pub(crate) fn settings(&self) -> Settings {
        let raw: RawSettings = serde_json::from_value(self.settings.clone()).unwrap();
        Settings::try_from(raw).unwrap()
    }

    pub(crate) fn changes(&self) -> Vec<Change> {
        let puts = self
            .puts
            .iter()
            .map(|object| Change::Put(object.to_string()));
        let deletes = self.deletes.iter().flat_map(|at| {
            let objects = Contents::read(&self.documents[at.index(self.documents.len())]).objects;
            objects
                .into_iter()
                .map(|object| Change::Delete(object.key()))
        });
        puts.chain(deletes).collect()
    }
}

pub(crate) fn case() -> impl Strategy<Value = Case> {
    select(&world::ALL[..]).prop_flat_map(|world| {
        let objects = vec(prop_oneof![6 => world.object(), 1 => service()], 2..25);
        let puts = vec(prop_oneof![4 => world.object(), 1 => service()], 0..3);
        (settings(), objects, puts, vec(any::<Index>(), 0..2)).prop_map(
            move |(settings, objects, puts, deletes)| Case {
                settings,
                documents: world
                    .proof()
                    .into_iter()
                    .chain(objects)
                    .map(|object| object.to_string())
                    .collect(),
                puts,
                deletes,
            },
        )
    })
}

fn settings() -> impl Strategy<Value = Value> {
    const KINDS: [&str; 9] = [
        "BlockAffinity",
        "CiliumNode",
        "ConfigMap",
        "DaemonSet",
        "Gateway",
        "HostSubnet",
        "IPPool",
        "Node",
        "Service",
    ];
    let all = json!({"listedKinds": KINDS, "at": "2026-01-31T12:00:00Z", "today": "2026-01-31"});
    prop_oneof![
        4 => Just(all.clone()),
        1 => Just(json!({})),
        1 => Just(with(&all, &json!({"routeLimit": 4}))),
        1 => Just(with(&all, &json!({"connectedNetworks": ["10.0.0.0/20"]}))),
        1 => Just(with(&all, &json!({"nodeNetworks": ["10.0.0.0/16"], "aggregate": true}))),
    ]
}

fn with(settings: &Value, more: &Value) -> Value {
    let mut settings = settings.clone();
    for (name, value) in more.as_object().unwrap() {
        settings[name] = value.clone();
    }
    settings
}

fn service() -> impl Strategy<Value = Value> {
    let protocol = select(vec!["TCP", "SCTP"]);
    (select(vec!["a", "b", "c"]), address(), protocol).prop_map(|(name, address, protocol)| {
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"namespace": "shop", "name": name},
            "spec": {
                "clusterIP": address,
                "clusterIPs": [address],
                "ports": [{"port": 80, "protocol": protocol, "targetPort": 8080}],
            },
        })
    })
}
