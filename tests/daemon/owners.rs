//! Whose routes are whose: former names, cleaning up, and everybody else's.

use std::process::Output;

use serde_json::json;

use crate::avi::{Controller, Fault};
use crate::cluster::{add_nodes, cilium};
use crate::podroute::Start;
use crate::seen::patiently;
use crate::vrf::{of_nodes, routes, with, writes};

/// `podroute cleanup` of the cluster `shop`.
async fn cleanup(
    controller: &Controller,
    options: &[&str],
    target: &[&str],
) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = tokio::process::Command::new(env!("CARGO_BIN_EXE_podroute"))
        .args(["cleanup", "--cluster-name", "shop"])
        .args(options)
        .args(["avi", "--controller", &controller.url()])
        .arg("--credentials")
        .arg(controller.credentials())
        .arg("--ca-file")
        .arg(controller.ca_pem_path())
        .args(target)
        .output()
        .await
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// Routes of ours, of a cluster with a longer name, and of nobody.
fn shared() -> String {
    with(&[
        ("shop-1", "10.0.1.0/24", "192.0.2.1", Some("shop")),
        ("shop-2", "10.0.2.0/24", "192.0.2.2", Some("shop")),
        ("shop-2-1", "10.1.1.0/24", "192.0.2.81", Some("shop-2")),
        ("SHOP-1", "10.1.2.0/24", "192.0.2.82", Some("SHOP")),
        ("shop-3", "10.1.3.0/24", "192.0.2.83", None),
    ])
}

const OF_OTHERS: [&str; 3] = [
    "10.1.1.0/24 via 192.0.2.81 (shop-2)",
    "10.1.2.0/24 via 192.0.2.82 (SHOP)",
    "10.1.3.0/24 via 192.0.2.83 (nobody)",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_former_name_is_replaced_in_place() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=2);
    let controller = Controller::start();
    controller.set_vrf(&with(&[
        ("store-1", "10.0.1.0/24", "192.0.2.1", Some("store")),
        ("store-2", "10.0.2.0/24", "192.0.2.2", Some("store")),
        ("store-2-1", "10.1.1.0/24", "192.0.2.81", Some("store-2")),
    ]));
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--former-cluster-name", "store"])
        .run();
    let mut expected = of_nodes(1..=2);
    expected.push("10.1.1.0/24 via 192.0.2.81 (store-2)".to_owned());
    patiently("the new name", || routes(&controller) == expected).await;
    podroute.ready().await;
    // One write that has all routes: there was none without one of them.
    let puts = controller.requests("PUT /api/vrfcontext/");
    assert_eq!(puts.len(), 1);
    for prefix in ["10.0.1.0", "10.0.2.0", "10.1.1.0"] {
        assert!(puts[0].body.contains(prefix), "{prefix}");
    }
    for id in ["store-1", "store-2"] {
        assert!(
            controller.vrf("global").contains(&format!("{id:?}")),
            "{id}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cleanup_takes_ours_away_and_nobody_elses() {
    let controller = Controller::start();
    controller.set_vrf(&shared());
    let before = controller.vrf("global");
    let (code, plan, _) = cleanup(&controller, &["--dry-run"], &[]).await;
    assert_eq!(code, 0, "{plan}");
    let (title, deletes) = plan.split_once('\n').unwrap();
    let numbers = ": 0 to add, 0 to change, 2 to delete; 0 right, 0 held, 3 of others";
    assert!(title.ends_with(numbers), "{title}");
    assert_eq!(
        deletes,
        "  - 10.0.1.0/24 via 192.0.2.1\n  - 10.0.2.0/24 via 192.0.2.2\n"
    );
    assert_eq!(controller.vrf("global"), before);
    assert_eq!(writes(&controller), 0);

    let (code, plan, _) = cleanup(&controller, &[], &[]).await;
    assert_eq!(code, 0, "{plan}");
    assert_eq!(routes(&controller), OF_OTHERS);
    // Again, there is nothing to do.
    let (code, _, _) = cleanup(&controller, &[], &[]).await;
    assert_eq!(code, 0);
    assert_eq!(writes(&controller), 1);

    // Under another name that it had.
    let former = ["--former-cluster-name", "SHOP"];
    let (code, plan, _) = cleanup(&controller, &former, &[]).await;
    assert_eq!(code, 0, "{plan}");
    assert_eq!(routes(&controller), [OF_OTHERS[0], OF_OTHERS[2]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cleanup_takes_all_tables_those_that_no_option_names_too() {
    let controller = Controller::start();
    controller.set_vrf(&shared());
    for (uuid, name) in [("vrfcontext-2", "blue"), ("vrfcontext-3", "green")] {
        let vrf = shared()
            .replace("vrfcontext-1", uuid)
            .replace("\"global\"", &format!("{name:?}"));
        controller.set_vrf(&vrf);
    }
    let (code, plan, errors) = cleanup(&controller, &[], &["--vrf", "global,blue"]).await;
    assert_eq!(code, 0, "{plan}{errors}");
    for name in ["global", "blue", "green"] {
        let vrf = controller.vrf(name);
        assert!(!vrf.contains("\"shop\""), "{name}: {vrf}");
        for id in ["shop-2-1", "SHOP-1", "shop-3"] {
            assert!(vrf.contains(&format!("{id:?}")), "{name}: {vrf}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cleanup_that_is_refused_says_so() {
    let controller = Controller::start();
    controller.set_vrf(&shared());
    let before = controller.vrf("global");
    let refusal = Fault::Answer(403, r#"{"error": "read only"}"#.to_owned());
    controller.fail_times(100, "PUT /api/vrfcontext/", refusal);
    let (code, _, errors) = cleanup(&controller, &[], &[]).await;
    assert_ne!(code, 0);
    assert!(errors.contains("read only"), "{errors}");
    assert_eq!(controller.vrf("global"), before);

    let (code, _, errors) = cleanup(&controller, &[], &["--vrf", "nowhere"]).await;
    assert_eq!(code, 2, "{errors}");
    assert!(errors.contains("nowhere"), "{errors}");
    controller.set_password("another");
    let (code, _, errors) = cleanup(&controller, &[], &[]).await;
    assert_eq!(code, 2, "{errors}");
    assert!(!errors.contains("hunter2"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_routed_into_a_protected_network() {
    let cluster = cilium().await;
    add_nodes(&cluster, 1..=3);
    // AKO's own networks for virtual services, and one of an option.
    cluster.apply(json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "avi-system", "name": "avi-k8s-config"},
        "data": {
            "clusterName": "shop", "disableStaticRouteSync": "true",
            "controllerIP": "192.0.2.250", "cniPlugin": "cilium",
            "vipNetworkList": r#"[{"networkName":"vips","cidr":"10.0.1.0/25"}]"#,
        },
    }));
    let controller = Controller::start();
    controller.set_vrf(&with(&[]));
    let podroute = Start::avi(&cluster, &controller)
        .with(&["--protected-network", "10.0.2.0/23"])
        .run();
    podroute.ready().await;
    add_nodes(&cluster, [4]);
    patiently("the routes that may be", || {
        routes(&controller) == of_nodes([4])
    })
    .await;
    let report = podroute.json("/report").await;
    let mut withheld: Vec<_> = report["withheld"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["prefix"].as_str().unwrap(),
                one["rule"].as_str().unwrap(),
            )
        })
        .collect();
    withheld.sort_unstable();
    let rule = "route/protected-overlap";
    assert_eq!(
        withheld,
        [
            ("10.0.1.0/24", rule),
            ("10.0.2.0/24", rule),
            ("10.0.3.0/24", rule)
        ]
    );
}
