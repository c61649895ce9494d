//! `--once` and `--dry-run`: for cron, pipelines and the careful.

use serde_json::json;

use crate::avi::{Controller, Fault};
use crate::cluster::{add_nodes, cilium, remove_nodes};
use crate::podroute::Start;
use crate::seen::{looked, patiently, planned, shown};
use crate::vrf::{holding, of_nodes, routes, with, writes};

/// A VRF with a route that is right, one that is wrong, one that is not
/// wanted, and one of somebody else.
fn mixed() -> String {
    with(&[
        ("shop-1", "10.0.1.0/24", "192.0.2.1", Some("shop")),
        ("shop-2", "10.0.2.0/24", "192.0.2.99", Some("shop")),
        ("shop-9", "10.0.9.0/24", "192.0.2.9", Some("shop")),
        ("1", "0.0.0.0/0", "192.0.2.254", None),
    ])
}

const PLAN: &str = "  + 10.0.3.0/24 via 192.0.2.3  (node w3)
  ~ 10.0.2.0/24 via 192.0.2.2  (node w2; now 192.0.2.99)
  - 10.0.9.0/24 via 192.0.2.9
";

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_with_dry_run_shows_plans_and_writes_nothing() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&mixed());
    let before = controller.vrf("global");
    let podroute = Start::avi(&cluster, &controller).with(&["--dry-run"]).run();
    let plan = planned(&podroute, "an add", |plan| plan["adds"] != json!([])).await;
    let add = json!([{"prefix": "10.0.3.0/24", "nextHop": "192.0.2.3", "node": "w3"}]);
    assert_eq!(plan["adds"], add);
    let change = json!([{
        "prefix": "10.0.2.0/24", "nextHop": "192.0.2.2", "node": "w2",
        "fromNextHop": "192.0.2.99",
    }]);
    assert_eq!(plan["changes"], change);
    let delete = json!([{"prefix": "10.0.9.0/24", "nextHop": "192.0.2.9"}]);
    assert_eq!(plan["deletes"], delete);
    assert_eq!(plan["dryRun"], true);
    podroute
        .says("10.0.9.0/24 via 192.0.2.9 would be deleted")
        .await;

    add_nodes(&cluster, [4]);
    planned(&podroute, "two adds", |plan| {
        plan["adds"].as_array().is_some_and(|adds| adds.len() == 2)
    })
    .await;
    looked(&podroute).await;
    assert!(podroute.stop().await.success());
    assert_eq!(controller.vrf("global"), before);
    assert_eq!(writes(&controller), 0);
    let mut others = controller.journal();
    others.retain(|request| request.method != "GET" && !request.path.starts_with("/login"));
    others.retain(|request| !request.path.starts_with("/logout"));
    assert_eq!(others.len(), 0, "{others:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn once_says_what_it_did_and_ends_with_0() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&mixed());
    // First only to see it.
    let dry = Start::avi(&cluster, &controller).with(&["--dry-run"]);
    let (code, plan, _) = dry.once().await;
    assert_eq!(code, 1, "{plan}");
    let (title, changes) = plan.split_once('\n').unwrap();
    let numbers = ": 1 to add, 1 to change, 1 to delete; 1 right, 0 held, 1 of others";
    assert!(title.ends_with(numbers), "{title}");
    assert_eq!(changes, PLAN);
    assert_eq!(writes(&controller), 0);

    let (code, plan, _) = Start::avi(&cluster, &controller).once().await;
    assert_eq!(code, 0, "{plan}");
    let mut expected = of_nodes(1..=3);
    expected.insert(0, "0.0.0.0/0 via 192.0.2.254 (nobody)".to_owned());
    assert_eq!(routes(&controller), expected);
    assert_eq!(writes(&controller), 1);

    let (code, plan, _) = Start::avi(&cluster, &controller).once().await;
    assert_eq!(code, 0, "{plan}");
    let numbers = ": 0 to add, 0 to change, 0 to delete; 3 right, 0 held, 1 of others\n";
    assert!(plan.ends_with(numbers), "{plan}");
    assert_eq!(writes(&controller), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn once_ends_with_1_when_the_device_refuses() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&mixed());
    let refusal = Fault::Answer(403, r#"{"error": "read only"}"#.to_owned());
    controller.fail_times(100, "PUT /api/vrfcontext/", refusal);
    let start = Start::avi(&cluster, &controller).with(&["--once-timeout", "8"]);
    let (code, plan, errors) = start.once().await;
    assert_eq!(code, 1, "{plan}{errors}");
    assert!(plan.ends_with(PLAN), "{plan}");
    assert!(errors.contains("read only"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn once_ends_with_2_when_it_cannot_run() {
    let cluster = cilium().await;
    let controller = Controller::start();
    let start = Start::avi(&cluster, &controller).set("--cluster-name", "no name");
    let (code, plan, errors) = start.once().await;
    assert_eq!((code, &*plan), (2, ""));
    assert!(errors.contains("expected 1 to 63 letters"), "{errors}");
    let start = Start::avi(&cluster, &controller).set("--kubeconfig", "/nowhere");
    let (code, plan, errors) = start.once().await;
    assert_eq!((code, &*plan), (2, ""));
    assert!(errors.contains("/nowhere"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn once_ends_with_3_when_it_is_not_known_what_the_routes_should_be() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    cluster.forbid("list", "ciliumnodes");
    cluster.forbid("watch", "ciliumnodes");
    let controller = Controller::start();
    controller.set_vrf(&mixed());
    let (code, plan, errors) = Start::avi(&cluster, &controller).once().await;
    assert_eq!(code, 3, "{plan}{errors}");
    assert!(
        plan.contains("nothing is touched: CiliumNode could not be read"),
        "{plan}"
    );
    assert!(
        errors.contains("CiliumNode cannot be read: forbidden to"),
        "{errors}"
    );
    assert_eq!(writes(&controller), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_stays_away_and_nobody_elses_goes() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&mixed());
    // Nobody is asked: it is what was asked for. Not even a cluster that
    // cannot be read stands in the way.
    cluster.forbid("list", "nodes");
    cluster.forbid("watch", "nodes");
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--withdraw", "--window", "0"])
        .run();
    let of_others = vec!["0.0.0.0/0 via 192.0.2.254 (nobody)".to_owned()];
    patiently("nothing of ours", || routes(&controller) == of_others).await;
    assert_eq!(writes(&controller), 1);
    cluster.allow("list", "nodes");
    cluster.allow("watch", "nodes");
    add_nodes(&cluster, [4]);
    shown(&podroute, "/status", "all kinds", |status| {
        status["ready"] == true
    })
    .await;
    looked(&podroute).await;
    assert_eq!(routes(&controller), of_others);

    // What comes later goes, too.
    controller.set_vrf(&holding([7]));
    looked(&podroute).await;
    assert_eq!(routes(&controller), Vec::<String>::new());
    remove_nodes(&cluster, [4]);
    assert!(podroute.stop().await.success());
}
