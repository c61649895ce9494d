//! HTTPS: versions, and certificates that change.

use std::fs;
use std::path::Path;

use reqwest::tls::Version;
use tempfile::TempDir;

use crate::certificates::{Authority, SelfSigned};
use crate::program::{Webhook, client, until};

fn start(folder: &Path, more: &[&str]) -> Webhook {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (certificate, key) = (path("tls.crt"), path("tls.key"));
    let tls = ["--tls-cert", &certificate, "--tls-key", &key];
    Webhook::of_shop(&[&tls[..], more].concat())
}

/// Whether the server shows just this certificate.
async fn shows(webhook: &Webhook, signed: &SelfSigned) -> bool {
    signed
        .client()
        .get(webhook.url("/healthz"))
        .send()
        .await
        .is_ok()
}

/// Gatekeeper speaks nothing below TLS 1.3, others nothing above 1.2.
#[tokio::test]
async fn both_versions_of_tls_are_spoken_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let signed = SelfSigned::new();
    signed.write(folder.path());
    let webhook = start(folder.path(), &[]);
    let new = signed.trusting().tls_version_min(Version::TLS_1_3);
    let old = signed.trusting().tls_version_max(Version::TLS_1_2);
    for client in [new, old] {
        let client = client.build().unwrap();
        let request = client.post(webhook.url("/v1/evaluate"));
        let request = request.header("content-type", "application/json");
        let response = request.body(r#"{"objects": []}"#).send().await.unwrap();
        assert_eq!(response.status(), 200);
    }
    let plain = webhook.url("/healthz").replace("https:", "http:");
    assert!(client().get(plain).send().await.is_err());
    assert!(!shows(&webhook, &SelfSigned::new()).await);
}

#[tokio::test]
async fn a_new_certificate_is_taken_over() {
    let folder = TempDir::new().unwrap();
    let (first, second) = (SelfSigned::new(), SelfSigned::new());
    first.write(folder.path());
    let webhook = start(folder.path(), &[]);
    assert!(shows(&webhook, &first).await);

    second.write(folder.path());
    until("the new certificate", async || {
        shows(&webhook, &second).await
    })
    .await;
    assert!(!shows(&webhook, &first).await);

    // One that cannot be used leaves the former one.
    fs::write(folder.path().join("tls.crt"), "").unwrap();
    until("the bad news", async || {
        let text = second
            .client()
            .get(webhook.url("/metrics"))
            .send()
            .await
            .unwrap();
        text.text()
            .await
            .unwrap()
            .contains("podroute_webhook_file_outdated{file=\"certificate\"} 1")
    })
    .await;
    assert!(shows(&webhook, &second).await);
}

#[tokio::test]
async fn where_clients_are_asked_for_certificates_only_probes_do_without() {
    let folder = TempDir::new().unwrap();
    let (signed, authority) = (SelfSigned::new(), Authority::new());
    signed.write(folder.path());
    let file = folder.path().join("clients.crt");
    fs::write(&file, &authority.certificate).unwrap();
    let webhook = start(folder.path(), &["--client-ca", file.to_str().unwrap()]);
    let known = signed
        .trusting()
        .identity(authority.identity())
        .build()
        .unwrap();
    let nameless = signed.client();
    let stranger = Authority::new().identity();
    let stranger = signed.trusting().identity(stranger).build().unwrap();

    for path in ["/healthz", "/readyz", "/openapi.json"] {
        for client in [&known, &nameless] {
            let response = client.get(webhook.url(path)).send().await.unwrap();
            assert_eq!(response.status(), 200, "{path}");
        }
    }
    for path in ["/admission", "/gatekeeper", "/v1/evaluate", "/v1/review"] {
        let post = |client: &reqwest::Client| {
            let request = client.post(webhook.url(path));
            request
                .header("content-type", "application/json")
                .body("{}")
                .send()
        };
        assert_eq!(post(&known).await.unwrap().status(), 400, "{path}");
        assert_eq!(post(&nameless).await.unwrap().status(), 401, "{path}");
        assert!(post(&stranger).await.is_err(), "{path}");
    }
    for path in ["/metrics", "/", "/nothing-here"] {
        let response = nameless.get(webhook.url(path)).send().await.unwrap();
        assert_eq!(response.status(), 401, "{path}");
    }

    // Another authority is taken over as other files are.
    let next = Authority::new();
    fs::write(&file, &next.certificate).unwrap();
    let known_next = signed.trusting().identity(next.identity()).build().unwrap();
    until("the next authority", async || {
        let answer = known_next.get(webhook.url("/metrics")).send().await;
        answer.is_ok_and(|answer| answer.status() == 200)
    })
    .await;
    assert!(known.get(webhook.url("/metrics")).send().await.is_err());
}
