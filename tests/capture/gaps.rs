//! What could not be listed is not "none".

use serde_json::json;

use crate::kube::Fault;
use crate::{Desk, shop};

#[tokio::test]
async fn a_forbidden_kind_is_not_known_when_it_is_checked_later() {
    let cluster = shop().await;
    cluster.forbid("list", "ciliumnodes");
    let desk = Desk::at(&cluster);
    let taken = desk.run(&["snapshot", "-o", "shop.json"]).await;
    assert_eq!(taken.code, 3);
    assert!(
        taken
            .err
            .starts_with("warning: CiliumNode: forbidden to list ciliumnodes.cilium.io (")
            && taken.err.ends_with(
                "; allow list of ciliumnodes.cilium.io to this account: see docs/snapshot.md\n"
            ),
        "{}",
        taken.err
    );
    assert_eq!(
        desk.kind("shop.json", "CiliumNode"),
        ("forbidden".to_owned(), 0)
    );

    let later = desk.checked("shop.json").await;
    assert_eq!(later["routes"], json!([]));
    let undecided = later["undecided"].to_string();
    assert!(undecided.contains("CiliumNode"), "{undecided}");
    let unevaluated = later["notEvaluated"].to_string();
    assert!(unevaluated.contains("CiliumNode"), "{unevaluated}");
    assert!(
        later
            .to_string()
            .contains("forbidden to list ciliumnodes.cilium.io")
    );
    let run = desk
        .offline(&["check", "--fail-on", "never", "shop.json"])
        .await;
    assert_eq!(run.code, 3);

    let live = desk.live().await;
    assert_eq!(live["undecided"], later["undecided"]);
    assert_eq!(live["notEvaluated"], later["notEvaluated"]);
}

/// Without this the test above would not tell a gap from a CRD that is absent.
#[tokio::test]
async fn a_kind_that_the_server_does_not_have_is_none() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    let taken = desk.run(&["snapshot", "-o", "absent.json"]).await;
    assert_eq!((taken.code, &*taken.err), (0, ""));
    cluster.install_known("CiliumNodeConfig");
    cluster.forbid("list", "ciliumnodeconfigs");
    desk.run(&["snapshot", "-o", "forbidden.json"]).await;
    for (file, state) in [("absent.json", "absent"), ("forbidden.json", "forbidden")] {
        assert_eq!(desk.kind(file, "CiliumNodeConfig"), (state.to_owned(), 0));
        let unevaluated = desk.checked(file).await["notEvaluated"].to_string();
        assert_eq!(
            unevaluated.contains("cilium/node-override"),
            state == "forbidden",
            "{unevaluated}"
        );
    }
}

/// RBAC answers before it is looked whether there is such a kind.
#[tokio::test]
async fn forbidden_and_absent_is_absent() {
    let cluster = shop().await;
    cluster.forbid("list", "ciliumnodeconfigs");
    let desk = Desk::at(&cluster);
    assert_eq!(desk.run(&["snapshot", "-o", "s.json"]).await.code, 0);
    assert_eq!(desk.kind("s.json", "CiliumNodeConfig").0, "absent");
}

#[tokio::test]
async fn one_forbidden_config_map_is_a_gap_of_config_maps() {
    let cluster = shop().await;
    cluster.allow_only_named("configmaps", &["cilium-config"]);
    let desk = Desk::at(&cluster);
    assert_eq!(desk.run(&["snapshot", "-o", "s.json"]).await.code, 3);
    assert_eq!(
        desk.kind("s.json", "ConfigMap"),
        ("forbidden".to_owned(), 1)
    );
}

#[tokio::test]
async fn a_server_with_too_much_to_do_is_asked_again() {
    let cluster = shop().await;
    cluster.fail("list", "services", 2, Fault::Status(429, Some(1)));
    cluster.fail("list", "daemonsets", 1, Fault::Status(503, None));
    let desk = Desk::at(&cluster);
    let taken = desk.run(&["snapshot", "-o", "s.json"]).await;
    assert_eq!((taken.code, &*taken.err), (0, ""));
    assert_eq!(cluster.requests("list", "services").len(), 3);
    assert_eq!(desk.kind("s.json", "Service").0, "listed");
    assert_eq!(desk.kind("s.json", "DaemonSet").0, "listed");
}

#[tokio::test]
async fn a_list_that_fails_for_good_is_a_gap() {
    let cluster = shop().await;
    cluster.fail("list", "services", usize::MAX, Fault::Status(500, None));
    let desk = Desk::at(&cluster);
    let taken = desk.run(&["snapshot", "-o", "s.json"]).await;
    assert_eq!(taken.code, 3);
    assert_eq!(desk.kind("s.json", "Service"), ("failed".to_owned(), 0));
    // The first try, and the four that a server gets.
    assert_eq!(cluster.requests("list", "services").len(), 5);
    let unevaluated = desk.checked("s.json").await["notEvaluated"].to_string();
    assert!(unevaluated.contains("Service"), "{unevaluated}");
    let later = desk.offline(&["check", "s.json"]).await;
    let note = "note: Service: the API server answered 500 to list services";
    assert!(later.err.starts_with(note), "{}", later.err);
}

#[tokio::test]
async fn a_snapshot_of_a_later_version_is_not_read_as_if_nothing_were_missing() {
    let cluster = shop().await;
    let desk = Desk::at(&cluster);
    let manifest = json!({
        "apiVersion": "podroute.dev/v2", "kind": "Snapshot", "metadata": {"name": "snapshot"},
        "taken": "2026-01-31T12:00:00Z", "kinds": [],
    });
    std::fs::write(desk.path("s.json"), manifest.to_string()).unwrap();
    let run = desk.offline(&["check", "s.json"]).await;
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .contains("s.json:1: is a snapshot of version podroute.dev/v2"),
        "{}",
        run.err
    );
    // The same word of somebody else's is nothing to podroute.
    let other =
        json!({"apiVersion": "velero.io/v1", "kind": "Snapshot", "metadata": {"name": "x"}});
    std::fs::write(desk.path("s.json"), other.to_string()).unwrap();
    assert!(
        !desk
            .offline(&["check", "s.json"])
            .await
            .err
            .contains("error")
    );
}
