//! Routes that nobody wants now and that stay all the same.

use podroute_policy::settings::Gap;

use crate::watched::{at, claiming, cluster, ids, node, nodes, ours, right, rights, route};

const WAITS_FOR_N1: &str = "node n1 has no usable address now; its last next hop stays until it has one, or gives the pod CIDR back";

#[test]
fn while_anything_is_open_nothing_is_touched() {
    let mut cluster = cluster(&nodes(1..=2));
    cluster.settings.set_gap(Gap {
        kind: "Node".to_owned(),
        reason: "forbidden".to_owned(),
        awaited: false,
    });
    let observed = [
        ours("wrong", "10.244.1.0/24", "192.0.2.9"),
        ours("gone", "10.244.9.0/24", "192.0.2.9"),
        ours("unreadable", "default", "192.0.2.9"),
        route("f", "10.244.2.0/24", "203.0.113.1", None),
    ];
    let why = "nothing is touched while it is not known what the routes should be";
    let plan = cluster.lines(&observed);
    assert_eq!(
        plan,
        [
            "stopped: Node could not be read: forbidden".to_owned(),
            format!("held gone 10.244.9.0/24: {why}"),
            format!("held unreadable default: {why}"),
            format!("held wrong 10.244.1.0/24: {why}"),
        ]
    );
    // It can be read now: the same table gets a plan.
    cluster.settings.set_listed("Node");
    cluster.desired.forget();
    let lines = cluster.lines(&observed);
    assert_eq!(ids(&lines, "update"), ["wrong"]);
    assert_eq!(ids(&lines, "delete"), ["unreadable", "gone"]);
}

/// A list that came back empty, for whatever reason, is no reason to delete.
#[test]
fn a_cluster_without_nodes_deletes_nothing() {
    let mut cluster = cluster(&nodes([1]));
    cluster.remove("n1");
    let lines = cluster.lines(&rights([1]));
    assert_eq!(lines[0], "stopped: no Node is in the snapshot");
    assert_eq!(ids(&lines, "held"), ["r1"]);
    assert_eq!(lines.len(), 2);
}

#[test]
fn the_route_of_a_node_without_an_address_stays_until_the_pod_cidr_is_given_back() {
    let mut cluster = cluster(&nodes(1..=4));
    let table = rights(1..=4);
    for addresses in [&[][..], &["fe80::1"], &["169.254.0.1"], &["2001:db8::1"]] {
        cluster.put(&[at(1, addresses, &["10.244.1.0/24"])]);
        let lines = cluster.lines(&table);
        assert_eq!(ids(&lines, "right"), ["r2", "r3", "r4"]);
        assert_eq!(
            lines[3..],
            [format!("held r1 10.244.1.0/24: {WAITS_FOR_N1}")]
        );
    }
    cluster.put(&[at(1, &[], &["10.244.8.0/24"])]);
    let lines = cluster.lines(&table);
    assert_eq!(ids(&lines, "delete"), ["r1"]);
    assert_eq!(ids(&lines, "held"), Vec::<&str>::new());
    // Or the node goes.
    cluster.put(&[at(1, &[], &["10.244.1.0/24"])]);
    cluster.remove("n1");
    assert_eq!(ids(&cluster.lines(&table), "delete"), ["r1"]);
}

#[test]
fn an_annotation_that_is_none_holds_the_route_as_well() {
    let mut typo = node(1);
    typo["metadata"]["annotations"] = serde_json::json!({"podroute.dev/next-hop": "192.0.2"});
    let lines = cluster(&[typo, node(2)]).lines(&rights(1..=2));
    assert_eq!(
        lines,
        [
            "right r2 10.244.2.0/24 via 192.0.2.2 (n2)".to_owned(),
            format!("held r1 10.244.1.0/24: {WAITS_FOR_N1}"),
        ]
    );
}

/// One family is gone, the other is not touched by that.
#[test]
fn each_family_is_held_for_itself() {
    let cidrs = ["10.244.1.0/24", "fd00:10:244:1::/64"];
    let mut cluster = cluster(&[at(1, &["192.0.2.1"], &cidrs)]);
    let observed = [right(1), ours("six", "fd00:10:244:1::/64", "2001:db8::1")];
    assert_eq!(
        cluster.lines(&observed),
        [
            "right r1 10.244.1.0/24 via 192.0.2.1 (n1)".to_owned(),
            format!("held six fd00:10:244:1::/64: {WAITS_FOR_N1}"),
        ]
    );
}

#[test]
fn nothing_is_held_against_another_node_that_has_the_pod_cidr_or_a_part() {
    let mut cluster = cluster(&nodes(2..=4));
    cluster.put(&[at(1, &[], &["10.244.1.0/24"])]);
    let table = rights(1..=4);
    assert_eq!(ids(&cluster.lines(&table), "held"), ["r1"]);
    // All of it: the same route leads there.
    cluster.put(&[claiming(5, &["10.244.1.0/24"])]);
    let lines = cluster.lines(&table);
    assert_eq!(ids(&lines, "update"), ["r1"]);
    assert_eq!(ids(&lines, "held"), Vec::<&str>::new());
    // A part.
    cluster.put(&[claiming(5, &["10.244.1.128/25"])]);
    let lines = cluster.lines(&table);
    assert_eq!(ids(&lines, "delete"), ["r1"]);
    assert_eq!(ids(&lines, "held"), Vec::<&str>::new());
    // A wider one of which it is a part.
    cluster.put(&[claiming(5, &["10.244.0.0/23"])]);
    let lines = cluster.lines(&table);
    assert_eq!(ids(&lines, "delete"), ["r1"]);
    assert_eq!(ids(&lines, "add"), ["shop-826e78a79746bd16-0"]);
    assert_eq!(ids(&lines, "held"), Vec::<&str>::new());
}

/// The address comes back, another or the same: the same route again.
#[test]
fn the_held_route_is_taken_up_again() {
    let mut cluster = cluster(&[at(1, &[], &["10.244.1.0/24"])]);
    assert_eq!(ids(&cluster.lines(&rights([1])), "held"), ["r1"]);
    cluster.put(&[at(1, &["192.0.2.7"], &["10.244.1.0/24"])]);
    assert_eq!(
        cluster.lines(&rights([1])),
        ["update r1 10.244.1.0/24 via 192.0.2.1 of shop to 10.244.1.0/24 via 192.0.2.7 (n1)"]
    );
    cluster.put(&[node(1)]);
    assert_eq!(ids(&cluster.lines(&rights([1])), "right"), ["r1"]);
}

/// What the node never had a route for is not made up.
#[test]
fn a_node_without_an_address_gets_no_route() {
    let mut cluster = cluster(&[at(1, &[], &["10.244.1.0/24"]), node(2)]);
    let lines = cluster.lines(&[]);
    assert_eq!(ids(&lines, "add"), ["shop-51426ccec5d60701-0"]);
    assert_eq!(lines.len(), 1);
}
