//! The kernel tells of what others change.

use std::fmt::Write;
use std::time::Duration;

use podroute::targets::Target;
use tokio::time::timeout;

use crate::namespace::{ip, story};
use crate::plan::{converge, held, target};

const WANTED: [(&str, &str); 2] = [
    ("10.244.1.0/24", "192.0.2.11"),
    ("2001:db8:1::/64", "2001:db8::11"),
];

async fn is_disturbed(target: &mut dyn Target) {
    timeout(Duration::from_secs(20), target.disturbed())
        .await
        .expect("a notice");
}

/// Long enough for a notice that should not come.
async fn is_quiet(target: &mut dyn Target) {
    timeout(Duration::from_millis(300), target.disturbed())
        .await
        .expect_err("no notice");
}

#[test]
fn what_others_do_is_noticed() {
    story(async || {
        let mut target = target(&[]);
        converge(&mut *target, &WANTED).await;
        for change in [
            "route add 10.9.0.0/16 via 192.0.2.91 table 18300",
            "route del 10.244.1.0/24 table 18300",
            "-6 route del 2001:db8:1::/64 table 18300",
            "addr add 198.51.100.1/24 dev lb0",
            "addr del 198.51.100.1/24 dev lb0",
            "rule add priority 77 lookup 18300",
            "rule del priority 77",
            "link add other type veth peer name rehto",
            "link set other up",
            "link del other",
        ] {
            target.read().await.unwrap();
            ip(change);
            if change.starts_with("link add") {
                continue;
            }
            println!("{change}");
            is_disturbed(&mut *target).await;
        }
    });
}

#[test]
fn what_does_not_concern_the_table_is_not() {
    story(async || {
        let mut target = target(&[]);
        target.read().await.unwrap();
        is_quiet(&mut *target).await;
        ip("route add 10.9.0.0/16 via 192.0.2.91");
        ip("route add 10.9.0.0/16 via 192.0.2.91 table 7");
        ip("rule add priority 77 lookup 7");
        is_quiet(&mut *target).await;

        // A read sees what was noticed before it.
        ip("route add 10.9.0.0/16 via 192.0.2.91 table 18300");
        is_disturbed(&mut *target).await;
        ip("route add 10.8.0.0/16 via 192.0.2.91 table 18300");
        tokio::time::sleep(Duration::from_millis(100)).await;
        target.read().await.unwrap();
        is_quiet(&mut *target).await;
    });
}

#[test]
fn our_own_changes_are_not() {
    story(async || {
        let mut target = target(&["--manage-rule"]);
        for wanted in [
            &WANTED[..],
            &[
                ("10.244.1.0/24", "192.0.2.12"),
                ("2001:db8:1::/64", "2001:db8::12"),
            ],
            &[],
        ] {
            converge(&mut *target, wanted).await;
            is_quiet(&mut *target).await;
        }
    });
}

#[test]
fn routes_that_went_with_an_interface_come_back() {
    story(async || {
        let mut target = target(&[]);
        converge(&mut *target, &WANTED).await;

        ip("link set lb0 down");
        is_disturbed(&mut *target).await;
        assert_eq!(held(&mut *target).await, []);
        let failed = converge(&mut *target, &WANTED).await;
        assert_eq!(failed.len(), 2, "{failed:#?}");

        ip("link set lb0 up");
        is_disturbed(&mut *target).await;
        // IPv6 addresses go with the interface.
        ip("addr replace 2001:db8::1/64 dev lb0 nodad");
        let mut failed = converge(&mut *target, &WANTED).await;
        while !failed.is_empty() {
            is_disturbed(&mut *target).await;
            failed = converge(&mut *target, &WANTED).await;
        }
        assert_eq!(held(&mut *target).await.len(), 2);
    });
}

#[test]
fn notices_that_were_lost_count() {
    story(async || {
        let mut target = target(&[]);
        target.read().await.unwrap();
        // Nothing reads the socket in this thread meanwhile.
        let mut lines = String::new();
        for n in 0..20_000 {
            let (high, low) = (n / 256, n % 256);
            writeln!(
                lines,
                "route add 10.{high}.{low}.0/24 via 192.0.2.91 table 7"
            )
            .unwrap();
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), lines).unwrap();
        ip(&format!("-batch {}", file.path().display()));
        is_disturbed(&mut *target).await;
        target.read().await.unwrap();
        is_quiet(&mut *target).await;
        ip("route add 10.9.0.0/16 via 192.0.2.91 table 18300");
        is_disturbed(&mut *target).await;
    });
}
