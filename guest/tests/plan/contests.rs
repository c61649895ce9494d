//! A prefix that two nodes claim stays with the one that the table has a route
//! to. Without one it is the older node's.

use crate::watched::{
    aggregated, at, claiming, cluster, ids, in_zone, lines, node, ours, selecting,
};

const BOTH: &str = "10.244.1.0/24";

#[test]
fn a_new_prefix_is_the_older_nodes() {
    let lines = cluster(&[claiming(2, &[BOTH]), claiming(1, &[BOTH])]).lines(&[]);
    assert_eq!(
        lines,
        ["add shop-73716c7acd015f22-0 10.244.1.0/24 via 192.0.2.1 (n1)"]
    );
}

/// Also when nothing is remembered: the table is the memory.
#[test]
fn a_contested_prefix_stays_where_the_table_has_it() {
    for restart in [false, true] {
        let mut watched = cluster(&[claiming(2, &[BOTH])]);
        let table = [ours("r", BOTH, "192.0.2.2")];
        let right = ["right r 10.244.1.0/24 via 192.0.2.2 (n2)"];
        assert_eq!(watched.lines(&table), right);
        // The older node claims it too.
        watched.put(&[claiming(1, &[BOTH])]);
        if restart {
            watched = cluster(&[claiming(1, &[BOTH]), claiming(2, &[BOTH])]);
        }
        assert_eq!(watched.lines(&table), right);
        // The node goes, and the other has it from then on.
        watched.remove("n2");
        let moved =
            "update r 10.244.1.0/24 via 192.0.2.2 of shop to 10.244.1.0/24 via 192.0.2.1 (n1)";
        assert_eq!(watched.lines(&table), [moved]);
        watched.put(&[claiming(2, &[BOTH])]);
        let table = [ours("r", BOTH, "192.0.2.1")];
        assert_eq!(
            watched.lines(&table),
            ["right r 10.244.1.0/24 via 192.0.2.1 (n1)"]
        );
    }
}

/// A route that is somebody else's gives nobody a claim.
#[test]
fn a_foreign_route_decides_no_contest() {
    let mut foreign = ours("f", BOTH, "192.0.2.2");
    foreign.owner = Some("other".to_owned());
    assert_eq!(
        cluster(&[claiming(1, &[BOTH]), claiming(2, &[BOTH])]).lines(&[foreign]),
        ["blocked 10.244.1.0/24 (n1) by f 10.244.1.0/24 via 192.0.2.2"]
    );
}

/// What a table has for a node whose routes it does not hold goes, and so
/// gives the node no claim.
#[test]
fn a_route_in_the_wrong_table_decides_no_contest() {
    let here = in_zone(claiming(1, &[BOTH]), "a");
    let elsewhere = in_zone(claiming(2, &["10.244.1.0/25"]), "b");
    let mut cluster = cluster(&[here, elsewhere]);
    let table = [ours("r", "10.244.1.0/25", "192.0.2.2")];
    assert_eq!(
        lines(&cluster.plan(&selecting("zone=a", &table))),
        [
            "add shop-73716c7acd015f22-0 10.244.1.0/24 via 192.0.2.1 (n1)",
            "delete r 10.244.1.0/25"
        ]
    );
    // Where the table holds its routes, it keeps the prefix.
    assert_eq!(
        lines(&cluster.plan(&selecting("zone=b", &table))),
        ["right r 10.244.1.0/25 via 192.0.2.2 (n2)"]
    );
}

/// The node that has the route has no address any more, the other has one.
#[test]
fn a_contested_prefix_goes_to_whom_packets_can_be_sent() {
    let table = [ours("r", BOTH, "192.0.2.2")];
    let mut cluster = cluster(&[claiming(1, &[BOTH]), at(2, &[], &[BOTH])]);
    let lines = cluster.lines(&table);
    assert_eq!(ids(&lines, "update"), ["r"]);
    assert_eq!(lines.len(), 1);
}

/// The table has the aggregate of which the contested prefix is a part.
#[test]
fn a_part_of_an_aggregate_stays_where_the_table_has_it() {
    let halves = ["10.244.1.0/25", "10.244.1.128/25"];
    let mut cluster = aggregated(&[claiming(2, &halves)]);
    let table = [ours("r", BOTH, "192.0.2.2")];
    let right = ["right r 10.244.1.0/24 via 192.0.2.2 (n2)"];
    assert_eq!(cluster.lines(&table), right);
    cluster.put(&[claiming(1, &halves[..1])]);
    assert_eq!(cluster.lines(&table), right);
    // A route of its own takes the packets of one half to the other node.
    let own = ours("own", halves[0], "192.0.2.1");
    let lines = cluster.lines(&[table[0].clone(), own]);
    assert_eq!(ids(&lines, "right"), ["own"]);
    assert_eq!(ids(&lines, "delete"), ["r"]);
    assert_eq!(ids(&lines, "add").len(), 1);
}

/// A narrower prefix is contested like the same one.
#[test]
fn who_has_a_part_keeps_it_against_who_wants_all() {
    let mut cluster = cluster(&[claiming(2, &["10.244.1.128/25"]), node(3)]);
    let table = [
        ours("part", "10.244.1.128/25", "192.0.2.2"),
        ours("r3", "10.244.3.0/24", "192.0.2.3"),
    ];
    cluster.put(&[claiming(1, &[BOTH])]);
    let lines = cluster.lines(&table);
    assert_eq!(ids(&lines, "right"), ["part", "r3"]);
    assert_eq!(lines.len(), 2);
}
