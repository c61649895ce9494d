//! A table of its own needs a rule that leads to it.

use crate::namespace::{ip, story};
use crate::plan::{converge, target};

const WANTED: [(&str, &str); 2] = [
    ("10.244.1.0/24", "192.0.2.11"),
    ("2001:db8:1::/64", "2001:db8::11"),
];

#[test]
fn a_missing_rule_is_noted_with_the_command_that_adds_it() {
    story(async || {
        let mut target = target(&[]);
        assert_eq!(target.read().await.unwrap().notes.len(), 0);
        converge(&mut *target, &WANTED).await;
        let table = target.read().await.unwrap();
        assert!(!table.stale);
        assert_eq!(
            table.notes,
            [
                "no policy rule before that of the main table leads IPv4 packets to table 18300, so its routes are not used; run: ip rule add priority 18300 lookup 18300 (and make it last over a restart), or start podroute with --manage-rule",
                "no policy rule before that of the main table leads IPv6 packets to table 18300, so its routes are not used; run: ip -6 rule add priority 18300 lookup 18300 (and make it last over a restart), or start podroute with --manage-rule",
            ]
        );

        // Behind the main table it is of no use.
        ip("rule add priority 40000 lookup 18300");
        ip("-6 rule add priority 18300 lookup 18300");
        let notes = target.read().await.unwrap().notes;
        assert_eq!(notes.len(), 1);
        assert!(notes[0].contains("IPv4"), "{notes:#?}");

        // A rule for some packets is somebody's decision; one for some of
        // the main table's does not count as the main table's.
        ip("rule add priority 10 fwmark 1 lookup main");
        ip("rule add priority 12 from 192.0.2.0/24 lookup 18300");
        assert_eq!(target.read().await.unwrap().notes.len(), 0);

        // The rules of others stay.
        converge(&mut *target, &[]).await;
        assert_eq!(ip("rule show table 18300").len(), 2);
        assert_eq!(ip("-6 rule show table 18300").len(), 1);
    });
}

#[test]
fn a_rule_is_kept_as_long_as_there_are_routes() {
    story(async || {
        let mut target = target(&["--manage-rule"]);
        assert!(!target.read().await.unwrap().stale);
        converge(&mut *target, &WANTED).await;
        let rule = ["18300: from all lookup 18300 proto 183"];
        assert_eq!(ip("rule show table 18300"), rule);
        assert_eq!(ip("-6 rule show table 18300"), rule);
        let table = target.read().await.unwrap();
        assert!(!table.stale && table.notes.is_empty(), "{table:#?}");

        ip("rule del priority 18300");
        assert!(target.read().await.unwrap().stale);
        converge(&mut *target, &WANTED[..1]).await;
        assert_eq!(ip("rule show table 18300"), rule);
        assert_eq!(ip("-6 rule show table 18300").len(), 0);

        converge(&mut *target, &[]).await;
        assert_eq!(ip("rule show table 18300").len(), 0);
        assert!(!target.read().await.unwrap().stale);
    });
}

#[test]
fn a_rule_of_somebody_else_is_enough() {
    story(async || {
        ip("rule add priority 900 lookup 18300");
        let mut target = target(&["--manage-rule"]);
        converge(&mut *target, &WANTED).await;
        assert_eq!(ip("rule show table 18300"), ["900: from all lookup 18300"]);
        assert!(!target.read().await.unwrap().stale);
        converge(&mut *target, &[]).await;
        assert_eq!(ip("rule show table 18300"), ["900: from all lookup 18300"]);
    });
}

#[test]
fn a_rule_follows_the_settings() {
    story(async || {
        converge(&mut *target(&["--manage-rule"]), &WANTED).await;
        let mut earlier = target(&["--manage-rule", "--rule-priority", "500"]);
        assert!(earlier.read().await.unwrap().stale);
        converge(&mut *earlier, &WANTED).await;
        assert_eq!(
            ip("rule show table 18300"),
            ["500: from all lookup 18300 proto 183"]
        );

        // With the last route goes the rule.
        converge(&mut *earlier, &[]).await;
        assert_eq!(ip("rule show table 18300").len(), 0);
        assert_eq!(ip("-6 rule show table 18300").len(), 0);
    });
}

#[test]
fn the_main_table_needs_no_rule() {
    story(async || {
        let mut target = target(&["--table", "main"]);
        converge(&mut *target, &WANTED).await;
        assert_eq!(target.read().await.unwrap().notes.len(), 0);
    });
}
