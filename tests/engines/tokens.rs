//! Who is answered.

use std::fs;

use reqwest::header::{AUTHORIZATION, HOST, ORIGIN};
use serde_json::Value;
use tempfile::TempDir;

use crate::certificates::{Authority, SelfSigned};
use crate::program::{Webhook, client, read, until};

const TOKEN: &str = "0123456789abcdef-first";
const OTHER: &str = "fedcba9876543210-other";

async fn post(webhook: &Webhook, path: &str, token: Option<&str>) -> (u16, String) {
    let mut request = client().post(webhook.url(path)).body("{}");
    request = request.header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn all_but_probes_and_admission_take_a_token() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("tokens");
    fs::write(&file, format!("{TOKEN}\n")).unwrap();
    let webhook = Webhook::of_shop(&["--token-file", file.to_str().unwrap()]);
    for path in ["/v1/evaluate", "/v1/review", "/gatekeeper"] {
        for wrong in [None, Some(OTHER), Some("")] {
            let (status, error) = post(&webhook, path, wrong).await;
            assert_eq!(status, 401, "{path}");
            let error: Value = serde_json::from_str(&error).unwrap();
            assert_eq!(error["error"], "unauthorized");
        }
        // It is let in, and told what is wrong with its request.
        assert_eq!(post(&webhook, path, Some(TOKEN)).await.0, 400, "{path}");
    }
    for path in ["/metrics", "/", "/nothing-here"] {
        assert_eq!(webhook.get(path).await.0, 401, "{path}");
    }
    for path in ["/healthz", "/readyz", "/openapi.json"] {
        assert_eq!(webhook.get(path).await.0, 200, "{path}");
    }
    // An API server brings none.
    assert_eq!(post(&webhook, "/admission", None).await.0, 400);

    fs::write(&file, OTHER).unwrap();
    until("the other token", async || {
        post(&webhook, "/v1/review", Some(OTHER)).await.0 == 400
    })
    .await;
    assert_eq!(post(&webhook, "/v1/review", Some(TOKEN)).await.0, 401);
}

#[tokio::test]
async fn a_token_or_a_certificate_is_enough() {
    let folder = TempDir::new().unwrap();
    let (signed, authority) = (SelfSigned::new(), Authority::new());
    signed.write(folder.path());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("clients.crt"), &authority.certificate).unwrap();
    fs::write(path("tokens"), TOKEN).unwrap();
    let webhook = Webhook::of_shop(&[
        "--tls-cert",
        &path("tls.crt"),
        "--tls-key",
        &path("tls.key"),
        "--client-ca",
        &path("clients.crt"),
        "--token-file",
        &path("tokens"),
    ]);
    let nameless = signed.client();
    let named = signed
        .trusting()
        .identity(authority.identity())
        .build()
        .unwrap();
    for path in ["/admission", "/gatekeeper", "/v1/review"] {
        let ask = async |client: &reqwest::Client, token: &str| {
            let request = client.post(webhook.url(path)).bearer_auth(token);
            let request = request
                .header("content-type", "application/json")
                .body("{}");
            request.send().await.unwrap().status().as_u16()
        };
        assert_eq!(ask(&nameless, OTHER).await, 401, "{path}");
        assert_eq!(ask(&nameless, TOKEN).await, 400, "{path}");
        assert_eq!(ask(&named, OTHER).await, 400, "{path}");
    }
}

/// The name of a page elsewhere may be made to point to this machine.
#[tokio::test]
async fn a_web_page_is_not_answered() {
    let webhook = Webhook::of_shop(&[]);
    for (header, value, expected) in [
        (HOST, "localhost:8443", 400),
        (HOST, "[::1]:8443", 400),
        (HOST, "attacker.example", 403),
        (ORIGIN, "https://attacker.example", 403),
    ] {
        for path in ["/admission", "/gatekeeper", "/v1/review"] {
            let request = client()
                .post(webhook.url(path))
                .header(header.clone(), value);
            let request = request
                .header("content-type", "application/json")
                .body("{}");
            let status = request.send().await.unwrap().status();
            assert_eq!(status, expected, "{path} {value}");
        }
    }
}
