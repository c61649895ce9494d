//! Clients that mean no good, or know no better.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use podroute::daemon::server::Limits;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::daemon::{Daemon, PATIENCE, client, until};

const BRIEFLY: Duration = Duration::from_millis(200);

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.unwrap()
}

/// Everything that comes until the server ends the connection.
async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("an end")
    {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What comes back for these bytes, until the server ends the connection.
async fn exchange(daemon: &Daemon, bytes: &[u8]) -> String {
    let mut stream = connect(daemon.address).await;
    // The server need not listen to the end.
    let _ = stream.write_all(bytes).await;
    read_to_end(&mut stream).await
}

async fn assert_well(daemon: &Daemon) {
    assert_eq!(daemon.get("/healthz").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_huge_body_is_refused() {
    let daemon = Daemon::start(&[]);
    let body = format!(
        r#"{{"table": "avi vrf global", "token": "{}"}}"#,
        "x".repeat(64 * 1024)
    );
    let request = client().post(daemon.url("/plan/confirm"));
    let request = request
        .header("content-type", "application/json")
        .body(body.clone());
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let error: Value = response.json().await.unwrap();
    assert_eq!(error["error"], "payload-too-large");

    // The same without saying before how much it will be.
    let chunks = format!(
        "POST /plan/confirm HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    let answer = exchange(&daemon, chunks.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");

    // No gigabyte is waited for before the refusal.
    let promise = b"POST /plan/confirm HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                    Content-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n";
    let answer = exchange(&daemon, promise).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert_well(&daemon).await;
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let daemon = Daemon::start(&[]);
    let noise: Vec<u8> = (0..4096_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0])
        .collect();
    let long = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n",
        "X: x\r\n".repeat(1000)
    );
    let cases: [&[u8]; 8] = [
        b"\r\n\r\n\r\n",
        b"GET /\r\n\r\n",
        b"G\0T / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /reconcile HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        long.as_bytes(),
        many.as_bytes(),
    ];
    for bytes in cases.into_iter().chain([noise.as_slice()]) {
        let mut stream = connect(daemon.address).await;
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let answer = read_to_end(&mut stream).await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{answer}"
        );
    }
    assert_eq!(daemon.fake.reconciles.load(Ordering::SeqCst), 0);
    assert_well(&daemon).await;
}

#[tokio::test]
async fn paths_lead_nowhere_else() {
    let daemon = Daemon::start(&[]);
    for path in [
        "/../../etc/passwd",
        "//healthz",
        "/healthz/",
        "/%2e%2e",
        "/status%00",
        "/plan/confirm/x",
    ] {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = exchange(&daemon, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_head_that_does_not_come_to_its_end_ends_the_connection() {
    let limits = Limits {
        header: BRIEFLY,
        ..Limits::default()
    };
    let daemon = Daemon::start_with(&[], limits);
    for beginning in ["", "G", "GET /report HTTP/1.1\r\nHost: local"] {
        exchange(&daemon, beginning.as_bytes()).await;
    }
    // So does waiting for a second request for too long.
    let idle = exchange(&daemon, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(
        idle.starts_with("HTTP/1.1 200 OK\r\n") && idle.ends_with("ok\n"),
        "{idle}"
    );
    assert_eq!(daemon.fake.reports_asked.load(Ordering::SeqCst), 0);
    assert_well(&daemon).await;
}

#[tokio::test]
async fn a_body_that_does_not_come_to_its_end_ends_the_request() {
    let limits = Limits {
        request: BRIEFLY,
        ..Limits::default()
    };
    let daemon = Daemon::start_with(&[], limits);
    let half =
        b"POST /plan/confirm HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                 Content-Length: 100\r\n\r\n{\"table\": ";
    let answer = exchange(&daemon, half).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("the request took too long"), "{answer}");
    assert_eq!(*daemon.fake.confirmed.lock().unwrap(), []);
    assert_well(&daemon).await;
}

#[tokio::test]
async fn a_client_that_goes_away_in_the_middle_does_no_harm() {
    let daemon = Daemon::start(&[]);
    daemon.fake.may_report.forget_permits(1000);
    for _ in 0..50 {
        let mut stream = connect(daemon.address).await;
        let request = b"GET /report HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(request).await.unwrap();
    }
    let limits = Limits::default();
    until("a free turn", async || {
        daemon.fake.reports_asked.load(Ordering::SeqCst) >= limits.requests as u64
    })
    .await;
    daemon.fake.may_report.add_permits(1000);
    daemon.json("/report").await;
}

#[tokio::test]
async fn one_client_cannot_take_all_connections_for_ever() {
    let limits = Limits {
        connections: 2,
        ..Limits::default()
    };
    let daemon = Daemon::start_with(&[], limits);
    let first = connect(daemon.address).await;
    let _second = connect(daemon.address).await;
    let mut third = connect(daemon.address).await;
    assert_eq!(read_to_end(&mut third).await, "");

    drop(first);
    until("a free place", async || {
        client().get(daemon.url("/healthz")).send().await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_client_that_takes_no_answer_loses_its_connection() {
    let limits = Limits {
        connections: 1,
        stall: BRIEFLY,
        ..Limits::default()
    };
    let daemon = Daemon::start_with(&[], limits);
    let large = "x".repeat(64 << 20);
    *daemon.fake.report.lock().unwrap() = Ok(large.clone());
    let mut stream = connect(daemon.address).await;
    let request = b"GET /report HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request).await.unwrap();
    until("the question", async || {
        daemon.fake.reports_asked.load(Ordering::SeqCst) == 1
    })
    .await;

    until("a free place", async || {
        client().get(daemon.url("/healthz")).send().await.is_ok()
    })
    .await;
    assert!(read_to_end(&mut stream).await.len() < large.len());
}

#[tokio::test]
async fn probes_are_answered_whatever_else_is_asked() {
    let limits = Limits {
        requests: 1,
        ..Limits::default()
    };
    let daemon = Daemon::start_with(&[], limits);
    daemon.fake.may_report.forget_permits(1000);
    let ask = |path: &str| tokio::spawn(client().get(daemon.url(path)).send());
    let report = ask("/report");
    until("the question", async || {
        daemon.fake.reports_asked.load(Ordering::SeqCst) == 1
    })
    .await;
    let plan = ask("/plan");
    for path in ["/healthz", "/readyz"] {
        assert_eq!(daemon.get(path).await.status(), StatusCode::OK);
    }
    assert!(!plan.is_finished());

    daemon.fake.may_report.add_permits(1);
    for asked in [report, plan] {
        assert_eq!(asked.await.unwrap().unwrap().status(), StatusCode::OK);
    }
}
