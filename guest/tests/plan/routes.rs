//! What is missing is added, what is wrong is mended, what is right stays.
//!
//! The hashes in ids are FNV-1a, 64 bits, of the prefix as text; they were
//! worked out with another implementation.

use podroute_policy::plan::Observed;

use crate::watched::{at, claiming, cluster, ids, node, nodes, ours, right, rights, route};

#[test]
fn an_empty_table_gets_every_route() {
    assert_eq!(
        cluster(&nodes(1..=3)).lines(&[]),
        [
            "add shop-73716c7acd015f22-0 10.244.1.0/24 via 192.0.2.1 (n1)",
            "add shop-51426ccec5d60701-0 10.244.2.0/24 via 192.0.2.2 (n2)",
            "add shop-7fa9b46d068ffacc-0 10.244.3.0/24 via 192.0.2.3 (n3)",
        ]
    );
}

#[test]
fn of_a_node_with_both_families_each_goes_to_its_own_address() {
    let cidrs = ["10.244.1.0/24", "fd00:10:244:1::/64"];
    let both = at(1, &["192.0.2.1", "2001:db8::1"], &cidrs);
    let mut cluster = cluster(&[both]);
    assert_eq!(
        cluster.lines(&[]),
        [
            "add shop-73716c7acd015f22-0 10.244.1.0/24 via 192.0.2.1 (n1)",
            "add shop-0b3dec792c8d0e26-0 fd00:10:244:1::/64 via 2001:db8::1 (n1)",
        ]
    );
    // However the device writes addresses.
    let observed = [ours("six", "FD00:0010:0244:0001::/64", "2001:DB8:0::1")];
    assert_eq!(
        cluster.lines(&observed),
        [
            "add shop-73716c7acd015f22-0 10.244.1.0/24 via 192.0.2.1 (n1)",
            "right six fd00:10:244:1::/64 via 2001:db8::1 (n1)",
        ]
    );
}

#[test]
fn neither_the_order_of_nodes_nor_of_routes_shows() {
    let observed = [
        ours("old-1", "10.9.1.0/24", "192.0.2.9"),
        ours("old-2", "10.9.0.0/24", "192.0.2.9"),
        ours("same-2", "10.244.1.0/24", "192.0.2.9"),
        ours("same-1", "10.244.1.0/24", "192.0.2.8"),
        right(2),
        route("f-2", "10.244.3.0/24", "203.0.113.1", None),
        route("f-1", "10.244.3.0/24", "203.0.113.2", None),
    ];
    let mut reversed = observed.clone();
    reversed.reverse();
    let forward = cluster(&nodes(1..=4)).lines(&observed);
    let backward = cluster(&nodes([4, 3, 2, 1])).lines(&reversed);
    assert_eq!(
        forward[0],
        "add shop-99d236e78e6a30d3-0 10.244.4.0/24 via 192.0.2.4 (n4)"
    );
    assert_eq!(ids(&forward, "update"), ["same-1"]);
    assert_eq!(ids(&forward, "delete"), ["old-2", "old-1", "same-2"]);
    assert_eq!(backward, forward);
}

/// Ids are the device's: somebody else may have taken any.
#[test]
fn an_id_in_use_is_passed_over() {
    let taken = [
        route("shop-73716c7acd015f22-0", "10.9.0.0/24", "192.0.2.9", None),
        route(
            "shop-73716c7acd015f22-1",
            "10.9.1.0/24",
            "192.0.2.9",
            Some("a"),
        ),
    ];
    assert_eq!(
        cluster(&nodes(1..=2)).lines(&taken),
        [
            "add shop-73716c7acd015f22-2 10.244.1.0/24 via 192.0.2.1 (n1)",
            "add shop-51426ccec5d60701-0 10.244.2.0/24 via 192.0.2.2 (n2)",
        ]
    );
}

#[test]
fn what_is_right_stays_under_whatever_id() {
    let observed = [
        ours(
            "shop-3f0e9c3e-5c0b-4a53-8d3b-0d4f0f1a2b3c-0",
            "10.244.1.0/24",
            "192.0.2.1",
        ),
        ours("shop-17", "10.244.2.0/24", "192.0.2.2"),
    ];
    assert_eq!(
        cluster(&nodes(1..=2)).lines(&observed),
        [
            "right shop-3f0e9c3e-5c0b-4a53-8d3b-0d4f0f1a2b3c-0 10.244.1.0/24 via 192.0.2.1 (n1)",
            "right shop-17 10.244.2.0/24 via 192.0.2.2 (n2)",
        ]
    );
}

#[test]
fn host_bits_on_the_device_do_not_make_another_prefix() {
    let observed = [ours("r1", "10.244.1.7/24", "192.0.2.1")];
    assert_eq!(
        cluster(&nodes([1])).lines(&observed),
        ["right r1 10.244.1.0/24 via 192.0.2.1 (n1)"]
    );
}

#[test]
fn a_wrong_next_hop_is_mended_under_the_same_id() {
    let nowhere = Observed {
        next_hop: None,
        ..ours("r2", "10.244.2.0/24", "")
    };
    let observed = [
        ours("r1", "10.244.1.0/24", "192.0.2.99"),
        nowhere,
        ours("r3", "10.244.3.0/24", "nonsense"),
    ];
    assert_eq!(
        cluster(&nodes(1..=3)).lines(&observed),
        [
            "update r1 10.244.1.0/24 via 192.0.2.99 of shop to 10.244.1.0/24 via 192.0.2.1 (n1)",
            "update r2 10.244.2.0/24 via nothing of shop to 10.244.2.0/24 via 192.0.2.2 (n2)",
            "update r3 10.244.3.0/24 via nonsense of shop to 10.244.3.0/24 via 192.0.2.3 (n3)",
        ]
    );
}

/// As when a node is replaced by one that is given its pod CIDR.
#[test]
fn a_pod_cidr_that_went_to_another_node_is_mended_and_not_deleted() {
    let mut cluster = cluster(&nodes(1..=2));
    cluster.remove("n1");
    cluster.put(&[claiming(3, &["10.244.1.0/24"])]);
    assert_eq!(
        cluster.lines(&rights(1..=2)),
        [
            "update r1 10.244.1.0/24 via 192.0.2.1 of shop to 10.244.1.0/24 via 192.0.2.3 (n3)",
            "right r2 10.244.2.0/24 via 192.0.2.2 (n2)",
        ]
    );
}

#[test]
fn of_two_routes_of_ours_to_a_prefix_the_right_one_stays() {
    let observed = [
        ours("a-wrong", "10.244.1.0/24", "192.0.2.9"),
        ours("b-right", "10.244.1.0/24", "192.0.2.1"),
        ours("c-right", "10.244.1.9/24", "192.0.2.1"),
    ];
    assert_eq!(
        cluster(&nodes([1])).lines(&observed),
        [
            "delete a-wrong 10.244.1.0/24",
            "delete c-right 10.244.1.9/24",
            "right b-right 10.244.1.0/24 via 192.0.2.1 (n1)",
        ]
    );
}

/// However many: no prefix loses its route.
#[test]
fn routes_to_a_prefix_that_has_another_go_without_a_question() {
    let mut observed = rights(1..=3);
    for number in 1..=3 {
        let mut extra = right(number);
        extra.id = format!("x{number}");
        observed.push(extra);
    }
    let lines = cluster(&nodes(1..=3)).lines(&observed);
    assert_eq!(ids(&lines, "delete"), ["x1", "x2", "x3"]);
    assert_eq!(ids(&lines, "right"), ["r1", "r2", "r3"]);
    assert_eq!(lines.len(), 6);
}

#[test]
fn what_carries_our_mark_and_is_no_prefix_goes() {
    let texts = [
        "",
        "default",
        "10.244.1.0",
        "10.244.1.0/33",
        "::ffff:10.0.0.0/120",
    ];
    let unreadable = texts
        .iter()
        .enumerate()
        .map(|(at, text)| ours(&format!("u{at}"), text, "192.0.2.1"));
    let observed: Vec<Observed> = unreadable.chain([right(1)]).collect();
    let lines = cluster(&nodes([1])).lines(&observed);
    assert_eq!(ids(&lines, "delete"), ["u0", "u1", "u2", "u3", "u4"]);
    assert_eq!(ids(&lines, "right"), ["r1"]);
    assert_eq!(lines.len(), 6);
}

#[test]
fn the_route_of_a_node_that_went_goes() {
    let mut cluster = cluster(&nodes(1..=4));
    cluster.remove("n2");
    let lines = cluster.lines(&rights(1..=4));
    assert_eq!(ids(&lines, "delete"), ["r2"]);
    assert_eq!(ids(&lines, "right"), ["r1", "r3", "r4"]);
    assert_eq!(lines.len(), 4);
}

#[test]
fn the_route_of_an_excluded_node_goes() {
    let mut excluded = node(1);
    excluded["metadata"]["annotations"] = serde_json::json!({"podroute.dev/exclude": "true"});
    let mut cluster = cluster(&nodes(2..=4));
    cluster.put(&[excluded.clone()]);
    let lines = cluster.lines(&rights(1..=4));
    assert_eq!(ids(&lines, "delete"), ["r1"]);
    // Even if the node has no address: nobody wants a route there.
    excluded["status"]["addresses"] = serde_json::json!([]);
    cluster.put(&[excluded]);
    assert_eq!(cluster.lines(&rights(1..=4)), lines);
}
