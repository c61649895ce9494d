//! The cluster in tests/snapshots/shop, and changes to it.

use std::path::{Path, PathBuf};

use podroute::policy::{Change, ObjectKey, Settings};
use podroute::snapshot::Input;
use podroute::{Policy, Snapshot};
use serde_json::{Value, json};

pub(crate) fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/snapshots/shop")
}

pub(crate) fn snapshot() -> Snapshot {
    Snapshot::read(&[Input::Path(path())])
}

/// What the policy itself says of changes to it, without any server.
pub(crate) fn review(changes: &[Change]) -> String {
    let snapshot = snapshot();
    let settings = Settings {
        listed_kinds: snapshot.listed_kinds.iter().cloned().collect(),
        next_hop_types: vec!["InternalIP".to_owned(), "ExternalIP".to_owned()],
        ..Settings::default()
    };
    let mut cluster = Policy::built_in().unwrap().open(&settings).unwrap();
    cluster.load(&snapshot.documents).unwrap();
    cluster.review_json(changes).unwrap()
}

/// A node's prefix is given to another one too: an error.
pub(crate) fn duplicate() -> Value {
    json!({
        "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
        "metadata": {"name": "shop-worker-1", "creationTimestamp": "2025-03-04T08:20:31Z"},
        "spec": {
            "addresses": [{"type": "InternalIP", "ip": "192.0.2.12"}],
            "ipam": {"podCIDRs": ["10.0.0.0/24"]},
        },
    })
}

/// Nothing reads this: no finding.
pub(crate) fn harmless() -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "default", "name": "colours"},
        "data": {"sky": "blue"},
    })
}

pub(crate) fn put(object: &Value) -> Change {
    Change::Put(object.to_string())
}

pub(crate) fn delete(kind: &str, name: &str) -> Change {
    Change::Delete(ObjectKey {
        kind: kind.to_owned(),
        namespace: None,
        name: name.to_owned(),
    })
}

/// The rules of the findings that a review adds.
pub(crate) fn added(review: &Value) -> Vec<&str> {
    let findings = review["added"].as_array().expect("findings");
    let rules = findings.iter().map(|finding| finding["rule"].as_str());
    rules.map(Option::unwrap).collect()
}
