//! Clients that mean no good, or know no better: each is answered, or loses
//! its connection, and the next one is answered.

use std::io::ErrorKind;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::program::{PATIENCE, Webhook, client, read, until};
use crate::shop::{duplicate, harmless};

const ENDPOINTS: [&str; 4] = ["/admission", "/gatekeeper", "/v1/evaluate", "/v1/review"];

/// What comes back for these bytes, until the server ends the connection.
async fn exchange(webhook: &Webhook, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(webhook.address).await.unwrap();
    // The server need not listen to the end.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    match timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .expect("an end")
    {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn post(path: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\n{headers}\r\n{body}"
    )
    .into_bytes()
}

/// The server answers as ever.
async fn assert_well(webhook: &Webhook) {
    webhook.is_well().await;
    let changes = json!({"changes": [{"put": duplicate()}]});
    let (status, review) = webhook.post_json("/v1/review", &changes).await;
    assert_eq!((status, &review["verdict"]), (200, &json!("deny")));
}

#[tokio::test]
async fn a_huge_body_is_refused_before_it_has_come() {
    let webhook = Webhook::of_shop(&[
        "--webhook-body-limit",
        "1",
        "--webhook-review-body-limit",
        "1",
    ]);
    let over = (1 << 20) + 1;
    for path in ENDPOINTS {
        let promised = post(path, "Content-Length: 100000000000\r\n", "");
        let answer = exchange(&webhook, &promised).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{path}: {answer}");

        // One byte more than is taken, announced or not.
        let body = " ".repeat(over);
        let (status, error) = webhook.post(path, body.clone()).await;
        assert_eq!(status, 413, "{path}");
        let error: Value = serde_json::from_str(&error).unwrap();
        assert_eq!(error["error"], "payload-too-large");
        let chunks = post(
            path,
            "Transfer-Encoding: chunked\r\n",
            &format!("{over:x}\r\n{body}\r\n0\r\n\r\n"),
        );
        let answer = exchange(&webhook, &chunks).await;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{path}: {answer}");

        // As much as is taken is looked at.
        let (status, _) = webhook.post(path, " ".repeat(1 << 20)).await;
        assert_eq!(status, 400, "{path}");
    }
    assert_well(&webhook).await;
}

#[tokio::test]
async fn nesting_without_end_is_an_error_and_no_crash() {
    let webhook = Webhook::of_shop(&[]);
    let deep = 200_000;
    let arrays = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(deep), "}".repeat(deep));
    for nested in [&arrays, &objects, &"[".repeat(deep)] {
        let node = format!(
            r#"{{"apiVersion": "v1", "kind": "Node", "metadata": {{"name": "w1", "x": {nested}}}}}"#
        );
        for (path, body) in [
            ("/v1/evaluate", nested.clone()),
            ("/v1/evaluate", format!(r#"{{"objects": [{nested}]}}"#)),
            ("/v1/evaluate", format!(r#"{{"objects": [{node}]}}"#)),
            (
                "/v1/evaluate",
                format!(r#"{{"objects": [], "settings": {{"cni": {nested}}}}}"#),
            ),
            ("/v1/review", format!(r#"{{"changes": {nested}}}"#)),
            (
                "/v1/review",
                format!(r#"{{"changes": [{{"put": {nested}}}]}}"#),
            ),
            (
                "/v1/review",
                format!(r#"{{"changes": [{{"put": {node}}}]}}"#),
            ),
            (
                "/v1/review",
                format!(r#"{{"objects": [], "changes": [{{"put": {node}}}]}}"#),
            ),
            ("/gatekeeper", nested.clone()),
            (
                "/gatekeeper",
                json!({
                    "apiVersion": "externaldata.gatekeeper.sh/v1beta1", "kind": "ProviderRequest",
                    "request": {"keys": [nested, node]},
                })
                .to_string(),
            ),
            ("/admission", nested.clone()),
        ] {
            let (status, text) = webhook.post(path, body).await;
            assert!([200, 400].contains(&status), "{path}: {status}");
            serde_json::from_str::<Value>(&text).expect("JSON");
        }
    }
    assert_well(&webhook).await;
    assert!(!webhook.log().contains("panicked"), "{}", webhook.log());
}

#[tokio::test]
async fn what_is_not_said_to_be_json_is_not_read() {
    let webhook = Webhook::of_shop(&[]);
    for path in ENDPOINTS {
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "é",
            "",
        ] {
            let request = client()
                .post(webhook.url(path))
                .header("content-type", kind.as_bytes());
            let (status, error) = read(request.body("{}").send().await.unwrap()).await;
            assert_eq!(status, 415, "{path} {kind}");
            assert_eq!(
                serde_json::from_str::<Value>(&error).unwrap(),
                json!({
                    "error": "unsupported-media-type",
                    "message": "this takes JSON: send `Content-Type: application/json`",
                })
            );
        }
        for kind in ["application/json", "Application/JSON; charset=utf-8"] {
            let request = client()
                .post(webhook.url(path))
                .header("content-type", kind);
            let (status, _) = read(request.body("{}").send().await.unwrap()).await;
            assert_eq!(status, 400, "{path} {kind}");
        }
        let (status, error) = read(
            client()
                .post(webhook.url(path))
                .header("content-type", "application/json")
                .body(b"{\"objects\": \"\xff\"}".to_vec())
                .send()
                .await
                .unwrap(),
        )
        .await;
        assert_eq!(status, 400, "{path}: {error}");
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_answered_with_what_there_is() {
    let webhook = Webhook::of_shop(&[]);
    for path in ENDPOINTS {
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            let request = client().request(method.parse().unwrap(), webhook.url(path));
            let (status, error) = read(request.send().await.unwrap()).await;
            let error: Value = serde_json::from_str(&error).unwrap();
            assert_eq!(
                (status, &error["error"]),
                (405, &json!("method-not-allowed")),
                "{method} {path}"
            );
        }
    }
    for path in [
        "/v1",
        "/v1/evaluate/",
        "/V1/evaluate",
        "/admission/x",
        "//gatekeeper",
        "/../etc/passwd",
    ] {
        let request = post(path, "Content-Length: 2\r\n", "{}");
        let answer = exchange(&webhook, &request).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_to_its_end_ends_the_request() {
    let webhook = Webhook::of_shop(&["--webhook-request-time", "1"]);
    for path in ENDPOINTS {
        let half = post(path, "Content-Length: 100\r\n", "{\"objects\": [");
        let answer = exchange(&webhook, &half).await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{path}: {answer}");
        assert!(answer.contains("the request took too long"), "{answer}");
    }
    assert_well(&webhook).await;
}

/// Those who are slow take turns away from those like them, and from nobody
/// else.
#[tokio::test]
async fn slow_evaluations_keep_no_review_waiting() {
    let webhook = Webhook::of_shop(&["--webhook-evaluations", "1"]);
    let mut slow = TcpStream::connect(webhook.address).await.unwrap();
    let half = post("/v1/evaluate", "Content-Length: 100\r\n", "{");
    slow.write_all(&half).await.unwrap();
    let second = json!({"objects": []}).to_string();
    let second = tokio::spawn(
        client()
            .post(webhook.url("/v1/evaluate"))
            .header("content-type", "application/json")
            .body(second)
            .send(),
    );
    let asked = json!({
        "apiVersion": "externaldata.gatekeeper.sh/v1beta1", "kind": "ProviderRequest",
        "request": {"keys": [harmless().to_string()]},
    });
    let (status, answer) = webhook.post_json("/gatekeeper", &asked).await;
    assert_eq!(status, 200);
    assert_eq!(answer["response"]["items"][0]["value"]["verdict"], "allow");
    webhook.is_well().await;
    assert!(!second.is_finished());

    drop(slow);
    assert_eq!(second.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn clients_that_go_away_in_the_middle_do_no_harm() {
    let webhook = Webhook::of_shop(&[]);
    let node = |index: usize| json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": format!("w{index}")}});
    let nodes: Vec<Value> = (0..500).map(node).collect();
    let body = json!({"objects": nodes}).to_string();
    let request = post(
        "/v1/evaluate",
        &format!("Content-Length: {}\r\n", body.len()),
        &body,
    );
    for _ in 0..100 {
        let mut stream = TcpStream::connect(webhook.address).await.unwrap();
        stream.write_all(&request).await.unwrap();
    }
    assert_well(&webhook).await;
}

#[tokio::test]
async fn hundreds_of_connections_are_not_too_many_and_thousands_are_closed() {
    let webhook = Webhook::of_shop(&[]);
    let mut open = Vec::new();
    for _ in 0..500 {
        open.push(TcpStream::connect(webhook.address).await.unwrap());
    }
    webhook.is_well().await;
    for _ in 0..100 {
        open.push(TcpStream::connect(webhook.address).await.unwrap());
    }
    // The last ones are closed without a word.
    let mut last = open.pop().unwrap();
    let mut nothing = Vec::new();
    let read = timeout(PATIENCE, last.read_to_end(&mut nothing))
        .await
        .expect("an end");
    assert!(read.is_err() || nothing.is_empty());

    drop(open);
    until("a free place", async || {
        client().get(webhook.url("/healthz")).send().await.is_ok()
    })
    .await;
    assert_well(&webhook).await;
}

/// What a request brings itself cannot take memory from the cluster.
#[tokio::test]
async fn an_evaluation_that_needs_too_much_memory_ends_alone() {
    let webhook = Webhook::of_shop(&["--webhook-evaluation-memory", "1"]);
    for (path, request) in [
        ("/v1/evaluate", json!({"objects": []})),
        ("/v1/review", json!({"objects": [], "changes": []})),
    ] {
        let (status, error) = webhook.post_json(path, &request).await;
        assert_eq!(status, 413, "{path}");
        let message = "the policy needs more than 1 MiB of memory; raise the limit if the cluster is very large";
        assert_eq!(
            error,
            json!({"error": "payload-too-large", "message": message})
        );
    }
    assert_well(&webhook).await;
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let webhook = Webhook::of_shop(&[]);
    let many = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\n{}\r\n",
        "X: x\r\n".repeat(1000)
    );
    let twice = b"POST /v1/evaluate HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n";
    let cases: [&[u8]; 5] = [
        b"GET /\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        twice,
        many.as_bytes(),
    ];
    for bytes in cases {
        let mut stream = TcpStream::connect(webhook.address).await.unwrap();
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = timeout(PATIENCE, stream.read_to_end(&mut answer))
            .await
            .expect("an end");
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{answer}"
        );
    }
    assert_well(&webhook).await;
}
