//! What each endpoint answers.

use std::sync::atomic::Ordering;

use podroute::daemon::server::Error;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::daemon::{Daemon, client, until};

#[tokio::test]
async fn the_index_says_what_there_is() {
    let daemon = Daemon::start(&[]);
    let response = daemon.get("/").await;
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    let text = response.text().await.unwrap();
    let (title, list) = text.split_once("\n\n").unwrap();
    assert_eq!(title, "podroute 0.1.0");
    let paths: Vec<_> = list
        .lines()
        .map(|line| {
            line.split_whitespace()
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(
        paths,
        [
            "GET /healthz",
            "GET /readyz",
            "GET /metrics",
            "GET /report",
            "GET /routes",
            "GET /plan",
            "GET /status",
            "POST /plan/confirm",
            "POST /reconcile",
        ]
    );
}

#[tokio::test]
async fn the_report_is_what_the_policy_wrote() {
    let daemon = Daemon::start(&[]);
    let response = daemon.get("/report").await;
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(
        response.text().await.unwrap(),
        r#"{"schema":"podroute.report/v1"}"#
    );
}

#[tokio::test]
async fn what_is_not_there_yet_is_an_error_with_a_reason() {
    let daemon = Daemon::start(&[]);
    let answers = [
        (
            Error::NotYet("nothing was listed yet".to_owned()),
            503,
            "service-unavailable",
        ),
        (
            Error::Failed("the policy crashed".to_owned()),
            500,
            "internal-server-error",
        ),
    ];
    for (error, status, name) in answers {
        let message = error.to_string();
        *daemon.fake.report.lock().unwrap() = Err(error);
        let response = daemon.get("/report").await;
        assert_eq!(response.status(), status);
        assert_eq!(
            response.json::<Value>().await.unwrap(),
            json!({"error": name, "message": message})
        );
    }
}

#[tokio::test]
async fn a_plan_is_confirmed_by_table_and_token() {
    let daemon = Daemon::start(&[]);
    let confirm = async |body: Value| {
        let request = client().post(daemon.url("/plan/confirm")).json(&body);
        let response = request.send().await.unwrap();
        (
            response.status().as_u16(),
            response.json::<Value>().await.unwrap(),
        )
    };

    let (status, body) = confirm(json!({"table": "linux table 220", "token": "5f2c"})).await;
    assert_eq!(status, 404);
    assert_eq!(
        body,
        json!({"error": "not-found", "message": "there is no table linux table 220"})
    );

    let (status, body) = confirm(json!({"table": "avi vrf global", "token": "0000"})).await;
    assert_eq!(status, 409);
    assert_eq!(
        body,
        json!({"error": "conflict", "message": "another plan waits"})
    );
    assert_eq!(*daemon.fake.confirmed.lock().unwrap(), []);

    let (status, body) = confirm(json!({"table": "avi vrf global", "token": "5f2c"})).await;
    assert_eq!(status, 202);
    assert_eq!(
        body,
        json!({"message": "the plan of avi vrf global is confirmed and will be carried out if it still is the same"})
    );
    assert_eq!(
        *daemon.fake.confirmed.lock().unwrap(),
        [("avi vrf global".to_owned(), "5f2c".to_owned())]
    );
}

#[tokio::test]
async fn a_confirmation_that_cannot_be_understood_changes_nothing() {
    let daemon = Daemon::start(&[]);
    let cases = [
        ("application/json", r#"{"table": "avi vrf global""#, 400),
        ("application/json", r#"{"table": "avi vrf global"}"#, 422),
        (
            "application/json",
            r#"{"table": "avi vrf global", "token": 7}"#,
            422,
        ),
        (
            "application/json",
            r#"{"table": "avi vrf global", "token": "5f2c", "all": true}"#,
            422,
        ),
        ("application/json", "\u{0}", 400),
        // What a form of a web page may send without being asked.
        (
            "text/plain",
            r#"{"table": "avi vrf global", "token": "5f2c"}"#,
            415,
        ),
    ];
    for (kind, body, status) in cases {
        let request = client().post(daemon.url("/plan/confirm"));
        let request = request.header(CONTENT_TYPE, kind).body(body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{body}");
        let error: Value = response.json().await.unwrap();
        assert!(error["message"].is_string(), "{error}");
    }
    assert_eq!(*daemon.fake.confirmed.lock().unwrap(), []);
}

#[tokio::test]
async fn a_look_at_the_tables_can_be_asked_for() {
    let daemon = Daemon::start(&[]);
    let request = client().post(daemon.url("/reconcile"));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(
        response.json::<Value>().await.unwrap(),
        json!({"message": "the tables will be looked at now"})
    );
    assert_eq!(daemon.fake.reconciles.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let daemon = Daemon::start(&[]);
    for path in ["/", "/healthz", "/metrics", "/report", "/status"] {
        let response = client().head(daemon.url(path)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_ne!(response.headers()["content-length"], "0", "{path}");
        assert_eq!(response.text().await.unwrap(), "", "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_answered_with_what_is() {
    let daemon = Daemon::start(&[]);
    let response = daemon.get("/metric").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"], "not-found");
    assert_eq!(
        body["message"],
        "there is no /metric; `paths` lists what there is"
    );
    assert_eq!(body["paths"].as_array().unwrap().len(), 9);
    assert_eq!(
        body["paths"][0],
        json!({"method": "GET", "path": "/healthz", "what": "whether the loops of the daemon go round"})
    );
}

#[tokio::test]
async fn a_wrong_method_is_answered_with_the_right_one() {
    let daemon = Daemon::start(&[]);
    let cases = [
        (Method::GET, "/reconcile", "POST"),
        (Method::DELETE, "/plan", "GET,HEAD"),
        (Method::POST, "/healthz", "GET,HEAD"),
        (Method::from_bytes(b"BREW").unwrap(), "/metrics", "GET,HEAD"),
    ];
    for (method, path, allowed) in cases {
        let request = client().request(method.clone(), daemon.url(path));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(response.headers()["allow"], allowed);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"], "method-not-allowed");
        assert_eq!(
            body["message"],
            format!("{path} does not take {method}; `paths` says what it takes")
        );
        assert_eq!(body["paths"].as_array().unwrap().len(), 9);
    }
    assert_eq!(daemon.fake.reconciles.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_is_under_way_is_finished_when_the_daemon_ends() {
    let mut daemon = Daemon::start(&[]);
    daemon.fake.may_report.forget_permits(1000);
    let asked = tokio::spawn(client().get(daemon.url("/report")).send());
    until("the question", async || {
        daemon.fake.reports_asked.load(Ordering::SeqCst) == 1
    })
    .await;

    daemon.stop.cancel();
    until("the end of new connections", async || {
        client().get(daemon.url("/healthz")).send().await.is_err()
    })
    .await;
    daemon.fake.may_report.add_permits(1);

    let response = asked.await.unwrap().unwrap();
    assert_eq!(
        response.text().await.unwrap(),
        r#"{"schema":"podroute.report/v1"}"#
    );
    (&mut daemon.ended).await.unwrap().unwrap();
}
