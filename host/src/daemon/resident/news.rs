//! What is news to a cluster that resides, and what is known already.

use serde_json::json;

use super::*;

fn source() -> &'static Source {
    sources("Node")[0]
}

/// The node `w1` with an address.
fn put(address: &str) -> Told {
    let node = json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": "w1"},
        "spec": {"podCIDRs": ["10.0.1.0/24"]},
        "status": {"addresses": [{"type": "InternalIP", "address": address}]},
    });
    Told::Put {
        source: source(),
        object: Object {
            key: key(),
            json: node.to_string(),
        },
    }
}

fn key() -> ObjectKey {
    ObjectKey {
        kind: "Node",
        namespace: None,
        name: "w1".to_owned(),
    }
}

fn next_hops(resident: &mut Resident) -> Vec<String> {
    let routes = resident.report().unwrap().routes;
    routes.into_iter().map(|route| route.next_hop).collect()
}

#[test]
fn an_object_that_is_as_it_was_is_no_news() {
    let policy = Policy::built_in().unwrap();
    let mut resident = Resident::open(policy, Settings::default()).unwrap();
    assert!(resident.take(vec![put("192.0.2.1")]));
    assert!(!resident.take(vec![put("192.0.2.1")]));
    assert!(resident.take(vec![put("192.0.2.2")]));
    assert_eq!(next_hops(&mut resident), ["192.0.2.2"]);

    // Away and back again at once: the last one counts.
    assert!(resident.take(vec![put("192.0.2.3"), put("192.0.2.2")]));
    assert_eq!(next_hops(&mut resident), ["192.0.2.2"]);

    // A list that shows it as it was: it is still there.
    let source = source();
    resident.take(vec![
        Told::Listing { source },
        put("192.0.2.2"),
        Told::Listed { source },
    ]);
    assert_eq!(next_hops(&mut resident), ["192.0.2.2"]);
    let key = key();
    assert!(resident.take(vec![Told::Gone { source, key }]));
    assert_eq!(next_hops(&mut resident), Vec::<String>::new());
    assert!(resident.take(vec![put("192.0.2.2")]));
    assert_eq!(next_hops(&mut resident), ["192.0.2.2"]);
}
