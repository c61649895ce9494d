//! Routes of others stay as they are.

use crate::namespace::{ip, story};
use crate::plan::{OWNER, converge, held, route, target};

#[test]
fn routes_of_others_are_seen_and_left_alone() {
    story(async || {
        for foreign in [
            "route add 10.244.1.0/24 TABLE via 192.0.2.91 proto static metric 100",
            "route add 10.244.2.0/24 TABLE nexthop via 192.0.2.91 nexthop via 192.0.2.92",
            "route add blackhole 10.244.3.0/24 TABLE metric 200",
            "route add 10.244.4.0/24 TABLE dev lb0",
            "route add 10.244.5.0/24 TABLE via inet6 2001:db8::91",
            "route add default TABLE via 192.0.2.91",
            "route add 10.244.6.0/24 tos 0x10 TABLE via 192.0.2.91",
            "-6 route add 2001:db8:1::/64 TABLE via 2001:db8::91 metric 100",
            "-6 route add 2001:db8:2::/64 TABLE nexthop via 2001:db8::91 nexthop via 2001:db8::92",
            "-6 route add unreachable 2001:db8:3::/64 TABLE",
            "-6 route add 2001:db8:4::/64 from 2001:db8::/32 TABLE via 2001:db8::91",
        ] {
            ip(&foreign.replace("TABLE", "table 18300"));
        }
        let before = (
            ip("route show table 18300"),
            ip("-6 route show table 18300"),
        );
        let mut target = target(&[]);
        let mut found = held(&mut *target).await;
        found.sort();
        assert_eq!(
            found,
            [
                route("0.0.0.0/0", Some("192.0.2.91"), None),
                route("10.244.1.0/24", Some("192.0.2.91"), None),
                route("10.244.2.0/24", None, None),
                route("10.244.3.0/24", None, None),
                route("10.244.4.0/24", None, None),
                route("10.244.5.0/24", Some("2001:db8::91"), None),
                route("10.244.6.0/24", Some("192.0.2.91"), None),
                route("2001:db8:1::/64", Some("2001:db8::91"), None),
                route("2001:db8:2::/64", None, None),
                route("2001:db8:3::/64", None, None),
                route("2001:db8:4::/64", Some("2001:db8::91"), None),
            ]
        );

        // Ours to the same prefixes, beside them, and away again.
        for next_hops in [
            ("192.0.2.11", "2001:db8::11"),
            ("192.0.2.12", "2001:db8::12"),
        ] {
            let failed = converge(
                &mut *target,
                &[
                    ("10.244.1.0/24", next_hops.0),
                    ("10.244.3.0/24", next_hops.0),
                    ("10.244.6.0/24", next_hops.0),
                    ("2001:db8:1::/64", next_hops.1),
                ],
            )
            .await;
            assert_eq!(failed, []);
            assert_eq!(held(&mut *target).await.len(), 15);
        }
        assert_eq!(converge(&mut *target, &[]).await, []);
        assert_eq!(
            (
                ip("route show table 18300"),
                ip("-6 route show table 18300")
            ),
            before
        );
    });
}

#[test]
fn a_place_that_is_taken_is_reported_with_its_holder() {
    story(async || {
        ip("route add 10.244.1.0/24 via 192.0.2.91 table 18300 proto bird");
        ip("-6 route add 2001:db8:1::/64 via 2001:db8::91 table 18300 proto 80");
        let mut target = target(&[]);
        let failed = converge(
            &mut *target,
            &[
                ("10.244.1.0/24", "192.0.2.11"),
                ("10.244.2.0/24", "192.0.2.12"),
                ("2001:db8:1::/64", "2001:db8::11"),
            ],
        )
        .await;
        let reasons: Vec<String> = failed
            .iter()
            .map(|failure| format!("{}: {}", failure.prefix, failure.reason))
            .collect();
        let device = device_number();
        assert_eq!(
            reasons,
            [
                format!(
                    "10.244.1.0/24: another route has the same prefix and metric: 10.244.1.0/24 via 192.0.2.91 interface {device} metric 0, protocol 12 (bird); delete it, or choose another --table or --metric"
                ),
                format!(
                    "2001:db8:1::/64: another route has the same prefix and metric: 2001:db8:1::/64 via 2001:db8::91 interface {device} metric 1024, protocol 80; delete it, or choose another --table or --metric"
                ),
            ]
        );
        assert_eq!(
            ip("route show table 18300"),
            [
                "10.244.1.0/24 via 192.0.2.91 dev lb0 proto bird",
                "10.244.2.0/24 via 192.0.2.12 dev lb0 proto 183",
            ]
        );
    });
}

#[test]
fn a_route_in_front_of_ours_survives_our_change() {
    story(async || {
        let mut target = target(&[]);
        converge(&mut *target, &[("10.244.1.0/24", "192.0.2.11")]).await;
        ip("route prepend 10.244.1.0/24 via 192.0.2.91 table 18300 proto static");
        ip("route append 10.244.1.0/24 via 192.0.2.92 table 18300 proto static");

        let failed = converge(&mut *target, &[("10.244.1.0/24", "192.0.2.12")]).await;
        assert_eq!(failed, []);
        assert_eq!(
            ip("route show table 18300"),
            [
                "10.244.1.0/24 via 192.0.2.91 dev lb0 proto static",
                "10.244.1.0/24 via 192.0.2.92 dev lb0 proto static",
                "10.244.1.0/24 via 192.0.2.12 dev lb0 proto 183",
            ]
        );
        assert_eq!(converge(&mut *target, &[]).await, []);
        assert_eq!(ip("route show table 18300").len(), 2);
    });
}

#[test]
fn a_next_hop_that_others_added_to_ours_survives() {
    story(async || {
        let mut target = target(&[]);
        converge(&mut *target, &[("2001:db8:1::/64", "2001:db8::11")]).await;
        ip("-6 route append 2001:db8:1::/64 via 2001:db8::91 table 18300 proto static");
        assert_eq!(
            held(&mut *target).await,
            [route("2001:db8:1::/64", None, Some(OWNER))]
        );

        // The kernel would replace both.
        let failed = converge(&mut *target, &[("2001:db8:1::/64", "2001:db8::12")]).await;
        assert_eq!(failed.len(), 1);
        assert!(
            failed[0].reason.ends_with(
                "delete it and podroute makes its own: ip -6 route del 2001:db8:1::/64 table 18300 metric 1024"
            ),
            "{failed:#?}"
        );

        // A deletion takes ours alone.
        converge(&mut *target, &[]).await;
        assert_eq!(
            ip("-6 route show table 18300"),
            ["2001:db8:1::/64 via 2001:db8::91 dev lb0 proto static metric 1024 pref medium"]
        );
    });
}

#[test]
fn whatever_carries_our_mark_becomes_as_it_should_be() {
    story(async || {
        for odd in [
            "route add 10.244.1.0/24 OURS nexthop via 192.0.2.91 nexthop via 192.0.2.92",
            "route add blackhole 10.244.2.0/24 OURS",
            "route add 10.244.3.0/24 OURS dev lb0 scope link",
            "route add 10.244.4.0/24 tos 0x10 OURS via 192.0.2.14",
            "-6 route add blackhole 2001:db8:1::/64 OURS",
            "-6 route add 2001:db8:2::/64 OURS dev lb0",
            "-6 route add 2001:db8:3::/64 OURS nexthop via 2001:db8::91 nexthop via 2001:db8::92",
            "-6 route add unreachable 2001:db8:4::/64 OURS metric 9",
        ] {
            ip(&odd.replace("OURS", "table 18300 proto 183"));
        }
        let mut target = target(&[]);
        let wanted = [
            ("10.244.1.0/24", "192.0.2.11"),
            ("10.244.2.0/24", "192.0.2.12"),
            ("10.244.4.0/24", "192.0.2.14"),
            ("2001:db8:1::/64", "2001:db8::11"),
            ("2001:db8:2::/64", "2001:db8::12"),
        ];
        assert_eq!(converge(&mut *target, &wanted).await, []);
        let table = target.read().await.unwrap();
        assert!(!table.stale, "{table:#?}");
        assert_eq!(
            ip("route show table 18300"),
            [
                "10.244.1.0/24 via 192.0.2.11 dev lb0 proto 183",
                "10.244.2.0/24 via 192.0.2.12 dev lb0 proto 183",
                "10.244.4.0/24 via 192.0.2.14 dev lb0 proto 183",
            ]
        );
        assert_eq!(
            ip("-6 route show table 18300"),
            [
                "2001:db8:1::/64 via 2001:db8::11 dev lb0 proto 183 metric 1024 pref medium",
                "2001:db8:2::/64 via 2001:db8::12 dev lb0 proto 183 metric 1024 pref medium",
            ]
        );
    });
}

/// The number of `lb0`.
fn device_number() -> String {
    let line = &ip("-o link show lb0")[0];
    line.split(':').next().unwrap().to_owned()
}
