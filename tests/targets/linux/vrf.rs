//! The table of a VRF device.

use podroute::targets::Error;

use crate::namespace::{can, ip, story};
use crate::plan::{converge, target};

#[test]
fn routes_go_into_the_table_of_the_vrf() {
    story(async || {
        if !can("link add blue type vrf table 1001") {
            return;
        }
        ip("link set blue up");
        ip("link set lb0 master blue");
        ip("addr replace 2001:db8::1/64 dev lb0 nodad");
        let mut target = target(&["--vrf-device", "blue"]);
        let wanted = [
            ("10.244.1.0/24", "192.0.2.11"),
            ("2001:db8:1::/64", "2001:db8::11"),
        ];
        assert_eq!(converge(&mut *target, &wanted).await, []);
        assert_eq!(
            ip("route show table 1001 proto 183"),
            ["10.244.1.0/24 via 192.0.2.11 dev lb0"]
        );
        let table = target.read().await.unwrap();
        assert!(!table.stale && table.notes.is_empty(), "{table:#?}");

        // The device comes back with another table.
        ip("link del blue");
        let error = target.read().await.unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)), "{error}");
        ip("link add blue type vrf table 1002");
        ip("link set blue up");
        ip("link set lb0 master blue");
        ip("addr replace 2001:db8::1/64 dev lb0 nodad");
        assert_eq!(converge(&mut *target, &wanted).await, []);
        assert_eq!(ip("route show table 1002 proto 183").len(), 1);
    });
}

#[test]
fn a_device_that_is_missing_or_no_vrf_is_named() {
    story(async || {
        let error = target(&["--vrf-device", "blue"]).read().await.unwrap_err();
        assert!(matches!(error, Error::Unavailable(_)), "{error}");
        assert_eq!(
            error.to_string(),
            "there is no interface blue in this network namespace; create it, or name another: ip link show"
        );

        let error = target(&["--vrf-device", "lb0"]).read().await.unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{error}");
        assert_eq!(
            error.to_string(),
            "interface lb0 is no VRF device; name one that `ip link show type vrf` lists"
        );

        let error = target(&["--device", "eth7"]).read().await.unwrap_err();
        assert!(error.to_string().contains("no interface eth7"), "{error}");
    });
}
