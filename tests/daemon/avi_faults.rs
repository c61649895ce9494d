//! What the controller refuses or loses is an error until it succeeds, and is
//! tried again without another event.

use serde_json::{Value, json};

use crate::avi::{Controller, Fault};
use crate::cluster::{add_nodes, cilium, node};
use crate::kube::until;
use crate::looking::until_async;
use crate::podroute::Start;
use crate::vrf::{of_nodes, routes, with, writes};

const PUT: &str = "PUT /api/vrfcontext/";
const GET: &str = "GET /api/vrfcontext/";

fn answer(status: u16) -> Fault {
    let body = json!({"error": "the controller has its reasons"});
    Fault::Answer(status, body.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refused_write_is_an_error_until_it_succeeds() {
    let cluster = cilium().await;
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--window", "0"])
        .run();
    podroute.ready().await;
    for (number, status) in (1..).zip([400, 403, 404, 409, 422]) {
        controller.fail_next(PUT, answer(status));
        let mut second = controller.pause_before(PUT);
        add_nodes(&cluster, [number]);
        second.reached().await;

        let error = podroute.error().await;
        assert!(error.contains("has its reasons"), "{status}: {error}");
        // A VRF that is not there is told in other words.
        let words = if status == 404 {
            "is no longer there".to_owned()
        } else {
            format!("HTTP {status}")
        };
        assert!(podroute.log().contains(&words), "{words}");
        assert!(podroute.of_table("table_failing", "").await > 0.0);
        let failed = podroute.of_table("routes_failed", ",family=\"ipv4\"").await;
        assert!(failed >= 1.0, "{status}: {failed}");
        assert_eq!(routes(&controller), of_nodes(1..number));

        second.release();
        until("the route", || routes(&controller) == of_nodes(1..=number)).await;
        until_async("no error", async || podroute.error().await.is_empty()).await;
        assert!(podroute.of_table("table_failing", "").await < 1.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_in_a_row_slow_down_and_are_an_error() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    controller.fail_times(6, PUT, answer(412));
    let mut seventh = controller.pause_before(PUT);
    let podroute = Start::avi(&cluster, &controller).run();
    seventh.reached().await;

    assert_eq!(writes(&controller), 7);
    let error = podroute.error().await;
    assert!(error.contains("somebody else"), "{error}");
    assert!(podroute.of_table("table_failing", "").await > 0.0);
    assert!(podroute.log().contains("tried again in"));

    seventh.release();
    until("both routes", || routes(&controller) == of_nodes(1..=2)).await;
    until_async("no error", async || podroute.error().await.is_empty()).await;
    assert_eq!(writes(&controller), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_is_lost_is_not_made_twice() {
    for lost in [Fault::ResetAfter, Fault::Cut, Fault::Half] {
        let cluster = cilium().await;
        add_nodes(&cluster, 1..=2);
        let controller = Controller::start();
        controller.set_vrf(&with(&[]));
        controller.fail_next(PUT, lost);
        let podroute = Start::avi(&cluster, &controller).run();
        podroute.says("tried again in").await;
        until_async("no error", async || podroute.error().await.is_empty()).await;
        assert_eq!(routes(&controller), of_nodes(1..=2));
        assert_eq!(writes(&controller), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vrf_that_cannot_be_read_is_read_until_it_can() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    let before = with(&[
        ("shop-x-0", "10.0.1.0/24", "192.0.2.1", Some("shop")),
        ("9", "203.0.113.0/24", "192.0.2.254", None),
    ]);
    controller.set_vrf(&before);
    controller.fail_next(GET, answer(503));
    controller.fail_next(GET, Fault::Half);
    controller.fail_next(GET, Fault::Answer(200, "{}".to_owned()));
    let mut fourth = controller.pause_before(GET);
    let podroute = Start::avi(&cluster, &controller).run();
    fourth.reached().await;

    let error = podroute.error().await;
    assert!(error.contains("cannot be read"), "{error}");
    assert_eq!(writes(&controller), 0);

    fourth.release();
    let mut expected = of_nodes(1..=2);
    expected.push("203.0.113.0/24 via 192.0.2.254 (nobody)".to_owned());
    until("both routes", || routes(&controller) == expected).await;
    assert_eq!(writes(&controller), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vrf_that_is_made_later_gets_its_routes_without_a_restart() {
    let cluster = cilium().await;
    add_nodes(&cluster, [1]);
    let controller = Controller::start();
    let podroute = Start::avi(&cluster, &controller).run();
    until_async("the error", async || {
        let status = podroute.get("/status").await;
        status.is_some_and(|(_, text)| text.contains("no VRF context global"))
    })
    .await;
    assert!(matches!(podroute.get("/readyz").await, Some((503, _))));

    controller.set_vrf(&with(&[]));
    until("the route", || routes(&controller) == of_nodes([1])).await;
    podroute.ready().await;
    until_async("no error", async || podroute.error().await.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_of_the_controller_is_waited_for() {
    let cluster = cilium().await;
    add_nodes(&cluster, [1]);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    controller.set_upgrading(true);
    let podroute = Start::avi(&cluster, &controller).run();
    podroute.ready().await;
    until_async("the error", async || {
        podroute.error().await.contains("upgrade")
    })
    .await;

    controller.set_upgrading(false);
    until("the route", || routes(&controller) == of_nodes([1])).await;
    until_async("no error", async || podroute.error().await.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_type_of_ours_holds_survives_a_write() {
    let cluster = cilium().await;
    add_nodes(&cluster, [1]);
    let controller = Controller::start();
    let mut vrf: Value = serde_json::from_str(&with(&[
        ("shop-x-0", "10.0.1.0/24", "192.0.2.1", Some("shop")),
        ("shop-1", "203.0.113.0/24", "192.0.2.254", None),
    ]))
    .unwrap();
    vrf["bgp_profile"] =
        json!({"local_as": 4_294_967_295_u32, "peers": [{"remote_as": 4_200_000_000_u32}]});
    vrf["a_field_of_release_99"] = json!({"nested": [1.0, null]});
    vrf["static_routes"][1]["labels"] = json!([{"key": "team", "value": "network"}]);
    controller.set_vrf(&vrf.to_string());
    let before = controller.vrf("global");
    let podroute = Start::avi(&cluster, &controller).run();
    podroute.ready().await;

    cluster.apply(node("w1", "192.0.2.11"));
    let after = before.replace(r#""addr":"192.0.2.1""#, r#""addr":"192.0.2.11""#);
    assert_ne!(after, before);
    until("the new next hop", || controller.vrf("global") == after).await;
    assert_eq!(writes(&controller), 1);
}
