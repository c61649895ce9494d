//! HTTPS, and certificates that change.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;

use crate::daemon::{Daemon, SelfSigned, client, client_that_trusts, until};

fn start(folder: &Path) -> Daemon {
    let path = |name| folder.join(name).to_str().unwrap().to_owned();
    Daemon::start(&[
        "--tls-cert",
        &path("tls.crt"),
        "--tls-key",
        &path("tls.key"),
    ])
}

/// Whether the server shows just this certificate.
async fn shows(daemon: &Daemon, signed: &SelfSigned) -> bool {
    let client = client_that_trusts(Some(&signed.certificate));
    match client.get(daemon.https("/healthz")).send().await {
        Ok(response) => response.text().await.unwrap() == "ok\n",
        Err(_) => false,
    }
}

fn outdated(daemon: &Daemon, is: u8) -> bool {
    let line = format!("podroute_server_file_outdated{{file=\"certificate\"}} {is}");
    daemon.metric_lines().contains(&line)
}

#[tokio::test]
async fn everything_is_served_over_tls_and_nothing_without() {
    let folder = TempDir::new().unwrap();
    let signed = SelfSigned::new();
    signed.write(folder.path());
    let daemon = start(folder.path());
    let client_tls = client_that_trusts(Some(&signed.certificate));
    for path in ["/", "/healthz", "/readyz", "/metrics", "/report", "/status"] {
        let response = client_tls.get(daemon.https(path)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
    }
    assert!(client().get(daemon.url("/healthz")).send().await.is_err());
    assert!(!shows(&daemon, &SelfSigned::new()).await);
}

#[tokio::test]
async fn a_new_certificate_is_taken_over() {
    let folder = TempDir::new().unwrap();
    let (first, second) = (SelfSigned::new(), SelfSigned::new());
    first.write(folder.path());
    let daemon = start(folder.path());
    assert!(shows(&daemon, &first).await);
    assert!(!shows(&daemon, &second).await);

    second.write(folder.path());
    until("the new certificate", async || {
        shows(&daemon, &second).await
    })
    .await;
    assert!(!shows(&daemon, &first).await);
    assert!(outdated(&daemon, 0));
}

/// The files of a Secret are links through `..data`, which is a link itself
/// and the only thing that the kubelet exchanges.
#[tokio::test]
async fn a_secret_of_kubernetes_is_taken_over() {
    let mount = TempDir::new().unwrap();
    let (first, second) = (SelfSigned::new(), SelfSigned::new());
    let data = mount.path().join("..data");
    for (version, signed) in [("..2026_01", &first), ("..2026_02", &second)] {
        fs::create_dir(mount.path().join(version)).unwrap();
        signed.write(&mount.path().join(version));
    }
    symlink("..2026_01", &data).unwrap();
    for name in ["tls.crt", "tls.key"] {
        symlink(Path::new("..data").join(name), mount.path().join(name)).unwrap();
    }
    let daemon = start(mount.path());
    assert!(shows(&daemon, &first).await);

    let new_data = mount.path().join("..data_tmp");
    symlink("..2026_02", &new_data).unwrap();
    fs::rename(&new_data, &data).unwrap();
    until("the new certificate", async || {
        shows(&daemon, &second).await
    })
    .await;
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_leaves_the_former_one() {
    let folder = TempDir::new().unwrap();
    let (first, second) = (SelfSigned::new(), SelfSigned::new());
    first.write(folder.path());
    let daemon = start(folder.path());
    until("the first look", async || outdated(&daemon, 0)).await;

    let file = folder.path().join("tls.crt");
    for contents in ["", "-----BEGIN CERTIFICATE-----\nAA", &second.certificate] {
        fs::write(&file, contents).unwrap();
        until("the look at a bad one", async || outdated(&daemon, 1)).await;
        assert!(shows(&daemon, &first).await);

        first.write(folder.path());
        until("the look at a good one", async || outdated(&daemon, 0)).await;
    }
    fs::remove_file(&file).unwrap();
    until("the look at no file", async || outdated(&daemon, 1)).await;
    assert!(shows(&daemon, &first).await);

    second.write(folder.path());
    until("the second", async || shows(&daemon, &second).await).await;
    until("the good news", async || outdated(&daemon, 0)).await;
    // Of the files that a test writes one after the other the server may see
    // any state in between.
    let count = |result: &str| -> u64 {
        let name = format!(
            "podroute_server_file_reloads_total{{file=\"certificate\",result=\"{result}\"}} "
        );
        let lines = daemon.metric_lines();
        lines
            .iter()
            .find_map(|line| line.strip_prefix(&name))
            .unwrap()
            .parse()
            .unwrap()
    };
    assert!(count("failed") >= 4);
    assert!(count("ok") >= 4);
}
