//! A cluster that resides in a policy with little memory, and an object that
//! is too large for it.

use serde_json::{Value, json};

use super::*;
use crate::policy::Limits;

/// Room for a small cluster and not for [`GIANT`].
const MEMORY: usize = 16 << 20;
const GIANT: usize = 20 << 20;

fn resident() -> Resident {
    let policy = Policy::built_in().unwrap().with_limits(Limits {
        memory: MEMORY,
        ..Limits::default()
    });
    let mut resident = Resident::open(policy, Settings::default()).unwrap();
    resident.want(&[]).unwrap();
    resident
}

fn source(kind: &str) -> &'static Source {
    sources(kind)[0]
}

fn put(object: &Value) -> Told {
    let kind = source(object["kind"].as_str().unwrap());
    let namespace = object["metadata"]["namespace"].as_str();
    Told::Put {
        source: kind,
        object: Object {
            key: ObjectKey {
                kind: kind.kind,
                namespace: namespace.map(str::to_owned),
                name: object["metadata"]["name"].as_str().unwrap().to_owned(),
            },
            json: object.to_string(),
        },
    }
}

fn gone(kind: &str, name: &str) -> Told {
    Told::Gone {
        source: source(kind),
        key: ObjectKey {
            kind: source(kind).kind,
            namespace: None,
            name: name.to_owned(),
        },
    }
}

/// A complete list of a kind.
fn list(kind: &str, objects: &[Value]) -> Vec<Told> {
    let source = source(kind);
    let mut told = vec![Told::Listing { source }];
    told.extend(objects.iter().map(put));
    told.push(Told::Listed { source });
    told
}

fn node(number: u8) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("w{number}")},
        "spec": {"podCIDRs": [format!("10.0.{number}.0/24")]},
        "status": {"addresses": [{"type": "InternalIP", "address": format!("192.0.2.{number}")}]},
    })
}

fn giant(number: u8) -> Value {
    let mut node = node(number);
    node["metadata"]["annotations"] = json!({"example.com/much": "x".repeat(GIANT)});
    node
}

/// Flannel in host scope: everything listed, three nodes.
fn flannel() -> Resident {
    let mut resident = resident();
    let daemon_set = json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet",
        "metadata": {"namespace": "kube-flannel", "name": "kube-flannel-ds"},
        "spec": {"template": {"spec": {"containers": [
            {"name": "kube-flannel", "image": "ghcr.io/flannel-io/flannel:v0.26.1"},
        ]}}},
    });
    resident.take(list("DaemonSet", &[daemon_set]));
    resident.take(list("Node", &[node(1), node(2), node(3)]));
    for source in sources("ConfigMap") {
        resident.take(vec![Told::Listing { source }, Told::Listed { source }]);
    }
    resident
}

fn standing(resident: &Resident, kind: &str) -> Standing {
    let mut standings = resident.kinds().standings();
    standings.find(|(name, _)| *name == kind).unwrap().1
}

/// The routes, and why none may be touched.
fn routes(resident: &mut Resident) -> (Vec<String>, Vec<String>) {
    let report = resident.report().unwrap();
    let routes = report.routes.into_iter();
    let routes = routes.map(|route| format!("{} via {}", route.prefix, route.next_hop));
    (routes.collect(), report.undecided)
}

fn of_nodes(numbers: &[u8]) -> Vec<String> {
    let route = |number| format!("10.0.{number}.0/24 via 192.0.2.{number}");
    numbers.iter().map(route).collect()
}

#[test]
fn a_fresh_instance_gives_the_same_report() {
    let mut resident = flannel();
    let before = resident.report_json().unwrap();
    resident.take(vec![put(&giant(4))]);
    assert!(resident.restarts().0 > 0);
    let error = resident.restarts().1.unwrap();
    assert!(error.contains("needs more than 16 MiB"), "{error}");
    resident.take(vec![gone("Node", "w4")]);
    let after = resident.report_json().unwrap();
    assert_eq!(after, before);
    assert_eq!(
        routes(&mut resident),
        (of_nodes(&[1, 2, 3]), Vec::<String>::new())
    );
}

#[test]
fn an_object_that_crashes_the_policy_is_left_out_and_makes_its_kind_unreadable() {
    let mut resident = flannel();
    // In one batch with others, which are taken in all the same.
    resident.take(vec![put(&node(4)), put(&giant(2)), put(&node(5))]);
    let reason = "Node w2 makes the policy fail: the policy needs more than 16 MiB of memory; raise the limit if the cluster is very large";
    assert_eq!(
        standing(&resident, "Node"),
        Standing::Unreadable {
            reason: reason.to_owned(),
            listed_once: true,
        }
    );
    let (routes_now, undecided) = routes(&mut resident);
    assert_eq!(routes_now, of_nodes(&[1, 3, 4, 5]));
    assert_eq!(undecided, [format!("Node could not be read: {reason}")]);

    // It shrinks.
    resident.take(vec![put(&node(2))]);
    assert_eq!(standing(&resident, "Node"), Standing::Synced);
    assert_eq!(
        routes(&mut resident),
        (of_nodes(&[1, 2, 3, 4, 5]), Vec::<String>::new())
    );
}

#[test]
fn what_is_left_out_and_goes_makes_its_kind_readable_again() {
    // By a change, and between two lists.
    for told in [vec![gone("Node", "w3")], list("Node", &[node(1), node(2)])] {
        let mut resident = flannel();
        resident.take(vec![put(&giant(3))]);
        assert!(matches!(
            standing(&resident, "Node"),
            Standing::Unreadable { .. }
        ));
        resident.take(told);
        assert_eq!(standing(&resident, "Node"), Standing::Synced);
        assert_eq!(
            routes(&mut resident),
            (of_nodes(&[1, 2]), Vec::<String>::new())
        );
    }
}

#[test]
fn what_is_left_out_and_is_listed_again_stays_left_out() {
    let mut resident = flannel();
    resident.take(vec![put(&giant(3))]);
    resident.take(list("Node", &[node(1), node(2), giant(3)]));
    assert!(matches!(
        standing(&resident, "Node"),
        Standing::Unreadable { .. }
    ));
    assert_eq!(routes(&mut resident).0, of_nodes(&[1, 2]));
}

#[test]
fn a_list_takes_away_what_it_does_not_show_once_it_is_complete() {
    let mut resident = flannel();
    let source = source("Node");
    resident.take(vec![Told::Listing { source }, put(&node(3))]);
    assert_eq!(routes(&mut resident).0, of_nodes(&[1, 2, 3]));
    // It breaks off and starts over.
    resident.take(vec![Told::Listing { source }, put(&node(1)), put(&node(4))]);
    assert_eq!(routes(&mut resident).0, of_nodes(&[1, 2, 3, 4]));
    resident.take(vec![Told::Listed { source }]);
    assert_eq!(routes(&mut resident).0, of_nodes(&[1, 4]));
    let gone = resident.changes().unwrap().gone;
    // Never asked before: what came and went in between is no change.
    assert_eq!(gone, Vec::<String>::new());
}

#[test]
fn what_planning_has_changed_is_told_even_if_it_changes_back() {
    let mut resident = flannel();
    // Two nodes with one pod CIDR: the first by name, until a table says
    // otherwise.
    let mut rival = node(1);
    rival["metadata"]["name"] = json!("z1");
    rival["status"] = node(9)["status"].clone();
    resident.take(vec![put(&rival)]);
    let of = |resident: &mut Resident| {
        let set = resident.changes().unwrap().set.into_iter();
        let set = set.filter(|route| route.prefix == "10.0.1.0/24");
        set.map(|route| route.node).collect::<Vec<_>>()
    };
    assert_eq!(of(&mut resident), ["w1"]);
    let request = PlanRequest {
        owner: "shop".to_owned(),
        former_owners: Vec::new(),
        node_selector: None,
        observed: vec![policy::ObservedRoute {
            id: "1".to_owned(),
            prefix: "10.0.1.0/24".to_owned(),
            next_hop: Some("192.0.2.9".to_owned()),
            owner: Some("shop".to_owned()),
        }],
        delete_share: 25,
        confirmed: None,
        withdraw: false,
    };
    assert_eq!(resident.plan(&request).unwrap().right[0].node, "z1");
    resident.take(vec![gone("Node", "z1")]);
    assert_eq!(of(&mut resident), ["w1"]);
    assert_eq!(of(&mut resident), Vec::<String>::new());
}

#[test]
fn a_kind_is_in_sync_when_all_its_sources_are() {
    let mut resident = resident();
    assert_eq!(standing(&resident, "ConfigMap"), Standing::Waiting);
    let sources = sources("ConfigMap");
    let first = sources[0];
    for source in sources.iter().skip(1) {
        resident.take(vec![Told::Listing { source }, Told::Listed { source }]);
        assert_eq!(standing(&resident, "ConfigMap"), Standing::Waiting);
    }
    let reason = || "forbidden".to_owned();
    let unreadable = |listed_once| Standing::Unreadable {
        reason: reason(),
        listed_once,
    };
    resident.take(vec![Told::Unreadable {
        source: first,
        reason: reason(),
    }]);
    assert_eq!(standing(&resident, "ConfigMap"), unreadable(false));
    resident.take(vec![
        Told::Listing { source: first },
        Told::Listed { source: first },
    ]);
    assert_eq!(standing(&resident, "ConfigMap"), Standing::Synced);
    resident.take(vec![Told::Unreadable {
        source: first,
        reason: reason(),
    }]);
    assert_eq!(standing(&resident, "ConfigMap"), unreadable(true));
    resident.take(vec![Told::Readable { source: first }]);
    assert_eq!(standing(&resident, "ConfigMap"), Standing::Synced);
}

#[test]
fn what_cannot_even_be_named_makes_its_kind_unreadable_until_the_next_list() {
    let mut resident = flannel();
    resident.take(vec![Told::Unusable {
        source: source("Node"),
        problem: "a Node without a name".to_owned(),
    }]);
    assert_eq!(
        standing(&resident, "Node"),
        Standing::Unreadable {
            reason: "a Node without a name".to_owned(),
            listed_once: true,
        }
    );
    resident.take(vec![put(&node(4))]);
    assert_ne!(standing(&resident, "Node"), Standing::Synced);
    resident.take(list("Node", &[node(1)]));
    assert_eq!(standing(&resident, "Node"), Standing::Synced);
}
