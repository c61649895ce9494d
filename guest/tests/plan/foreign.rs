//! Routes of others that are in the way.

use podroute_policy::plan::Observed;

use crate::watched::{cluster, lines, nodes, request, right, route};

/// Which of two routes to one prefix counts would be chance: that of others
/// stays and ours is left out, wherever theirs goes.
#[test]
fn a_foreign_route_to_the_same_prefix_keeps_ours_out() {
    for next_hop in ["203.0.113.1", "192.0.2.1"] {
        for owner in [None, Some("other")] {
            let observed = [route("f", "10.244.1.0/24", next_hop, owner), right(2)];
            let plan = cluster(&nodes(1..=2)).plan(&request(&observed));
            assert_eq!(plan.foreign, 1);
            assert_eq!(
                lines(&plan),
                [
                    "right r2 10.244.2.0/24 via 192.0.2.2 (n2)".to_owned(),
                    format!("blocked 10.244.1.0/24 (n1) by f 10.244.1.0/24 via {next_hop}"),
                ]
            );
        }
    }
}

#[test]
fn a_narrower_foreign_route_is_reported_and_blocks_nothing() {
    let observed = [
        route("f", "10.244.1.128/25", "203.0.113.1", None),
        // To where the packets go anyway.
        route("same-way", "10.244.1.0/25", "192.0.2.1", None),
    ];
    assert_eq!(
        cluster(&nodes([1])).lines(&observed),
        [
            "add shop-73716c7acd015f22-0 10.244.1.0/24 via 192.0.2.1 (n1)",
            "disturbed 10.244.1.0/24 (n1) by f 10.244.1.128/25 via 203.0.113.1",
        ]
    );
}

/// Packets go by the longest prefix: wider routes of others take none.
#[test]
fn a_wider_foreign_route_is_in_nobodys_way() {
    let observed = [
        route("default", "0.0.0.0/0", "203.0.113.1", None),
        route("wide", "10.244.0.0/16", "203.0.113.1", None),
        route("six", "::/0", "2001:db8::1", None),
        route("unreadable", "default", "203.0.113.1", None),
    ];
    let plan = cluster(&nodes([1])).plan(&request(&observed));
    assert_eq!(plan.foreign, 4);
    assert_eq!(
        lines(&plan),
        ["add shop-73716c7acd015f22-0 10.244.1.0/24 via 192.0.2.1 (n1)"]
    );
}

/// Ours was there first, or was added by hand: it is kept right, and whoever
/// looks is told.
#[test]
fn ours_stays_beside_a_foreign_one_to_the_same_prefix() {
    let foreign = |id: &str, number: u8| {
        let prefix = format!("10.244.{number}.0/24");
        route(id, &prefix, "203.0.113.1", Some("other"))
    };
    let mut wrong = right(2);
    wrong.next_hop = Some("192.0.2.9".to_owned());
    let observed = [foreign("f1", 1), right(1), foreign("f2", 2), wrong];
    assert_eq!(
        cluster(&nodes(1..=2)).lines(&observed),
        [
            "update r2 10.244.2.0/24 via 192.0.2.9 of shop to 10.244.2.0/24 via 192.0.2.2 (n2)",
            "right r1 10.244.1.0/24 via 192.0.2.1 (n1)",
            "disturbed 10.244.1.0/24 (n1) by f1 10.244.1.0/24 via 203.0.113.1",
            "disturbed 10.244.2.0/24 (n2) by f2 10.244.2.0/24 via 203.0.113.1",
        ]
    );
}

/// An interface route or a black hole has no next hop.
#[test]
fn a_foreign_route_to_nowhere_is_in_the_way_too() {
    let to_nowhere = |id: &str, prefix: &str| Observed {
        next_hop: None,
        ..route(id, prefix, "", None)
    };
    let observed = [
        to_nowhere("f1", "10.244.1.9/24"),
        to_nowhere("f2", "10.244.2.9/32"),
    ];
    assert_eq!(
        cluster(&nodes(1..=2)).lines(&observed),
        [
            "add shop-51426ccec5d60701-0 10.244.2.0/24 via 192.0.2.2 (n2)",
            "blocked 10.244.1.0/24 (n1) by f1 10.244.1.9/24 via nothing",
            "disturbed 10.244.2.0/24 (n2) by f2 10.244.2.9/32 via nothing",
        ]
    );
}

#[test]
fn once_it_is_gone_ours_is_added() {
    let mut cluster = cluster(&nodes([1]));
    let foreign = route("f", "10.244.1.0/24", "203.0.113.1", None);
    assert_eq!(cluster.plan(&request(&[foreign])).adds, []);
    assert_eq!(
        cluster.lines(&[]),
        ["add shop-73716c7acd015f22-0 10.244.1.0/24 via 192.0.2.1 (n1)"]
    );
}
