//! Getting to the cluster, and what is said when there is no way.

use crate::kube::{Cluster, Fault, Login, Options, until};
use crate::{Desk, podroute, shop};
use serde_json::Value;
use tempfile::TempDir;

#[tokio::test]
async fn without_a_kubeconfig_it_is_said_what_to_name() {
    let folder = TempDir::new().unwrap();
    for arguments in [&["check", "--live"][..], &["snapshot", "-o", "s.json"]] {
        let run = podroute(folder.path(), arguments).await;
        assert_eq!(run.code, 2);
        assert!(
            run.err.contains("name a kubeconfig with --kubeconfig"),
            "{}",
            run.err
        );
    }
    let missing = ["check", "--live", "--kubeconfig", "none"];
    let run = podroute(folder.path(), &missing).await;
    assert_eq!(run.code, 2);
    assert!(run.err.contains("kubeconfig none: "), "{}", run.err);
}

#[tokio::test]
async fn a_cluster_is_chosen_only_with_live() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    let run = desk.run(&["check", "s.json"]).await;
    assert_eq!(run.code, 2);
    assert!(run.err.contains("need --live"), "{}", run.err);
    let run = desk.run(&["check", "s.json", "--live"]).await;
    assert_eq!(run.code, 2);
    assert!(run.err.contains("cannot be used with"), "{}", run.err);
    assert_eq!(desk.offline(&["check"]).await.code, 2);
    assert!(cluster.journal().is_empty());
}

#[tokio::test]
async fn credentials_that_have_expired_are_told_once_and_nothing_is_written() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    cluster.expire_token();
    let run = desk.run(&["snapshot", "-o", "s.json"]).await;
    assert_eq!(run.code, 2);
    let told = run.err.matches("does not accept the credentials");
    assert_eq!(told.count(), 1, "{}", run.err);
    assert!(desk.files().is_empty());
}

#[tokio::test]
async fn a_plugin_gives_the_credentials() {
    let cluster = Cluster::with(Options {
        tls: true,
        login: Login::Exec,
    })
    .await;
    let desk = Desk::at(&cluster);
    assert_eq!(desk.run(&["snapshot", "-o", "s.json"]).await.code, 0);
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_not_talked_to() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    let text = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let mut config: Value = serde_json::from_str(&text).unwrap();
    let entry = config["clusters"][0]["cluster"].as_object_mut().unwrap();
    entry.remove("certificate-authority");
    std::fs::write(desk.path("config"), config.to_string()).unwrap();
    let arguments = ["check", "--live", "--kubeconfig", "config"];
    let run = desk.offline(&arguments).await;
    assert_eq!(run.code, 2);
    assert!(run.err.contains("certificate"), "{}", run.err);
    assert!(cluster.journal().is_empty());

    let looks = [&arguments[..], &["--insecure-skip-tls-verify"]].concat();
    let run = desk.offline(&looks).await;
    assert!(run.out.contains("Routes (2)"), "{}{}", run.out, run.err);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_at_once() {
    let mut cluster = shop().await;
    cluster.stop().await;
    let desk = Desk::at(&cluster);
    let run = desk.run(&["snapshot", "-o", "s.json"]).await;
    assert_eq!(run.code, 2);
    assert!(
        run.err.contains("the API server cannot be reached"),
        "{}",
        run.err
    );
    assert!(desk.files().is_empty());
}

#[tokio::test]
async fn a_server_that_is_slow_is_waited_for_and_one_that_is_silent_is_a_gap() {
    let cluster = shop().await;
    cluster.fail(
        "list",
        "nodes",
        1,
        Fault::Slow(std::time::Duration::from_millis(700)),
    );
    cluster.fail("list", "services", usize::MAX, Fault::Silent);
    let desk = Desk::at(&cluster);
    let run = desk
        .run(&["snapshot", "-o", "s.json", "--request-timeout", "1"])
        .await;
    assert_eq!(run.code, 3);
    assert_eq!(desk.kind("s.json", "Node").0, "listed");
    assert_eq!(desk.kind("s.json", "Service").0, "failed");
    until("it has ended", || {
        !cluster.requests("list", "services").is_empty()
    })
    .await;
}
