//! While it is not known what the routes should be, nothing is touched.

use serde_json::{Value, json};

use crate::avi::Controller;
use crate::cluster::{add_nodes, cilium, cilium_config, cilium_node, remove_nodes};
use crate::kube::{Cluster, Fault, Streaming, until};
use crate::podroute::{Podroute, Start};
use crate::seen::{looked, noted, patiently, plan, planned, shown, told};
use crate::vrf::{of_nodes, routes, with, writes};

/// The kinds that routes come from, with the names that paths have for them.
const FOR_ROUTES: [(&str, &str); 4] = [
    ("Node", "nodes"),
    ("CiliumNode", "ciliumnodes"),
    ("ConfigMap", "configmaps"),
    ("DaemonSet", "daemonsets"),
];

fn forbid(cluster: &Cluster, plural: &str) {
    cluster.forbid("list", plural);
    cluster.forbid("watch", plural);
}

fn allow(cluster: &Cluster, plural: &str) {
    cluster.allow("list", plural);
    cluster.allow("watch", plural);
}

/// What podroute says of a kind that it is not allowed to read.
async fn unreadable(podroute: &Podroute, cluster: &Cluster, kind: &str, plural: &str) {
    let advice = "allow list and watch of it to this account";
    let says = |text: &str| {
        text.starts_with("forbidden to ") && text.contains(plural) && text.ends_with(advice)
    };
    shown(podroute, "/status", "the kind as unreadable", |status| {
        let kind = &status["kinds"][kind];
        kind["state"] == "unreadable" && kind["reason"].as_str().is_some_and(says)
    })
    .await;
    let why = format!("{kind} could not be read: ");
    let plan = planned(podroute, "why nothing is touched", |plan| {
        let held = plan["held"].as_array().into_iter().flatten();
        held.filter_map(|held| held["why"].as_str()?.strip_prefix(&why))
            .any(says)
    })
    .await;
    for list in ["adds", "changes", "deletes"] {
        assert_eq!(plan[list], json!([]), "{list}");
    }
    podroute.says(&format!("no route is touched: {why}")).await;
    noted(cluster, "KindUnreadable", &format!("{kind} cannot be read")).await;
    noted(cluster, "KindUnreadable", advice).await;
}

/// A VRF with the route of the node `w1`, and one of ours that no node has.
fn outdated() -> String {
    with(&[
        ("shop-1", "10.0.1.0/24", "192.0.2.1", Some("shop")),
        ("shop-9", "10.0.9.0/24", "192.0.2.9", Some("shop")),
    ])
}

async fn is_refused_from_the_start(kind: &str, plural: &str) {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    forbid(&cluster, plural);
    let controller = Controller::start();
    controller.set_vrf(&outdated());
    let before = controller.vrf("global");
    let podroute = Start::avi(&cluster, &controller).run();
    unreadable(&podroute, &cluster, kind, plural).await;
    looked(&podroute).await;
    assert_eq!(controller.vrf("global"), before, "{kind}");
    assert_eq!(writes(&controller), 0, "{kind}");

    allow(&cluster, plural);
    patiently(&format!("routes once {kind} can be read"), || {
        routes(&controller) == of_nodes(1..=3)
    })
    .await;
    podroute.ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_touched_while_a_kind_that_routes_come_from_is_refused() {
    let [nodes, cilium_nodes, config_maps, daemon_sets] =
        FOR_ROUTES.map(|(kind, plural)| is_refused_from_the_start(kind, plural));
    tokio::join!(nodes, cilium_nodes, config_maps, daemon_sets);
}

async fn is_refused_later(kind: &str, plural: &str) {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    patiently("three routes", || routes(&controller) == of_nodes(1..=3)).await;
    podroute.ready().await;
    let before = writes(&controller);

    forbid(&cluster, plural);
    cluster.end_watches();
    unreadable(&podroute, &cluster, kind, plural).await;
    add_nodes(&cluster, [4]);
    remove_nodes(&cluster, [3]);
    let other = if kind == "Node" { "CiliumNode" } else { "Node" };
    // The first three, the new one, and the one that went.
    told(&podroute, other, 5.0).await;
    looked(&podroute).await;
    assert_eq!(routes(&controller), of_nodes(1..=3), "{kind}");
    assert_eq!(writes(&controller), before, "{kind}");
    // It was ready once, and what it knows is old, not missing.
    podroute.ready().await;

    allow(&cluster, plural);
    patiently(&format!("routes once {kind} can be read again"), || {
        routes(&controller) == of_nodes([1, 2, 4])
    })
    .await;
    shown(&podroute, "/status", "the kind in sync", |status| {
        status["kinds"][kind]["state"] == "synced"
    })
    .await;
    assert_eq!(plan(&podroute).await["held"], json!([]), "{kind}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_touched_either_when_the_refusal_comes_later() {
    let [nodes, cilium_nodes, config_maps, daemon_sets] =
        FOR_ROUTES.map(|(kind, plural)| is_refused_later(kind, plural));
    tokio::join!(nodes, cilium_nodes, config_maps, daemon_sets);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_what_no_route_comes_from_costs_rules_and_no_routes() {
    let cluster = cilium().await;
    cluster.install_known("Gateway");
    add_nodes(&cluster, 1..=2);
    for plural in ["services", "gateways", "ciliumnodeconfigs"] {
        forbid(&cluster, plural);
    }
    let controller = Controller::start();
    controller.set_vrf(&outdated());
    let podroute = Start::avi(&cluster, &controller).run();
    patiently("the right routes", || {
        routes(&controller) == of_nodes(1..=2)
    })
    .await;
    add_nodes(&cluster, [3]);
    patiently("the new route", || routes(&controller) == of_nodes(1..=3)).await;

    let report = podroute.json("/report").await;
    assert_eq!(report["undecided"], json!([]));
    let waiting = report["notEvaluated"].as_array().unwrap();
    for kind in ["Service", "Gateway", "CiliumNodeConfig"] {
        let waits = |entry: &&Value| entry["missing"].to_string().contains(kind);
        assert!(
            waiting.iter().any(|entry| waits(&entry)),
            "{kind}: {waiting:#?}"
        );
    }
    noted(&cluster, "KindUnreadable", "Service cannot be read").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_server_that_answers_500_costs_nothing_but_time() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    for plural in ["nodes", "ciliumnodes", "configmaps"] {
        cluster.fail("*", plural, 1000, Fault::Status(500, None));
    }
    let controller = Controller::start();
    controller.set_vrf(&outdated());
    let before = controller.vrf("global");
    let podroute = Start::avi(&cluster, &controller).run();
    shown(&podroute, "/status", "what cannot be read", |status| {
        let reason = status["kinds"]["Node"]["reason"].as_str();
        reason.is_some_and(|reason| reason.contains("answered 500"))
    })
    .await;
    looked(&podroute).await;
    assert_eq!(controller.vrf("global"), before);
    cluster.heal();
    patiently("the right routes", || {
        routes(&controller) == of_nodes(1..=3)
    })
    .await;

    // Once it has been read, nothing is forgotten for some errors.
    let reads = writes(&controller);
    cluster.fail("*", "nodes", 3, Fault::Status(500, None));
    cluster.drop_watches();
    remove_nodes(&cluster, [3]);
    patiently("the errors are over", || {
        let mut failed = cluster.requests("watch", "nodes");
        failed.retain(|entry| entry.code == Some(500));
        failed.len() >= 3
    })
    .await;
    patiently("two routes", || routes(&controller) == of_nodes(1..=2)).await;
    assert_eq!(writes(&controller), reads + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_which_half_is_missing_is_no_list() {
    for streaming in [Streaming::Supported, Streaming::Off] {
        let mut cluster = cilium().await;
        cluster.streaming(streaming);
        add_nodes(&cluster, 1..=4);
        let controller = Controller::start();
        controller.set_vrf(&with(&[]));
        let podroute = Start::avi(&cluster, &controller).run();
        patiently("four routes", || routes(&controller) == of_nodes(1..=4)).await;

        // It has to be listed again, and that breaks off.
        let cut = Fault::Text(200, r#"{"kind":"NodeList","apiVersion":"v1","metadata":{"#);
        cluster.stop().await;
        cluster.expire_history();
        cluster.fail("watch", "nodes", 5, Fault::HalfLine(1));
        cluster.fail("list", "nodes", 2, cut);
        cluster.forget();
        remove_nodes(&cluster, [4]);
        cluster.resume().await;
        patiently("lists that break off", || {
            let listed = cluster.requests("list", "nodes").len();
            let streamed = cluster.requests("watch", "nodes");
            let streamed = streamed.iter().filter(|one| one.is_streamed_list());
            listed >= 2 || streamed.count() >= 3
        })
        .await;
        looked(&podroute).await;
        for route in of_nodes(1..=3) {
            assert!(routes(&controller).contains(&route), "{route}");
        }
        cluster.heal();
        patiently("three routes", || routes(&controller) == of_nodes(1..=3)).await;
        assert!(podroute.stop().await.success());
    }
}

/// Stops the API server, changes what it has, and starts it again without its
/// history.
async fn restart(cluster: &mut Cluster, change: impl FnOnce(&Cluster)) {
    cluster.stop().await;
    change(cluster);
    cluster.expire_history();
    cluster.resume().await;
}

type Change = fn(&Cluster);

#[tokio::test(flavor = "multi_thread")]
async fn empty_lists_of_an_api_server_that_starts_delete_nothing() {
    let mut cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    patiently("three routes", || routes(&controller) == of_nodes(1..=3)).await;
    let before = writes(&controller);

    let losses: [(&str, Change); 3] = [
        ("pod CIDRs stand on the CiliumNodes", |cluster| {
            (1..=3).for_each(|number| cluster.delete("CiliumNode", "", &format!("w{number}")));
        }),
        ("ConfigMap kube-system/cilium-config is not", |cluster| {
            cluster.delete("ConfigMap", "kube-system", "cilium-config");
        }),
        ("no Node is in the snapshot", |cluster| {
            remove_nodes(cluster, 1..=3);
            cluster.delete("ConfigMap", "kube-system", "cilium-config");
            cluster.delete("DaemonSet", "kube-system", "cilium");
        }),
    ];
    let daemon_set = cluster.get("DaemonSet", "kube-system", "cilium").unwrap();
    for (why, lose) in losses {
        restart(&mut cluster, lose).await;
        planned(&podroute, why, |plan| {
            plan["held"].to_string().contains(why)
        })
        .await;
        looked(&podroute).await;
        assert_eq!(routes(&controller), of_nodes(1..=3), "{why}");
        // All at once: in between, two of the nodes would really be gone.
        restart(&mut cluster, |cluster| {
            cluster.apply(cilium_config("cluster-pool"));
            cluster.apply(daemon_set.clone());
            add_nodes(cluster, 1..=3);
        })
        .await;
        planned(&podroute, "nothing held", |plan| {
            plan["held"] == json!([]) && plan["right"] == 3
        })
        .await;
    }
    assert_eq!(writes(&controller), before);
    assert_eq!(routes(&controller), of_nodes(1..=3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_while_the_api_server_is_away_is_not_missed() {
    let mut cluster = cilium().await;
    add_nodes(&cluster, 1..=5);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    patiently("five routes", || routes(&controller) == of_nodes(1..=5)).await;

    // With its history, and without.
    cluster.stop().await;
    remove_nodes(&cluster, [5]);
    add_nodes(&cluster, [6]);
    cluster.resume().await;
    patiently("what has changed", || {
        routes(&controller) == of_nodes([1, 2, 3, 4, 6])
    })
    .await;
    restart(&mut cluster, |cluster| {
        remove_nodes(cluster, [6]);
        add_nodes(cluster, [7]);
    })
    .await;
    patiently("what has changed since", || {
        routes(&controller) == of_nodes([1, 2, 3, 4, 7])
    })
    .await;

    // A watch that breaks off.
    cluster.drop_watches();
    remove_nodes(&cluster, [7]);
    add_nodes(&cluster, [8, 9]);
    patiently("what has changed meanwhile", || {
        routes(&controller) == of_nodes([1, 2, 3, 4, 8, 9])
    })
    .await;
    podroute.ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_cannot_be_decoded_takes_no_route_away() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    patiently("three routes", || routes(&controller) == of_nodes(1..=3)).await;
    let before = writes(&controller);

    let broken = |name: &str| {
        json!({
            "apiVersion": "v1", "kind": "Node", "metadata": {"name": name},
            "spec": {"podCIDRs": 24},
        })
    };
    cluster.apply(broken("w2"));
    cluster.apply(broken("w7"));
    let why = "Node w2 could not be read";
    planned(&podroute, why, |plan| {
        plan["held"].to_string().contains(why)
    })
    .await;
    looked(&podroute).await;
    assert_eq!(routes(&controller), of_nodes(1..=3));
    assert_eq!(writes(&controller), before);

    // Nothing is known of `w7` as yet, and w2 goes.
    remove_nodes(&cluster, [2]);
    cluster.delete("Node", "", "w7");
    until("two routes", || routes(&controller) == of_nodes([1, 3])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_ipam_mode_on_a_running_cluster_waits_for_somebody() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller).run();
    patiently("two routes", || routes(&controller) == of_nodes(1..=2)).await;
    let before = writes(&controller);

    // Pod CIDRs are looked for on the Nodes now, and there are none.
    cluster.apply(cilium_config("kubernetes"));
    let asked = planned(&podroute, "a question", |plan| {
        !plan["confirmation"].is_null()
    })
    .await;
    assert_eq!(asked["confirmation"]["deletes"], 2);
    assert_eq!(asked["confirmation"]["share"], 1.0);
    assert_eq!(asked["deletes"], json!([]));
    looked(&podroute).await;
    assert_eq!(routes(&controller), of_nodes(1..=2));
    assert_eq!(writes(&controller), before);

    // It was a mistake.
    cluster.apply(cilium_config("cluster-pool"));
    planned(&podroute, "no question", |plan| {
        plan["confirmation"].is_null() && plan["right"] == 2
    })
    .await;
    cluster.apply(cilium_node("w2", "10.0.22.0/24"));
    patiently("routes that follow", || {
        routes(&controller).contains(&"10.0.22.0/24 via 192.0.2.2 (shop)".to_owned())
    })
    .await;
}
