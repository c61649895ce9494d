//! Our own routes come, change and go.

use std::fmt::Write;
use std::time::Instant;

use podroute::targets::Error;

use crate::namespace::{ip, story};
use crate::plan::{OWNER, converge, held, plan, route, target};

#[test]
fn routes_are_added_changed_and_deleted() {
    story(async || {
        let mut target = target(&[]);
        assert_eq!(target.name(), "linux table 18300");
        assert_eq!(held(&mut *target).await, []);

        let failed = converge(
            &mut *target,
            &[
                ("10.244.1.0/24", "192.0.2.11"),
                ("10.244.2.0/24", "192.0.2.12"),
                ("2001:db8:1::/64", "2001:db8::11"),
                ("2001:db8:2::/64", "2001:db8::12"),
            ],
        )
        .await;
        assert_eq!(failed, []);
        assert_eq!(
            ip("route show table 18300"),
            [
                "10.244.1.0/24 via 192.0.2.11 dev lb0 proto 183",
                "10.244.2.0/24 via 192.0.2.12 dev lb0 proto 183",
            ]
        );
        assert_eq!(
            ip("-6 route show table 18300"),
            [
                "2001:db8:1::/64 via 2001:db8::11 dev lb0 proto 183 metric 1024 pref medium",
                "2001:db8:2::/64 via 2001:db8::12 dev lb0 proto 183 metric 1024 pref medium",
            ]
        );
        assert_eq!(
            held(&mut *target).await,
            [
                route("10.244.1.0/24", Some("192.0.2.11"), Some(OWNER)),
                route("10.244.2.0/24", Some("192.0.2.12"), Some(OWNER)),
                route("2001:db8:1::/64", Some("2001:db8::11"), Some(OWNER)),
                route("2001:db8:2::/64", Some("2001:db8::12"), Some(OWNER)),
            ]
        );

        let failed = converge(
            &mut *target,
            &[
                ("10.244.1.0/24", "192.0.2.21"),
                ("10.244.3.0/24", "192.0.2.13"),
                ("2001:db8:1::/64", "2001:db8::21"),
                ("2001:db8:3::/64", "2001:db8::13"),
            ],
        )
        .await;
        assert_eq!(failed, []);
        assert_eq!(
            held(&mut *target).await,
            [
                route("10.244.1.0/24", Some("192.0.2.21"), Some(OWNER)),
                route("10.244.3.0/24", Some("192.0.2.13"), Some(OWNER)),
                route("2001:db8:1::/64", Some("2001:db8::21"), Some(OWNER)),
                route("2001:db8:3::/64", Some("2001:db8::13"), Some(OWNER)),
            ]
        );

        assert_eq!(converge(&mut *target, &[]).await, []);
        assert_eq!(held(&mut *target).await, []);
    });
}

#[test]
fn an_unreachable_next_hop_fails_alone() {
    story(async || {
        let mut target = target(&["--table", "main"]);
        let before = (ip("route show"), ip("-6 route show"));
        let wanted = [
            ("10.244.1.0/24", "192.0.2.11"),
            ("10.244.2.0/24", "203.0.113.12"),
            ("10.244.3.0/24", "192.0.2.13"),
            ("2001:db8:1::/64", "2001:db8::11"),
            ("2001:db8:2::/64", "2001:db8:ffff::12"),
        ];
        let failed = converge(&mut *target, &wanted).await;
        let prefixes: Vec<&str> = failed
            .iter()
            .map(|failure| failure.prefix.as_str())
            .collect();
        assert_eq!(prefixes, ["10.244.2.0/24", "2001:db8:2::/64"]);
        assert!(
            failed[0].reason.starts_with(
                "next hop 203.0.113.12 is not reachable on any connected network: give this host an address"
            ),
            "{failed:#?}"
        );
        assert!(
            failed[1].reason.starts_with(
                "next hop 2001:db8:ffff::12 is not reachable on any connected network"
            ),
            "{failed:#?}"
        );
        assert_eq!(
            ip("route show proto 183"),
            [
                "10.244.1.0/24 via 192.0.2.11 dev lb0",
                "10.244.3.0/24 via 192.0.2.13 dev lb0",
            ]
        );

        ip("addr add 203.0.113.1/24 dev lb0");
        let failed = converge(&mut *target, &wanted).await;
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].prefix, "2001:db8:2::/64");
        ip("addr del 203.0.113.1/24 dev lb0");

        // A change that fails leaves the route that is there.
        let failed = converge(&mut *target, &[("10.244.1.0/24", "198.51.100.9")]).await;
        assert_eq!(failed.len(), 1);
        assert_eq!(
            ip("route show proto 183"),
            ["10.244.1.0/24 via 192.0.2.11 dev lb0"]
        );

        assert_eq!(converge(&mut *target, &[]).await, []);
        assert_eq!((ip("route show"), ip("-6 route show")), before);
    });
}

#[test]
fn onlink_takes_nodes_of_other_networks() {
    story(async || {
        let mut target = target(&["--device", "lb0", "--onlink"]);
        let failed = converge(
            &mut *target,
            &[
                ("10.244.2.0/24", "203.0.113.12"),
                ("2001:db8:2::/64", "2001:db8:ffff::12"),
            ],
        )
        .await;
        assert_eq!(failed, []);
        assert_eq!(
            ip("route show table 18300"),
            ["10.244.2.0/24 via 203.0.113.12 dev lb0 proto 183 onlink"]
        );
        assert!(!target.read().await.unwrap().stale);
    });
}

#[test]
fn routes_follow_the_settings() {
    story(async || {
        let wanted = [
            ("10.244.1.0/24", "192.0.2.11"),
            ("2001:db8:1::/64", "2001:db8::11"),
        ];
        converge(&mut *target(&[]), &wanted).await;

        let mut with_metric = target(&["--metric", "50"]);
        assert!(with_metric.read().await.unwrap().stale);
        assert_eq!(converge(&mut *with_metric, &wanted).await, []);
        assert!(!with_metric.read().await.unwrap().stale);
        assert_eq!(
            ip("route show table 18300"),
            ["10.244.1.0/24 via 192.0.2.11 dev lb0 proto 183 metric 50"]
        );
        assert_eq!(
            ip("-6 route show table 18300"),
            ["2001:db8:1::/64 via 2001:db8::11 dev lb0 proto 183 metric 50 pref medium"]
        );

        let mut other_table = target(&["--table", "70000"]);
        assert_eq!(converge(&mut *other_table, &wanted).await, []);
        assert_eq!(held(&mut *other_table).await.len(), 2);
        // Another podroute may keep the table that was ours.
        assert_eq!(other_table.strays(OWNER).await.unwrap().len(), 0);
        assert_eq!(held(&mut *with_metric).await.len(), 2);
    });
}

#[test]
fn what_an_interrupted_change_left_behind_is_cleared() {
    story(async || {
        ip("route add 10.244.1.0/24 via 192.0.2.11 table 18300 proto 183");
        ip("route append 10.244.1.0/24 via 192.0.2.21 table 18300 proto 183");
        ip("route add 10.244.2.0/24 via 192.0.2.12 table 18300 proto 183 metric 7");
        ip("route add 10.244.2.0/24 via 192.0.2.12 table 18300 proto 183");
        let mut target = target(&[]);
        let failed = converge(
            &mut *target,
            &[
                ("10.244.1.0/24", "192.0.2.21"),
                ("10.244.2.0/24", "192.0.2.12"),
            ],
        )
        .await;
        assert_eq!(failed, []);
        assert_eq!(
            ip("route show table 18300"),
            [
                "10.244.1.0/24 via 192.0.2.21 dev lb0 proto 183",
                "10.244.2.0/24 via 192.0.2.12 dev lb0 proto 183",
            ]
        );
    });
}

#[test]
fn a_plan_for_what_has_changed_since_is_refused() {
    story(async || {
        let mut target = target(&[]);
        converge(&mut *target, &[("10.244.1.0/24", "192.0.2.11")]).await;
        let update = plan(&mut *target, &[("10.244.1.0/24", "192.0.2.21")])
            .await
            .unwrap();
        let delete = plan(&mut *target, &[]).await.unwrap();
        ip("route del 10.244.1.0/24 table 18300");

        let error = target.write(&update).await.unwrap_err();
        assert!(matches!(error, Error::Conflict(_)), "{error}");
        assert!(error.to_string().contains("10.244.1.0/24 via 192.0.2.11"));
        assert_eq!(target.write(&delete).await.unwrap().failed, []);
    });
}

#[test]
fn five_thousand_routes() {
    story(async || {
        let mut target = target(&[]);
        let routes = |last: u8| -> Vec<(String, String)> {
            (0..2_500)
                .flat_map(|n| {
                    let (high, low) = (n / 256, n % 256);
                    [
                        (format!("10.{high}.{low}.0/24"), format!("192.0.2.{last}")),
                        (
                            format!("2001:db8:1:{n:x}::/64").replace(":0::", "::"),
                            format!("2001:db8::{last:x}"),
                        ),
                    ]
                })
                .collect()
        };
        let mut times = String::new();
        for (what, wanted) in [
            ("add", routes(11)),
            ("change", routes(12)),
            ("keep", routes(12)),
            ("delete", Vec::new()),
        ] {
            let wanted: Vec<(&str, &str)> = wanted
                .iter()
                .map(|(prefix, next_hop)| (prefix.as_str(), next_hop.as_str()))
                .collect();
            let start = Instant::now();
            let changes = plan(&mut *target, &wanted).await.unwrap();
            let planned = start.elapsed();
            let start = Instant::now();
            assert_eq!(target.write(&changes).await.unwrap().failed, []);
            let written = start.elapsed();
            writeln!(times, "{what}: plan {planned:?}, write {written:?}").unwrap();
            let mut after: Vec<(String, Option<String>, Option<String>)> = wanted
                .iter()
                .map(|(prefix, next_hop)| route(prefix, Some(next_hop), Some(OWNER)))
                .collect();
            let mut found = held(&mut *target).await;
            after.sort();
            found.sort();
            assert!(after == found, "{what}: {} routes", found.len());
        }
        println!("{times}");
    });
}
