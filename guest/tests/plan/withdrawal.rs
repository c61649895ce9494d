//! All routes of ours are to go.

use podroute_policy::plan::{Observed, Request};

use crate::watched::{
    Watched, cluster, ids, lines, nodes, ours, request, rights, route, selecting,
};

fn withdrawal(observed: &[Observed]) -> Request {
    Request {
        withdraw: true,
        delete_share: 0,
        ..request(observed)
    }
}

fn table() -> Vec<Observed> {
    let mut table = rights(1..=5);
    table.extend([
        route("f1", "10.244.1.0/24", "203.0.113.1", None),
        route("f2", "10.9.0.0/24", "203.0.113.1", Some("shop-2")),
        ours("unreadable", "default", "192.0.2.9"),
        route("former", "10.244.9.0/24", "192.0.2.9", Some("old-shop")),
    ]);
    table
}

#[test]
fn everything_that_is_ours_goes_and_nothing_else() {
    let mut cluster = cluster(&nodes(1..=6));
    let plan = cluster.plan(&withdrawal(&table()));
    assert_eq!(plan.foreign, 3);
    let ours = ["unreadable", "r1", "r2", "r3", "r4", "r5"];
    let said = lines(&plan);
    assert_eq!(ids(&said, "delete"), ours);
    assert_eq!(said.len(), ours.len());
    // With the routes of those whose place we took.
    let plan = cluster.plan(&Request {
        former_owners: vec!["old-shop".to_owned()],
        ..withdrawal(&table())
    });
    assert_eq!(plan.foreign, 2);
    assert_eq!(plan.deletes.len(), 7);
}

/// Whoever leaves does not wait for a cluster that cannot be read.
#[test]
fn it_needs_neither_a_cluster_nor_a_confirmation() {
    let mut unknown: Watched = cluster(&[]);
    let plan = unknown.plan(&withdrawal(&table()));
    assert!(!unknown.desired.undecided().is_empty());
    assert_eq!((plan.deletes.len(), plan.confirmation), (6, None));
    assert_eq!((plan.stopped, plan.held), (vec![], vec![]));
}

/// The nodes of a table say which routes belong there. All go.
#[test]
fn a_node_selector_does_not_spare_routes() {
    let mut cluster = cluster(&nodes(1..=5));
    let plan = cluster.plan(&Request {
        withdraw: true,
        ..selecting("zone=a", &table())
    });
    assert_eq!(plan.deletes.len(), 6);
}

#[test]
fn afterwards_there_is_nothing_to_do() {
    let mut cluster = cluster(&nodes(1..=5));
    let foreign = [route("f", "10.244.1.0/24", "203.0.113.1", None)];
    let plan = cluster.plan(&withdrawal(&foreign));
    assert_eq!(lines(&plan), Vec::<String>::new());
    assert_eq!(plan.foreign, 1);
}
