//! Adjacent pod CIDRs of a node as one route, and back.

use crate::watched::{aggregated, at, claiming, cluster, ids, node, ours};

/// Every node has four quarters of its pod CIDR.
fn quarters(number: u8) -> serde_json::Value {
    let quarter = |at: u8| format!("10.244.{number}.{}/26", at * 64);
    let cidrs: Vec<String> = (0..4).map(quarter).collect();
    let cidrs: Vec<&str> = cidrs.iter().map(String::as_str).collect();
    claiming(number, &cidrs)
}

/// The table as it is without aggregation.
fn parts() -> Vec<podroute_policy::plan::Observed> {
    let mut parts = Vec::new();
    for number in 1..=3_u8 {
        for at in 0..4_u8 {
            parts.push(ours(
                &format!("p{number}{at}"),
                &format!("10.244.{number}.{}/26", at * 64),
                &format!("192.0.2.{number}"),
            ));
        }
    }
    parts
}

#[test]
fn parts_that_an_aggregate_replaces_are_not_lost() {
    let nodes = [quarters(1), quarters(2), quarters(3)];
    let lines = aggregated(&nodes).lines(&parts());
    assert_eq!(
        lines[..3],
        [
            "add shop-73716c7acd015f22-0 10.244.1.0/24 via 192.0.2.1 (n1)",
            "add shop-51426ccec5d60701-0 10.244.2.0/24 via 192.0.2.2 (n2)",
            "add shop-7fa9b46d068ffacc-0 10.244.3.0/24 via 192.0.2.3 (n3)",
        ]
    );
    assert_eq!(ids(&lines, "delete").len(), 12);
    assert_eq!(lines.len(), 15);
}

/// The other way round: the parts take every packet of the aggregate.
#[test]
fn an_aggregate_that_its_parts_replace_is_not_lost() {
    let aggregates: Vec<_> = (1..=3)
        .map(|number| {
            ours(
                &format!("whole{number}"),
                &format!("10.244.{number}.0/24"),
                &format!("192.0.2.{number}"),
            )
        })
        .collect();
    let nodes = [quarters(1), quarters(2), quarters(3)];
    let lines = cluster(&nodes).lines(&aggregates);
    assert_eq!(ids(&lines, "add").len(), 12);
    assert_eq!(ids(&lines, "delete"), ["whole1", "whole2", "whole3"]);
    assert_eq!(lines.len(), 15);
}

/// One part is missing: some packets lose their way.
#[test]
fn an_aggregate_with_a_part_that_nobody_has_is_lost() {
    let cidrs = ["10.244.1.0/26", "10.244.1.64/26", "10.244.1.128/26"];
    let whole = ours("whole", "10.244.1.0/24", "192.0.2.1");
    let lines = aggregated(&[claiming(1, &cidrs)]).lines(&[whole]);
    // One route is below what is asked about, and there are others.
    assert_eq!(ids(&lines, "add").len(), 2);
    assert_eq!(ids(&lines, "delete"), ["whole"]);
    assert_eq!(lines.len(), 3);
}

/// The node has no address now; its aggregate stays for all its parts, until
/// one of them is another node's.
#[test]
fn an_aggregate_is_held_for_the_node_that_its_parts_are_of() {
    let halves = ["10.244.1.0/25", "10.244.1.128/25"];
    let whole = ours("whole", "10.244.1.0/24", "192.0.2.1");
    let mut cluster = aggregated(&[at(1, &[], &halves), node(2)]);
    let lines = cluster.lines(std::slice::from_ref(&whole));
    assert_eq!(ids(&lines, "held"), ["whole"]);
    cluster.put(&[at(1, &[], &halves[..1]), claiming(2, &halves[1..])]);
    let lines = cluster.lines(&[whole]);
    assert_eq!(ids(&lines, "held"), Vec::<&str>::new());
    assert_eq!(ids(&lines, "delete"), ["whole"]);
}
