//! Who is answered.

use std::fs;
use std::sync::atomic::Ordering;

use reqwest::StatusCode;
use reqwest::header::{AUTHORIZATION, HOST, ORIGIN};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::daemon::{Daemon, TOKEN, client, until};

const OTHER: &str = "fedcba9876543210-other";

const GUARDED: [&str; 6] = ["/", "/metrics", "/report", "/routes", "/plan", "/status"];

fn with_tokens(contents: &str) -> (TempDir, Daemon) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, contents).unwrap();
    let daemon = Daemon::start(&["--token-file", file.to_str().unwrap()]);
    (folder, daemon)
}

async fn status(daemon: &Daemon, path: &str, authorization: &str) -> StatusCode {
    let request = client().get(daemon.url(path));
    let request = request.header(AUTHORIZATION, authorization);
    request.send().await.unwrap().status()
}

async fn accepts(daemon: &Daemon, token: &str) -> bool {
    match status(daemon, "/status", &format!("Bearer {token}")).await {
        StatusCode::OK => true,
        StatusCode::UNAUTHORIZED => false,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn without_a_token_there_are_only_probes() {
    let (_folder, daemon) = with_tokens(TOKEN);
    for path in ["/healthz", "/readyz"] {
        assert_eq!(daemon.get(path).await.status(), StatusCode::OK, "{path}");
    }
    for path in GUARDED.iter().chain(&["/nothing-here"]) {
        let response = daemon.get(path).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"], "unauthorized");
    }
    let agreed = json!({"table": "avi vrf global", "token": "5f2c"});
    for path in ["/plan/confirm", "/reconcile"] {
        let request = client().post(daemon.url(path)).json(&agreed);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(*daemon.fake.confirmed.lock().unwrap(), []);
}

#[tokio::test]
async fn with_a_token_there_is_everything() {
    let (_folder, daemon) = with_tokens(&format!("{TOKEN}\n"));
    for path in GUARDED {
        let answer = status(&daemon, path, &format!("Bearer {TOKEN}")).await;
        assert_eq!(answer, StatusCode::OK, "{path}");
    }
    // The scheme is not case-sensitive.
    let answer = status(&daemon, "/plan", &format!("bearer {TOKEN}")).await;
    assert_eq!(answer, StatusCode::OK);

    let agreed = json!({"table": "avi vrf global", "token": "5f2c"});
    let request = client().post(daemon.url("/plan/confirm")).json(&agreed);
    let response = request.bearer_auth(TOKEN).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_token_that_is_nearly_right_is_wrong() {
    let (_folder, daemon) = with_tokens(TOKEN);
    let wrong = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer {}", &TOKEN[..TOKEN.len() - 1]),
        format!("Bearer {TOKEN}x"),
        format!("Bearer {}", TOKEN.to_uppercase()),
        format!("Bearer {TOKEN} {TOKEN}"),
        format!("Basic {TOKEN}"),
        TOKEN.to_owned(),
    ];
    for authorization in &wrong {
        let answer = status(&daemon, "/status", authorization).await;
        assert_eq!(answer, StatusCode::UNAUTHORIZED, "{authorization}");
    }
}

#[tokio::test]
async fn tokens_are_changed_one_client_after_the_other() {
    let (folder, daemon) = with_tokens(TOKEN);
    let file = folder.path().join("token");
    assert!(accepts(&daemon, TOKEN).await);
    assert!(!accepts(&daemon, OTHER).await);

    fs::write(&file, format!("{OTHER}\r\n\n{TOKEN}\n")).unwrap();
    until("the second token", async || accepts(&daemon, OTHER).await).await;
    assert!(accepts(&daemon, TOKEN).await);

    fs::write(&file, OTHER).unwrap();
    until("the end of the first", async || {
        !accepts(&daemon, TOKEN).await
    })
    .await;
    assert!(accepts(&daemon, OTHER).await);
}

/// Otherwise a mistake would lock everybody out, or let everybody in.
#[tokio::test]
async fn tokens_that_cannot_be_used_leave_the_former_ones() {
    let (folder, daemon) = with_tokens(TOKEN);
    let file = folder.path().join("token");
    let outdated = |file: &str, is: u8| {
        let line = format!("podroute_server_file_outdated{{file=\"{file}\"}} {is}");
        daemon.metric_lines().contains(&line)
    };
    until("the first look", async || outdated("tokens", 0)).await;
    for contents in ["", "short\n", "two words in one line\n"] {
        fs::write(&file, contents).unwrap();
        until("the look at bad tokens", async || outdated("tokens", 1)).await;
        assert!(accepts(&daemon, TOKEN).await);
        assert!(!accepts(&daemon, "").await);
        assert!(!accepts(&daemon, contents.trim()).await);

        fs::write(&file, TOKEN).unwrap();
        until("the look at good tokens", async || outdated("tokens", 0)).await;
    }
    fs::remove_file(&file).unwrap();
    until("the look at no file", async || outdated("tokens", 1)).await;
    assert!(accepts(&daemon, TOKEN).await);
}

/// The name of a page elsewhere may be made to point to this machine, and any
/// page may send a POST to it.
#[tokio::test]
async fn a_web_page_is_not_answered_where_there_are_no_tokens() {
    let daemon = Daemon::start(&[]);
    let port = daemon.address.port();
    let get = async |host: &str| {
        let request = client().get(daemon.url("/plan")).header(HOST, host);
        request.send().await.unwrap().status().as_u16()
    };
    for host in [
        "localhost",
        "LOCALHOST:8080",
        "127.0.0.1",
        "[::1]:8080",
        "192.0.2.7",
    ] {
        assert_eq!(get(host).await, 200, "{host}");
    }
    for host in [
        "attacker.example",
        "attacker.example:8080",
        "localhost.attacker.example",
        "?",
    ] {
        assert_eq!(get(host).await, 403, "{host}");
    }
    for origin in [
        "https://attacker.example".to_owned(),
        format!("http://127.0.0.1:{port}"),
    ] {
        let request = client().post(daemon.url("/reconcile"));
        let request = request.header(ORIGIN, origin);
        assert_eq!(
            request.send().await.unwrap().status(),
            StatusCode::FORBIDDEN
        );
    }
    assert_eq!(daemon.fake.reconciles.load(Ordering::SeqCst), 0);
}
