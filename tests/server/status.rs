//! How the status is kept.

use std::time::{Duration, Instant};

use podroute::daemon::status::{Board, ByFamily, Failure, Health, Kind, Role, Status, Table};

#[test]
fn a_reader_keeps_the_status_that_it_has_got() {
    let board = Board::default();
    let before = board.now();
    board.change(|status| {
        status.policy.restarts = 7;
        status.leadership.role = Role::Leader;
    });
    assert_eq!(
        (before.policy.restarts, before.leadership.role),
        (0, Role::NotUsed)
    );
    let after = board.now();
    assert_eq!(
        (after.policy.restarts, after.leadership.role),
        (7, Role::Leader)
    );
}

#[tokio::test]
async fn a_change_of_the_status_can_be_waited_for() {
    let board = Board::default();
    let mut changes = board.subscribe();
    board.clone().change(|status| status.policy.restarts = 1);
    changes.changed().await.unwrap();
    assert_eq!(changes.borrow_and_update().policy.restarts, 1);
}

#[test]
fn what_is_missing_says_why() {
    let mut status = Status::new();
    let unreadable = |synced_before| Kind::Unreadable {
        reason: "nodes is forbidden".to_owned(),
        synced_before,
    };
    status.kinds.insert("Node".to_owned(), unreadable(false));
    let failing = Table {
        error: Some(Failure {
            at: "2026-01-31T12:00:00Z".parse().unwrap(),
            text: "connection refused".to_owned(),
        }),
        ..Table::default()
    };
    status.tables.insert("avi vrf global".to_owned(), failing);
    let missing: Vec<_> = status.missing().iter().map(ToString::to_string).collect();
    assert_eq!(
        missing,
        [
            "Node has not been listed in full yet: nodes is forbidden",
            "avi vrf global has not been read yet: connection refused",
        ]
    );
    status.leadership.role = Role::Follower;
    status.kinds.insert("Node".to_owned(), unreadable(true));
    assert!(status.missing().is_empty());
}

#[test]
fn a_loop_has_to_beat_in_time() {
    let health = Health::default();
    let heartbeat = health.expect("reconcile loop", Duration::from_mins(1));
    let begun = Instant::now();
    let hanging_after = |seconds| health.hanging(begun + Duration::from_secs(seconds));
    assert!(hanging_after(0).is_empty());
    assert!(hanging_after(59).is_empty());
    assert_eq!(
        hanging_after(3600),
        ["the reconcile loop has not shown itself for 3600 s; it should every 60 s"]
    );

    heartbeat.beat();
    assert!(hanging_after(59).is_empty());

    drop(heartbeat);
    assert_eq!(hanging_after(0), ["the reconcile loop has ended"]);
}

#[test]
fn a_loop_that_panics_has_ended() {
    let health = Health::default();
    let heartbeat = health.expect("policy thread", Duration::from_mins(1));
    let thread = std::thread::spawn(move || {
        heartbeat.beat();
        panic!("on purpose");
    });
    assert!(thread.join().is_err());
    assert_eq!(
        health.hanging(Instant::now()),
        ["the policy thread has ended"]
    );
}

#[test]
fn a_prefix_belongs_to_a_family_even_if_it_is_no_network() {
    let mut counts = ByFamily::<u64>::default();
    for prefix in ["10.244.1.0/24", "2001:db8::/64", "fe80::/what", "default"] {
        *counts.of(prefix) += 1;
    }
    assert_eq!(counts, ByFamily { ipv4: 2, ipv6: 2 });
}
