//! Ours is what carries exactly our mark. Everything else is never touched.

use podroute_policy::plan::{Observed, Request};

use crate::watched::{cluster, ids, lines, nodes, ours, request, right, route};

/// Marks that others got wrong: beginnings, ends, other cases, white space,
/// none at all.
const FOREIGN: [Option<&str>; 11] = [
    Some("a-b"),
    Some("x-a"),
    Some("A"),
    Some(""),
    Some(" a"),
    Some("a "),
    Some("aa"),
    Some("a/b"),
    Some("á"),
    Some("clustername=a"),
    None,
];

/// Routes of each of them, to prefixes that nobody wants, and under ids that
/// look like ours.
fn of_others() -> Vec<Observed> {
    let foreign = FOREIGN.iter().enumerate();
    foreign
        .map(|(at, owner)| {
            let id = format!("a-{at}");
            route(&id, &format!("10.9.{at}.0/24"), "203.0.113.1", *owner)
        })
        .collect()
}

fn of_a(observed: &[Observed]) -> Request {
    Request {
        owner: "a".to_owned(),
        ..request(observed)
    }
}

#[test]
fn routes_with_other_marks_are_never_touched() {
    let mut cluster = cluster(&nodes([1]));
    let mut observed = of_others();
    observed.push(route("mine", "10.9.99.0/24", "203.0.113.1", Some("a")));
    let plan = cluster.plan(&of_a(&observed));
    assert_eq!(plan.foreign, FOREIGN.len());
    assert_eq!(
        lines(&plan),
        [
            "add a-73716c7acd015f22-0 10.244.1.0/24 via 192.0.2.1 (n1)",
            "delete mine 10.9.99.0/24",
        ]
    );
    let withdrawal = Request {
        withdraw: true,
        ..of_a(&observed)
    };
    assert_eq!(
        lines(&cluster.plan(&withdrawal)),
        ["delete mine 10.9.99.0/24"]
    );
}

/// Two clusters write to one table, as they do with AKO: neither sees the
/// other's routes as its own, whose name begins with its own or not.
#[test]
fn two_clusters_in_one_table_leave_each_other_alone() {
    let mut orange = cluster(&nodes(1..=2));
    let mut orange_new = cluster(&nodes(3..=4));
    let mut table = Vec::new();
    for round in 0..2 {
        for (owner, cluster) in [("orange", &mut orange), ("orange-new", &mut orange_new)] {
            let plan = cluster.plan(&Request {
                owner: owner.to_owned(),
                ..request(&table)
            });
            assert!(
                plan.updates.is_empty() && plan.deletes.is_empty(),
                "{plan:?}"
            );
            assert_eq!(plan.adds.len(), if round == 0 { 2 } else { 0 });
            assert_eq!(plan.right.len(), if round == 0 { 0 } else { 2 });
            table.extend(plan.adds.iter().map(|add| {
                route(
                    &add.id,
                    &add.prefix.to_string(),
                    &add.next_hop.to_string(),
                    Some(owner),
                )
            }));
        }
    }
    assert_eq!(table.len(), 4);
}

/// The mark changes, the id and the way of the packets do not: no gap.
#[test]
fn routes_of_a_former_owner_get_the_new_mark() {
    let observed = [
        route("old-1", "10.244.1.0/24", "192.0.2.1", Some("old-shop")),
        route("old-2", "10.244.2.0/24", "192.0.2.9", Some("older-shop")),
        right(3),
        route("not-ours", "10.244.9.0/24", "192.0.2.9", Some("old")),
    ];
    let plan = cluster(&nodes(1..=3)).plan(&Request {
        former_owners: vec!["old-shop".to_owned(), "older-shop".to_owned()],
        ..request(&observed)
    });
    assert_eq!(plan.foreign, 1);
    assert_eq!(
        lines(&plan),
        [
            "update old-1 10.244.1.0/24 via 192.0.2.1 of old-shop to 10.244.1.0/24 via 192.0.2.1 (n1)",
            "update old-2 10.244.2.0/24 via 192.0.2.9 of older-shop to 10.244.2.0/24 via 192.0.2.2 (n2)",
            "right r3 10.244.3.0/24 via 192.0.2.3 (n3)",
        ]
    );
}

/// The change of mark was interrupted by somebody who added instead.
#[test]
fn of_a_route_with_the_old_mark_and_one_with_the_new_the_new_one_stays() {
    let request = |observed: &[Observed]| Request {
        former_owners: vec!["old-shop".to_owned()],
        ..request(observed)
    };
    let old = route("a", "10.244.1.0/24", "192.0.2.1", Some("old-shop"));
    let new = ours("b", "10.244.1.0/24", "192.0.2.1");
    let mut cluster = cluster(&nodes([1]));
    assert_eq!(
        lines(&cluster.plan(&request(&[old.clone(), new]))),
        [
            "delete a 10.244.1.0/24",
            "right b 10.244.1.0/24 via 192.0.2.1 (n1)"
        ]
    );
    // Neither is right: the one with our mark is mended.
    let wrong = ours("b", "10.244.1.0/24", "192.0.2.9");
    let lines = lines(&cluster.plan(&request(&[old, wrong])));
    assert_eq!(ids(&lines, "update"), ["b"]);
    assert_eq!(ids(&lines, "delete"), ["a"]);
}
