//! Deletes that are too many wait for a person.

use serde_json::{Value, json};

use crate::avi::Controller;
use crate::cluster::{add_nodes, cilium, cilium_node, node, remove_nodes};
use crate::kube::Cluster;
use crate::podroute::{Podroute, Start};
use crate::seen::{looked, noted, patiently, planned, shown, sum};
use crate::vrf::{holding, of_nodes, routes, writes};

/// A cluster of which one node is left, and a VRF that has the routes of four.
async fn three_of_four() -> (Cluster, Controller) {
    let cluster = cilium().await;
    add_nodes(&cluster, [4]);
    let controller = Controller::start();
    controller.set_vrf(&holding(1..=4));
    (cluster, controller)
}

/// Waits for a plan that asks for a confirmation, and returns the table and
/// the token.
async fn asked(podroute: &Podroute) -> (String, String) {
    let plan = planned(podroute, "a question", |plan| {
        !plan["confirmation"].is_null()
    })
    .await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&plan["table"]), text(&plan["confirmation"]["token"]))
}

/// No question is open, and everything is as it should be.
async fn settled(podroute: &Podroute) {
    shown(
        podroute,
        "/status",
        "a table without a question",
        |status| {
            let tables = status["tables"].as_object().unwrap();
            let mut tables = tables.values();
            tables.all(|table| table["confirmation"].is_null() && table["held"] == json!([]))
        },
    )
    .await;
    assert_eq!(pending(podroute).await, 0.0);
}

async fn pending(podroute: &Podroute) -> f64 {
    sum(podroute, "podroute_confirmation_pending", "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn many_deletes_wait_and_everything_else_goes_on() {
    let (cluster, controller) = three_of_four().await;
    let podroute = Start::avi(&cluster, &controller).run();
    let (table, token) = asked(&podroute).await;
    let plan = planned(&podroute, "its plan", |plan| {
        !plan["confirmation"].is_null()
    })
    .await;
    let question = json!({"token": token, "deletes": 3, "share": 0.75});
    assert_eq!(plan["confirmation"], question);
    assert_eq!(plan["deletes"], json!([]));
    let why = "3 of 4 prefixes would lose their route at once; that waits for a confirmation";
    assert_eq!(plan["held"], json!([{"routes": 3, "why": why}]));
    let status = podroute.json("/status").await;
    assert_eq!(status["tables"][&table]["confirmation"], question);
    assert_eq!(pending(&podroute).await, 1.0);
    assert_eq!(sum(&podroute, "podroute_routes_held", "ipv4").await, 3.0);
    let note = format!(
        "{table}: 3 of our routes would be deleted, which waits for a confirmation with the token {token}; /plan shows them"
    );
    podroute.says(&note).await;
    noted(&cluster, "PlanNeedsConfirmation", &note).await;

    // A node comes, and one moves.
    add_nodes(&cluster, [5]);
    patiently("the new route", || routes(&controller) == of_nodes(1..=5)).await;
    cluster.apply(node("w4", "192.0.2.44"));
    patiently("the new next hop", || {
        routes(&controller).contains(&"10.0.4.0/24 via 192.0.2.44 (shop)".to_owned())
    })
    .await;
    looked(&podroute).await;
    assert_eq!(routes(&controller).len(), 5);

    // The nodes come back: nobody is asked any more.
    cluster.apply(node("w4", "192.0.2.4"));
    add_nodes(&cluster, 1..=3);
    patiently("all routes", || routes(&controller) == of_nodes(1..=5)).await;
    settled(&podroute).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_confirms_the_plan_that_it_names_and_no_other() {
    let (cluster, controller) = three_of_four().await;
    let podroute = Start::avi(&cluster, &controller).run();
    let (table, outdated) = asked(&podroute).await;
    let confirm = async |table: &str, token: &str| {
        let body = json!({"table": table, "token": token});
        podroute.post("/plan/confirm", &body).await
    };
    let (status, body) = confirm(&table, "0123456789abcdef").await;
    assert_eq!(status, 409, "{body}");
    assert!(body.contains("the plan has changed since"), "{body}");
    let (status, body) = confirm("vrf nowhere", &outdated).await;
    assert_eq!(status, 404, "{body}");

    // The fourth goes as well: it is another plan.
    add_nodes(&cluster, [5]);
    patiently("the new route", || routes(&controller) == of_nodes(1..=5)).await;
    remove_nodes(&cluster, [4]);
    planned(&podroute, "another question", |plan| {
        plan["confirmation"]["deletes"] == 4
    })
    .await;
    let (status, body) = confirm(&table, &outdated).await;
    assert_eq!(status, 409, "{body}");
    looked(&podroute).await;
    assert_eq!(routes(&controller), of_nodes(1..=5));

    let (_, token) = asked(&podroute).await;
    let (status, body) = confirm(&table, &token).await;
    assert_eq!(status, 202, "{body}");
    patiently("the route that is left", || {
        routes(&controller) == of_nodes([5])
    })
    .await;
    settled(&podroute).await;
    let (status, body) = confirm(&table, &token).await;
    assert_eq!(status, 409, "{body}");
    assert!(body.contains("waits for no confirmation"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_annotation_of_the_lease_confirms() {
    let (cluster, controller) = three_of_four().await;
    let podroute = Start::avi(&cluster, &controller).run();
    let (_, token) = asked(&podroute).await;
    let annotate = |value: &str| {
        let mut lease = cluster.get("Lease", "podroute", "podroute").unwrap();
        lease["metadata"]["annotations"]["podroute.dev/confirm"] = json!(value);
        cluster.apply(lease);
    };
    annotate("0123456789abcdef");
    podroute.says("0123456789abcdef").await;
    looked(&podroute).await;
    assert_eq!(routes(&controller), of_nodes(1..=4));
    annotate(&token);
    patiently("the route that is left", || {
        routes(&controller) == of_nodes([4])
    })
    .await;
    settled(&podroute).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_confirms() {
    let (cluster, controller) = three_of_four().await;
    let (code, plan, _) = Start::avi(&cluster, &controller).once().await;
    assert_eq!(code, 1, "{plan}");
    assert!(plan.contains("3 held"), "{plan}");
    let asks = "3 of 4 routes would be deleted, which waits for a confirmation: --confirm ";
    let (_, token) = plan.split_once(asks).expect(&plan);
    let token = token.split_whitespace().next().unwrap();

    let wrong = Start::avi(&cluster, &controller).with(&["--confirm", "0123456789abcdef"]);
    let (code, plan, _) = wrong.once().await;
    assert_eq!(code, 1, "{plan}");
    assert_eq!(writes(&controller), 0);

    // The token names the deletes, so it does not matter who asks.
    let confirmed = Start::avi(&cluster, &controller).with(&["--confirm", token]);
    let (code, plan, _) = confirmed.once().await;
    assert_eq!(code, 0, "{plan}");
    assert_eq!(routes(&controller), of_nodes([4]));
    assert_eq!(writes(&controller), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_of_hundred_percent_asks_nobody() {
    let (cluster, controller) = three_of_four().await;
    let start = Start::avi(&cluster, &controller).with(&["--delete-share", "100"]);
    let (code, plan, _) = start.once().await;
    assert_eq!(code, 0, "{plan}");
    assert_eq!(routes(&controller), of_nodes([4]));
}

/// What `--once` makes of a VRF with the routes of some nodes in a cluster
/// where those of others are left: the exit code, and how many routes stay.
async fn once(routed: u8, left: u8, options: &[&str]) -> (i32, usize) {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=left);
    let controller = Controller::start();
    controller.set_vrf(&holding(1..=routed));
    let start = Start::avi(&cluster, &controller).with(options);
    let (code, _, _) = start.once().await;
    (code, routes(&controller).len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarter_goes_and_more_than_a_quarter_waits() {
    assert_eq!(once(12, 9, &[]).await, (0, 9));
    assert_eq!(once(12, 8, &[]).await, (1, 12));
    assert_eq!(once(8, 6, &[]).await, (0, 6));
    // Fewer than three are no reason to ask, unless they are all.
    assert_eq!(once(3, 1, &[]).await, (0, 1));
    assert_eq!(once(4, 1, &["--delete-share", "75"]).await, (0, 1));
    assert_eq!(once(12, 9, &["--delete-share", "0"]).await, (1, 12));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_routes_of_all_wait_however_few() {
    let cluster = cilium().await;
    cluster.apply(node("w1", "192.0.2.1"));
    cluster.apply(json!({
        "apiVersion": "cilium.io/v2", "kind": "CiliumNode",
        "metadata": {"name": "w1"}, "spec": {"ipam": {}},
    }));
    let controller = Controller::start();
    controller.set_vrf(&holding([9]));
    let podroute = Start::avi(&cluster, &controller).run();
    let (table, token) = asked(&podroute).await;
    assert_eq!(routes(&controller), of_nodes([9]));
    // With a new route it is not the last one.
    cluster.apply(cilium_node("w1", "10.0.1.0/24"));
    patiently("the new route", || routes(&controller) == of_nodes([1])).await;
    let body = json!({"table": table, "token": token});
    let (status, _) = podroute.post("/plan/confirm", &body).await;
    assert_eq!(status, 409);
}
