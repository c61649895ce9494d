//! Killed at any step, a podroute that is started again leaves the right
//! routes, everything of others, and no id twice.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::avi::{Controller, Gate};
use crate::cluster::{add_nodes, cilium};
use crate::kube::until;
use crate::podroute::Start;
use crate::vrf::{of_nodes, routes, with};

const STEPS: [&str; 4] = [
    "POST /login",
    "GET /api/vrfcontext?",
    "GET /api/vrfcontext/",
    "PUT /api/vrfcontext/",
];

async fn killed_at(pause: impl Fn(&Controller) -> Gate) {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=4);
    let controller = Controller::start();
    // One right, one to change, one to delete, and three of others.
    controller.set_vrf(&with(&[
        ("shop-x-0", "10.0.1.0/24", "192.0.2.1", Some("shop")),
        ("1", "203.0.113.0/24", "192.0.2.254", None),
        ("shop-x-1", "10.0.2.0/24", "192.0.2.22", Some("shop")),
        ("shop-2-0", "10.9.0.0/24", "192.0.2.9", Some("shop-2")),
        ("shop-x-2", "10.0.77.0/24", "192.0.2.77", Some("shop")),
        ("shop-x-9", "198.18.0.0/15", "192.0.2.254", None),
    ]));
    let start = || Start::avi(&cluster, &controller).with(&["--leader-elect=false"]);
    let mut gate = pause(&controller);
    let podroute = start().run();
    gate.reached().await;
    podroute.kill();
    gate.release();

    let podroute = start().run();
    podroute.ready().await;
    let mut expected = of_nodes(1..=4);
    expected.extend([
        "10.9.0.0/24 via 192.0.2.9 (shop-2)".to_owned(),
        "198.18.0.0/15 via 192.0.2.254 (nobody)".to_owned(),
        "203.0.113.0/24 via 192.0.2.254 (nobody)".to_owned(),
    ]);
    until("all is right", || routes(&controller) == expected).await;
    podroute.looks_again().await;
    assert_eq!(routes(&controller), expected);
    let vrf: Value = serde_json::from_str(&controller.vrf("global")).unwrap();
    let held = vrf["static_routes"].as_array().unwrap();
    let ids: BTreeSet<&str> = held
        .iter()
        .map(|route| route["route_id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 7);
    for kept in ["shop-x-0", "shop-x-1", "1", "shop-2-0", "shop-x-9"] {
        assert!(ids.contains(kept), "{kept}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_controller_does_a_step() {
    for step in STEPS {
        killed_at(|controller| controller.pause_before(step)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_it_hears_of_a_step() {
    for step in STEPS {
        killed_at(|controller| controller.pause_after(step)).await;
    }
}
