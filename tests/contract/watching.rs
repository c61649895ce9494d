//! What a cluster that is watched needs besides a report: kinds, changes,
//! plans.

use podroute::policy::{KindState, ObservedRoute, PlanRequest, RouteChanges};

use super::*;

fn kubernetes() -> Cluster {
    let settings = Settings {
        cni: Some("kubernetes".to_owned()),
        ..Settings::default()
    };
    built_in().open(&settings).unwrap()
}

fn put(cluster: &mut Cluster, objects: &[Value]) {
    let documents: Vec<String> = objects.iter().map(Value::to_string).collect();
    assert_eq!(cluster.upsert(&documents).unwrap(), []);
}

fn remove(cluster: &mut Cluster, name: &str) {
    let key = ObjectKey {
        kind: "Node".to_owned(),
        namespace: None,
        name: name.to_owned(),
    };
    assert!(cluster.remove(&key).unwrap());
}

/// `prefix via next hop`, and the prefixes that are gone.
fn told(changes: &RouteChanges) -> (Vec<String>, Vec<String>) {
    let set = changes.set.iter();
    let set = set.map(|route| format!("{} via {}", route.prefix, route.next_hop));
    (set.collect(), changes.gone.clone())
}

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn observed(id: &str, prefix: &str, next_hop: &str, owner: Option<&str>) -> ObservedRoute {
    ObservedRoute {
        id: id.to_owned(),
        prefix: prefix.to_owned(),
        next_hop: Some(next_hop.to_owned()),
        owner: owner.map(str::to_owned),
    }
}

fn request(observed: Vec<ObservedRoute>) -> PlanRequest {
    PlanRequest {
        owner: "shop".to_owned(),
        former_owners: Vec::new(),
        node_selector: None,
        observed,
        delete_share: 25,
        confirmed: None,
        withdraw: false,
    }
}

#[test]
fn changes_are_those_since_the_last_call() {
    let mut cluster = kubernetes();
    put(
        &mut cluster,
        &[
            node("a", "10.0.1.0/24", "192.0.2.1"),
            node("b", "10.0.2.0/24", "192.0.2.2"),
        ],
    );
    let first = cluster.changes().unwrap();
    assert_eq!(
        told(&first),
        (
            texts(&["10.0.1.0/24 via 192.0.2.1", "10.0.2.0/24 via 192.0.2.2"]),
            vec![]
        )
    );
    assert_eq!(told(&cluster.changes().unwrap()), (vec![], vec![]));

    put(&mut cluster, &[node("a", "10.0.1.0/24", "192.0.2.1")]);
    assert_eq!(
        told(&cluster.changes().unwrap()),
        (vec![], vec![]),
        "put in again as it was"
    );
    put(&mut cluster, &[node("a", "10.0.3.0/24", "192.0.2.1")]);
    remove(&mut cluster, "b");
    put(&mut cluster, &[node("c", "10.0.2.0/24", "192.0.2.3")]);
    assert_eq!(
        told(&cluster.changes().unwrap()),
        (
            texts(&["10.0.2.0/24 via 192.0.2.3", "10.0.3.0/24 via 192.0.2.1"]),
            texts(&["10.0.1.0/24"])
        )
    );
}

#[test]
fn a_kind_that_cannot_be_read_stops_everything_until_it_can() {
    let mut cluster = kubernetes();
    put(&mut cluster, &[node("a", "10.0.1.0/24", "192.0.2.1")]);
    let gone = || {
        request(vec![observed(
            "1",
            "10.0.9.0/24",
            "192.0.2.9",
            Some("shop"),
        )])
    };
    for state in [
        KindState::Awaited,
        KindState::Gap("forbidden for \"ci\"".to_owned()),
    ] {
        cluster.set_kind("Node", &state).unwrap();
        let plan = cluster.plan(&gone()).unwrap();
        assert_eq!((plan.adds.len(), plan.deletes.len()), (0, 0));
        assert_eq!(plan.held.len(), 1);
        assert_eq!(plan.stopped.len(), 1, "{:?}", plan.stopped);
        assert!(plan.stopped[0].starts_with("Node could not be read: "));
        assert_eq!(cluster.changes().unwrap().undecided, plan.stopped);
        assert_eq!(cluster.report().unwrap().undecided, plan.stopped);
    }
    cluster.set_kind("Node", &KindState::Listed).unwrap();
    let plan = cluster.plan(&gone()).unwrap();
    assert_eq!(plan.stopped, texts(&[]));
    assert_eq!((plan.adds.len(), plan.deletes.len()), (1, 1));
}

#[test]
fn a_plan_says_what_to_do_and_what_to_leave_alone() {
    let mut cluster = kubernetes();
    put(
        &mut cluster,
        &[
            node("a", "10.0.1.0/24", "192.0.2.1"),
            node("b", "10.0.2.0/24", "192.0.2.2"),
            node("c", "10.0.3.0/24", "192.0.2.3"),
        ],
    );
    let plan = cluster
        .plan(&request(vec![
            observed("shop-x-0", "10.0.1.0/24", "192.0.2.1", Some("shop")),
            observed("shop-y-0", "10.0.2.0/24", "192.0.2.99", Some("shop")),
            observed("1", "0.0.0.0/0", "192.0.2.254", None),
            observed("2", "10.0.4.0/24", "192.0.2.4", Some("shop-2")),
        ]))
        .unwrap();
    assert_eq!(plan.right[0].id, "shop-x-0");
    assert_eq!(plan.updates[0].to.id, "shop-y-0");
    assert_eq!(plan.updates[0].to.next_hop, "192.0.2.2");
    assert_eq!(plan.adds[0].prefix, "10.0.3.0/24");
    assert_eq!(plan.adds[0].node, "c");
    assert!(plan.adds[0].id.starts_with("shop-"), "{}", plan.adds[0].id);
    assert_eq!((plan.deletes.len(), plan.foreign), (0, 2));
    // Whoever asks again gets the same ids.
    let again = built_in();
    let mut fresh = again
        .open(&Settings {
            cni: Some("kubernetes".to_owned()),
            ..Settings::default()
        })
        .unwrap();
    put(&mut fresh, &[node("c", "10.0.3.0/24", "192.0.2.3")]);
    let other = fresh.plan(&request(vec![])).unwrap();
    assert_eq!(other.adds[0].id, plan.adds[0].id);
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let mut cluster = kubernetes();
    for bad in [
        PlanRequest {
            owner: String::new(),
            ..request(vec![])
        },
        PlanRequest {
            node_selector: Some("zone in".to_owned()),
            ..request(vec![])
        },
    ] {
        let error = cluster.plan(&bad).unwrap_err();
        assert!(matches!(error, Error::InvalidRequest(_)), "{error}");
    }
    let error = cluster.set_clock(Some("yesterday"), None).unwrap_err();
    assert!(matches!(error, Error::InvalidSetting { .. }), "{error}");
    assert!(cluster.report().is_ok(), "and nothing is lost");
}

/// Two nodes claim a prefix. The older one would get it, but the table has a
/// route to the other.
#[test]
fn what_is_contested_stays_where_it_is() {
    let mut older = node("a", "10.0.1.0/24", "192.0.2.1");
    older["metadata"]["creationTimestamp"] = json!("2026-01-01T00:00:00Z");
    let mut younger = node("b", "10.0.1.0/24", "192.0.2.2");
    younger["metadata"]["creationTimestamp"] = json!("2026-02-01T00:00:00Z");
    let mut cluster = kubernetes();
    put(&mut cluster, &[older, younger]);
    let routed_to = |cluster: &mut Cluster| cluster.report().unwrap().routes[0].node.clone();
    assert_eq!(routed_to(&mut cluster), "a");
    let there = vec![observed("x", "10.0.1.0/24", "192.0.2.2", Some("shop"))];
    let plan = cluster.plan(&request(there)).unwrap();
    assert_eq!(plan.right.len(), 1);
    assert_eq!(routed_to(&mut cluster), "b");
    remove(&mut cluster, "b");
    assert_eq!(routed_to(&mut cluster), "a");
}

#[test]
fn needs_follow_the_cni() {
    let mut cluster = built_in().open(&Settings::default()).unwrap();
    let names = |cluster: &mut Cluster| -> Vec<String> {
        let needs = cluster.needs().unwrap();
        needs.into_iter().map(|need| need.kind).collect()
    };
    cluster.set_kind("DaemonSet", &KindState::Awaited).unwrap();
    assert!(!names(&mut cluster).contains(&"CiliumNode".to_owned()));
    put(
        &mut cluster,
        &[json!({
            "apiVersion": "apps/v1", "kind": "DaemonSet",
            "metadata": {"namespace": "kube-system", "name": "calico-node"},
        })],
    );
    cluster.set_kind("DaemonSet", &KindState::Listed).unwrap();
    let needs = names(&mut cluster);
    assert!(needs.contains(&"BlockAffinity".to_owned()), "{needs:?}");
    assert!(!needs.contains(&"CiliumNode".to_owned()), "{needs:?}");
}
