//! What the command needs before it answers.

use std::fs;

use tempfile::TempDir;

use crate::certificates::SelfSigned;
use crate::program::{Webhook, refused};
use crate::shop;

fn refusal(options: &[&str]) -> String {
    let shop = shop::path();
    let given = ["webhook", "--snapshot", shop.to_str().unwrap()];
    let (code, error) = refused(&[&given[..], options].concat());
    assert_eq!(code, 2, "{error}");
    error
}

#[test]
fn other_machines_are_answered_over_tls_only() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        assert_eq!(
            refusal(&["--listen", address]),
            format!(
                "error: --listen {address} is reached from other machines: there it takes TLS; give --tls-cert and --tls-key, or --self-signed, too, or listen on 127.0.0.1\n"
            )
        );
    }
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let folder = TempDir::new().unwrap();
    SelfSigned::new().write(folder.path());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (certificate, key) = (path("tls.crt"), path("tls.key"));
    let tls = ["--tls-cert", &certificate, "--tls-key", &key];

    assert_eq!(
        refusal(&tls[..2]),
        "error: --tls-key is missing: TLS takes both --tls-cert and --tls-key\n"
    );
    assert_eq!(
        refusal(&["--client-ca", &certificate]),
        "error: --tls-cert is missing: --client-ca takes --tls-cert and --tls-key\n"
    );
    let missing = path("missing");
    let error = refusal(&[&tls[..], &["--client-ca", &missing]].concat());
    let beginning = format!("error: --tls-cert, --tls-key, --client-ca: cannot read {missing}: ");
    assert!(error.starts_with(&beginning), "{error}");
    let error = refusal(&[&tls[..], &["--client-ca", &key]].concat());
    assert!(
        error.ends_with("the third of them holds no certificate as PEM\n"),
        "{error}"
    );
    fs::write(path("token"), "short").unwrap();
    let error = refusal(&["--token-file", &path("token")]);
    assert!(error.starts_with("error: --token-file: "), "{error}");
}

#[test]
fn a_part_of_a_snapshot_is_not_taken_for_all_of_it() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("broken.yaml");
    fs::write(&file, "apiVersion: v1\nkind: [\n").unwrap();
    let error = refusal(&["--snapshot", file.to_str().unwrap()]);
    assert!(
        error.starts_with(&format!("error: --snapshot: {}", file.display())),
        "{error}"
    );
}

#[test]
fn a_cluster_is_watched_or_read_from_files_and_not_both() {
    for other in [["--kubeconfig", "/nowhere"], ["--self-signed", "a.b.svc"]] {
        let error = refusal(&other);
        assert!(error.contains("cannot be used with"), "{error}");
    }
    let (code, error) = refused(&["webhook", "--kubeconfig", "/nowhere"]);
    assert_eq!(code, 2);
    assert!(error.starts_with("error: kubeconfig /nowhere: "), "{error}");
}

#[tokio::test]
async fn it_stops_when_it_is_told_to() {
    let webhook = Webhook::of_shop(&[]);
    webhook.is_well().await;
    assert_eq!(webhook.get("/readyz").await, (200, "ok\n".to_owned()));
    assert_eq!(webhook.stop().await.code(), Some(0));
}
