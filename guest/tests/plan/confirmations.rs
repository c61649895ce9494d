//! Deletes that are too many to be made without asking.

use podroute_policy::plan::{Observed, Plan, Request};

use crate::watched::{Watched, cluster, ids, lines, node, nodes, ours, request, right, rights};

/// A cluster of as many nodes, of which the first so many have gone since the
/// table was right.
fn gone(count: u8, of: u8) -> (Watched, Vec<Observed>) {
    (cluster(&nodes(count + 1..=of)), rights(1..=of))
}

fn with_share(observed: &[Observed], delete_share: u32) -> Request {
    Request {
        delete_share,
        ..request(observed)
    }
}

fn is_asked(plan: &Plan, deletes: usize, of_routes: usize) -> bool {
    plan.confirmation.as_ref().is_some_and(|asked| {
        assert_eq!((asked.deletes, asked.of_routes), (deletes, of_routes));
        assert_eq!((plan.held.len(), plan.deletes.len()), (deletes, 0));
        !asked.given
    })
}

#[test]
fn fewer_than_three_go_without_a_question() {
    for share in [0, 25, 100] {
        let (mut cluster, table) = gone(2, 3);
        let plan = cluster.plan(&with_share(&table, share));
        assert_eq!(
            (plan.deletes.len(), plan.confirmation),
            (2, None),
            "{share}"
        );
    }
}

#[test]
fn a_share_is_exceeded_and_not_reached() {
    // 25 % of 12.
    let (mut cluster, table) = gone(3, 12);
    let plan = cluster.plan(&request(&table));
    assert_eq!((plan.deletes.len(), plan.confirmation), (3, None));
    // More than that.
    let (mut cluster, table) = gone(3, 11);
    assert!(is_asked(&cluster.plan(&request(&table)), 3, 11));
    let (mut cluster, table) = gone(4, 12);
    assert!(is_asked(&cluster.plan(&request(&table)), 4, 12));
}

#[test]
fn says_what_waits_and_for_what() {
    let (mut cluster, table) = gone(3, 5);
    let why = "3 of 5 prefixes would lose their route at once; that waits for a confirmation";
    assert_eq!(
        cluster.lines(&table),
        [
            "right r4 10.244.4.0/24 via 192.0.2.4 (n4)".to_owned(),
            "right r5 10.244.5.0/24 via 192.0.2.5 (n5)".to_owned(),
            format!("held r1 10.244.1.0/24: {why}"),
            format!("held r2 10.244.2.0/24: {why}"),
            format!("held r3 10.244.3.0/24: {why}"),
            "3 deletes of 5 prefixes to be confirmed".to_owned(),
        ]
    );
}

/// However few there are: nothing would be left.
#[test]
fn the_last_routes_of_a_small_cluster_wait() {
    for count in [1, 2] {
        let mut bare = node(9);
        bare["spec"] = serde_json::json!({});
        let mut cluster = cluster(&[bare]);
        let plan = cluster.plan(&request(&rights(1..=count)));
        let count = usize::from(count);
        assert!(is_asked(&plan, count, count));
    }
}

/// All that there are go, but others come.
#[test]
fn one_route_that_another_replaces_is_no_question() {
    let lines = cluster(&nodes([2])).lines(&rights([1]));
    assert_eq!(
        lines,
        [
            "add shop-51426ccec5d60701-0 10.244.2.0/24 via 192.0.2.2 (n2)",
            "delete r1 10.244.1.0/24",
        ]
    );
}

#[test]
fn at_a_share_of_100_nothing_ever_waits() {
    let (mut cluster, table) = gone(11, 12);
    let plan = cluster.plan(&with_share(&table, 100));
    assert_eq!((plan.deletes.len(), plan.confirmation), (11, None));
}

#[test]
fn at_a_share_of_0_three_always_wait() {
    let (mut cluster, table) = gone(3, 200);
    assert!(is_asked(&cluster.plan(&with_share(&table, 0)), 3, 200));
}

#[test]
fn the_token_names_exactly_these_deletes() {
    let (mut cluster, mut table) = gone(3, 5);
    let confirmed = |table: &[Observed], token: &str| Request {
        confirmed: Some(token.to_owned()),
        ..request(table)
    };
    let token = cluster.plan(&request(&table)).confirmation.unwrap().token;
    let wrong = cluster.plan(&confirmed(&table, "0123456789abcdef"));
    assert!(is_asked(&wrong, 3, 5));
    // The order of the table does not matter, nor what else is in it.
    table.reverse();
    table.push(ours("unreadable", "default", "192.0.2.9"));
    let given = lines(&cluster.plan(&confirmed(&table, &token)));
    assert_eq!(ids(&given, "delete"), ["unreadable", "r1", "r2", "r3"]);
    assert_eq!(given.last().unwrap(), "3 deletes of 5 prefixes confirmed");
    table.pop();
    // Nobody said yes to one more, to one less, or to another route there.
    let mut changed = table.clone();
    changed[4].next_hop = Some("192.0.2.77".to_owned());
    assert!(is_asked(&cluster.plan(&confirmed(&changed, &token)), 3, 5));
    let mut renamed = table.clone();
    renamed[4].id = "another".to_owned();
    assert!(is_asked(&cluster.plan(&confirmed(&renamed, &token)), 3, 5));
    cluster.remove("n4");
    assert!(is_asked(&cluster.plan(&confirmed(&table, &token)), 4, 5));
    cluster.put(&[node(4)]);
    assert_eq!(cluster.plan(&confirmed(&table, &token)).deletes.len(), 3);
}

/// A confirmation that is no longer needed does nothing.
#[test]
fn a_token_without_a_question_does_nothing() {
    let plan = cluster(&nodes(1..=5)).plan(&Request {
        confirmed: Some("0123456789abcdef".to_owned()),
        ..request(&rights(1..=5))
    });
    assert_eq!((plan.right.len(), plan.confirmation), (5, None));
}

/// Several routes to one prefix are one prefix, lost or not.
#[test]
fn prefixes_are_counted_and_not_routes() {
    let twice = |numbers: std::ops::RangeInclusive<u8>| {
        let mut routes = rights(numbers.clone());
        routes.extend(numbers.map(|number| Observed {
            id: format!("x{number}"),
            ..right(number)
        }));
        routes
    };
    // Two prefixes, four routes.
    let plan = cluster(&nodes(3..=9)).plan(&request(&[twice(1..=2), rights(3..=9)].concat()));
    assert_eq!((plan.deletes.len(), plan.confirmation), (4, None));
    // Three of nine prefixes; the second routes of the others do not count.
    let plan = cluster(&nodes(4..=9)).plan(&request(&[rights(1..=3), twice(4..=9)].concat()));
    assert_eq!(ids(&lines(&plan), "held"), ["r1", "r2", "r3"]);
    assert_eq!(plan.deletes.len(), 6);
    let asked = plan.confirmation.unwrap();
    assert_eq!((asked.deletes, asked.of_routes), (3, 9));
}

/// What is written meanwhile goes on.
#[test]
fn what_does_not_wait_goes_on() {
    let mut cluster = cluster(&nodes(4..=6));
    let mut wrong = right(5);
    wrong.next_hop = Some("192.0.2.99".to_owned());
    let table = [rights(1..=4), vec![wrong]].concat();
    let lines = cluster.lines(&table);
    assert_eq!(ids(&lines, "add").len(), 1);
    assert_eq!(ids(&lines, "update"), ["r5"]);
    assert_eq!(ids(&lines, "right"), ["r4"]);
    assert_eq!(ids(&lines, "held"), ["r1", "r2", "r3"]);
    assert_eq!(
        lines.last().unwrap(),
        "3 deletes of 5 prefixes to be confirmed"
    );
}
