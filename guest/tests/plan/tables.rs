//! Several tables, each with the routes of some nodes.

use std::collections::BTreeSet;

use podroute_policy::plan::{Observed, Plan};

use crate::watched::{Watched, at, cluster, ids, in_zone, lines, node, right, rights, selecting};

/// Four nodes in zone a, four in zone b, one in none.
fn zones() -> Watched {
    let of = |zone: &'static str| move |number| in_zone(node(number), zone);
    let mut nodes: Vec<_> = (1..=4).map(of("a")).collect();
    nodes.extend((5..=8).map(of("b")));
    nodes.push(node(9));
    cluster(&nodes)
}

fn plan(cluster: &mut Watched, selector: &str, observed: &[Observed]) -> Plan {
    cluster.plan(&selecting(selector, observed))
}

fn prefixes(plan: &Plan) -> BTreeSet<String> {
    plan.adds.iter().map(|add| add.prefix.to_string()).collect()
}

#[test]
fn selectors_part_the_routes_among_tables() {
    let mut cluster = zones();
    let a = prefixes(&plan(&mut cluster, "zone=a", &[]));
    let rest = prefixes(&plan(&mut cluster, "zone!=a", &[]));
    assert_eq!((a.len(), rest.len()), (4, 5));
    assert!(a.is_disjoint(&rest));
    let everything = cluster.plan(&crate::watched::request(&[]));
    assert_eq!(&a | &rest, prefixes(&everything));
}

#[test]
fn a_node_that_moves_goes_from_one_table_to_the_other() {
    let mut cluster = zones();
    cluster.put(&[in_zone(node(4), "b")]);
    let of_a = lines(&plan(&mut cluster, "zone=a", &rights(1..=4)));
    assert_eq!(ids(&of_a, "right"), ["r1", "r2", "r3"]);
    assert_eq!(ids(&of_a, "delete"), ["r4"]);
    let of_b = lines(&plan(&mut cluster, "zone=b", &rights(5..=8)));
    assert_eq!(ids(&of_b, "right"), ["r5", "r6", "r7", "r8"]);
    assert_eq!(ids(&of_b, "add").len(), 1);
}

/// What a table has of nodes that it is not for goes, even if the route would
/// be right elsewhere.
#[test]
fn a_table_keeps_no_route_of_another_tables_node() {
    let mut cluster = zones();
    let mut observed = rights(1..=4);
    observed.push(right(5));
    let lines = lines(&plan(&mut cluster, "zone=a", &observed));
    assert_eq!(ids(&lines, "delete"), ["r5"]);
    assert_eq!(lines.len(), 5);
}

/// A node without an address is waited for in the table that it belongs to.
#[test]
fn a_node_without_an_address_is_held_only_where_it_belongs() {
    let mut cluster = zones();
    cluster.put(&[in_zone(at(4, &[], &["10.244.4.0/24"]), "a")]);
    let of_a = lines(&plan(&mut cluster, "zone=a", &rights(1..=4)));
    assert_eq!(ids(&of_a, "held"), ["r4"]);
    let of_b = lines(&plan(&mut cluster, "zone=b", &rights(4..=8)));
    assert_eq!(ids(&of_b, "delete"), ["r4"]);
}

/// A selector that selects nothing any more: the table's last routes wait.
#[test]
fn a_selector_that_selects_nothing_asks() {
    let mut cluster = zones();
    let plan = plan(&mut cluster, "zone=c", &rights(1..=4));
    assert_eq!((plan.deletes.len(), plan.held.len()), (0, 4));
    assert_eq!(plan.confirmation.unwrap().deletes, 4);
}
