//! What a kubelet sees.

use std::time::Duration;

use podroute::daemon::status::{Kind, Role, Table};
use reqwest::StatusCode;
use serde_json::json;

use crate::daemon::{Daemon, client};

async fn probe(daemon: &Daemon, path: &str) -> (u16, String) {
    let response = daemon.get(path).await;
    (response.status().as_u16(), response.text().await.unwrap())
}

fn ok() -> (u16, String) {
    (200, "ok\n".to_owned())
}

fn not(lines: &str) -> (u16, String) {
    (503, lines.to_owned())
}

#[tokio::test]
async fn a_daemon_becomes_ready_step_by_step() {
    let daemon = Daemon::start(&[]);
    let board = &daemon.fake.board;
    let kind = |name: &str, kind: Kind| {
        board.change(|status| drop(status.kinds.insert(name.to_owned(), kind)));
    };
    board.change(|status| status.kinds.clear());
    assert_eq!(
        probe(&daemon, "/readyz").await,
        not("it is not known yet which kinds to watch\n")
    );

    kind("Node", Kind::Waiting);
    kind("CiliumNode", Kind::NotWanted);
    board.change(|status| {
        status
            .tables
            .insert("avi vrf global".to_owned(), Table::default());
    });
    assert_eq!(
        probe(&daemon, "/readyz").await,
        not("Node has not been listed in full yet\navi vrf global has not been read yet\n")
    );

    kind("Node", Kind::Synced);
    assert_eq!(
        probe(&daemon, "/readyz").await,
        not("avi vrf global has not been read yet\n")
    );

    board.change(|status| {
        let table = status.tables.get_mut("avi vrf global").unwrap();
        table.last_read = Some("2026-01-31T12:00:00Z".parse().unwrap());
    });
    assert_eq!(probe(&daemon, "/readyz").await, ok());

    // It stays ready when a kind is lost later: what is known is old.
    kind(
        "Node",
        Kind::Unreadable {
            reason: "the API server is away".to_owned(),
            synced_before: true,
        },
    );
    assert_eq!(probe(&daemon, "/readyz").await, ok());
}

/// A reason may name addresses and users, and a probe is answered to anybody.
#[tokio::test]
async fn a_probe_does_not_say_why() {
    let daemon = Daemon::start(&[]);
    daemon.fake.board.change(|status| {
        let unreadable = Kind::Unreadable {
            reason: "nodes is forbidden: User \"podroute\"".to_owned(),
            synced_before: false,
        };
        status.kinds.insert("Node".to_owned(), unreadable);
    });
    assert_eq!(
        probe(&daemon, "/readyz").await,
        not("Node has not been listed in full yet; /status says why\n")
    );
    assert_eq!(
        daemon.json("/status").await["missing"],
        json!(["Node has not been listed in full yet: nodes is forbidden: User \"podroute\""])
    );
}

#[tokio::test]
async fn a_follower_is_ready_without_having_read_a_table() {
    let daemon = Daemon::start(&[]);
    let board = &daemon.fake.board;
    board.change(|status| {
        status.leadership.role = Role::Follower;
        status
            .tables
            .insert("avi vrf global".to_owned(), Table::default());
    });
    assert_eq!(probe(&daemon, "/readyz").await, ok());

    board.change(|status| status.leadership.role = Role::Leader);
    assert_eq!(
        probe(&daemon, "/readyz").await,
        not("avi vrf global has not been read yet\n")
    );
}

#[tokio::test]
async fn a_daemon_is_alive_while_its_loops_go_round() {
    let daemon = Daemon::start(&[]);
    assert_eq!(probe(&daemon, "/healthz").await, ok());

    let health = &daemon.fake.health;
    let policy = health.expect("policy thread", Duration::from_hours(1));
    // A loop that had to show itself in no time at all.
    let _hangs = health.expect("reconcile loop", Duration::ZERO);
    std::thread::sleep(Duration::from_millis(2));
    assert_eq!(
        probe(&daemon, "/healthz").await,
        not("the reconcile loop has not shown itself for 0 s; it should every 0 s\n")
    );

    drop(policy);
    let _runs = health.expect("reconcile loop", Duration::from_hours(1));
    assert_eq!(
        probe(&daemon, "/healthz").await,
        not("the policy thread has ended\n")
    );

    let _anew = health.expect("policy thread", Duration::from_hours(1));
    assert_eq!(probe(&daemon, "/healthz").await, ok());
}

#[tokio::test]
async fn an_address_for_probes_serves_nothing_else() {
    let daemon = Daemon::start(&["--probe-listen", "127.0.0.1:0"]);
    let probes = daemon.probes.expect("an address for probes");
    let get = async |path: &str| {
        let url = format!("http://{probes}{path}");
        client().get(url).send().await.unwrap()
    };
    for path in ["/healthz", "/readyz"] {
        assert_eq!(get(path).await.status(), StatusCode::OK, "{path}");
    }
    for path in [
        "/metrics",
        "/report",
        "/routes",
        "/plan",
        "/status",
        "/plan/confirm",
        "/reconcile",
    ] {
        assert_eq!(get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let index = get("/").await.text().await.unwrap();
    assert!(
        index.contains("/readyz") && !index.contains("/metrics"),
        "{index}"
    );
}
