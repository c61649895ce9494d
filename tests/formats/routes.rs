//! The routes for other routers. consumers/ gives them to the routers.

use serde_json::json;

use crate::{UNDECIDED, check_in, folder, json, node, shop, top};

const HEADING: &str = "podroute check: 2 routes to pods, 1 withheld\n";
const WITHHELD: &str =
    "withheld by route/duplicate-prefix: 10.0.1.0/24 via 192.0.2.13 (node shop-worker-2)\n";

#[test]
fn frr() {
    assert_eq!(
        shop("frr"),
        format!(
            "! {HEADING}! {WITHHELD}\
             ip route 10.0.0.0/24 192.0.2.11\n\
             ip route 10.0.1.0/24 192.0.2.12\n"
        )
    );
}

#[test]
fn bird() {
    assert_eq!(
        shop("bird"),
        format!(
            "# {HEADING}# {WITHHELD}\
             protocol static podroute_v4 {{\n  ipv4;\n  \
             route 10.0.0.0/24 via 192.0.2.11; # shop-control-1\n  \
             route 10.0.1.0/24 via 192.0.2.12; # shop-worker-1\n}}\n\
             protocol static podroute_v6 {{\n  ipv6;\n}}\n"
        )
    );
}

#[test]
fn iproute2() {
    assert_eq!(
        shop("iproute2"),
        format!(
            "# {HEADING}# {WITHHELD}\
             route replace 10.0.0.0/24 via 192.0.2.11 proto 98 table 254 # shop-control-1\n\
             route replace 10.0.1.0/24 via 192.0.2.12 proto 98 table 254 # shop-worker-1\n"
        )
    );
}

/// The ids are those that `podroute run` gives: `shop`, FNV-1a of the prefix
/// (64 bits, computed apart), and 0 for the first of that name.
#[test]
fn avi() {
    let route = |id: &str, prefix: &str, next_hop: &str| {
        json!({
            "route_id": id,
            "prefix": {"ip_addr": {"addr": prefix, "type": "V4"}, "mask": 24},
            "next_hop": {"addr": next_hop, "type": "V4"},
            "labels": [{"key": "clustername", "value": "shop"}]
        })
    };
    let fnv = |text: &str| {
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("shop-{hash:016x}-0")
    };
    assert_eq!(
        json(&shop("avi")),
        json!({
            "static_routes": [
                route(&fnv("10.0.0.0/24"), "10.0.0.0", "192.0.2.11"),
                route(&fnv("10.0.1.0/24"), "10.0.1.0", "192.0.2.12"),
            ],
            "withheld": [WITHHELD.trim_end()]
        })
    );
}

#[test]
fn avi_needs_to_know_whose_routes_these_are() {
    let folder = folder(&[("nodes.yaml", &node("w1", "10.0.1.0/24", "192.0.2.1"))]);
    let nobodys = ["--cni", "kubernetes", "nodes.yaml"];
    assert_eq!(check_in(folder.path(), "avi", &nobodys), "");
    let named = [
        "--cni",
        "kubernetes",
        "--cluster-name",
        "blue",
        "nodes.yaml",
    ];
    let text = json(&check_in(folder.path(), "avi", &named));
    assert_eq!(text["static_routes"][0]["labels"][0]["value"], "blue");
    assert_eq!(text["withheld"], json!(null), "there are none");
}

/// As many lines in the family's own commands as routes in the CSV.
#[test]
fn both_families() {
    let folder = top().join("tests/snapshots/dual-stack");
    let files = ["nodes.yaml", "ciliumnodes.yaml", "config-cluster-pool.yaml"];
    let rows = check_in(&folder, "csv", &files);
    let count = |family: &str| rows.lines().filter(|row| row.contains(family)).count();
    let (ipv4, ipv6) = (count(",IPv4,"), count(",IPv6,"));
    assert!(ipv4 > 0 && ipv6 > 0, "{rows}");
    let text = check_in(&folder, "frr", &files);
    assert_eq!(text.matches("\nip route ").count(), ipv4);
    assert_eq!(text.matches("\nipv6 route ").count(), ipv6);
    let text = check_in(&folder, "iproute2", &files);
    assert_eq!(text.matches("route replace ").count(), ipv4 + ipv6);
}

#[test]
fn without_a_verdict_there_is_no_route() {
    let folder = folder(&[("nodes.yaml", &node("w1", "10.0.1.0/24", "192.0.2.1"))]);
    for (format, mark) in [("frr", "! "), ("bird", "# "), ("iproute2", "# ")] {
        let text = check_in(folder.path(), format, UNDECIDED);
        assert!(text.lines().count() >= 2, "{text}");
        assert!(text.lines().all(|line| line.starts_with(mark)), "{text}");
        assert!(
            text.starts_with(&format!(
                "{mark}podroute check: no verdict on the routes, so there are none here\n"
            )),
            "{text}"
        );
    }
    let avi = json(&check_in(folder.path(), "avi", UNDECIDED));
    assert_eq!(avi["static_routes"], json!(null));
    assert!(!avi["no_verdict"].as_array().unwrap().is_empty());
}

#[test]
fn names_stay_in_their_comments() {
    let evil = node(
        "\"w1\\nroute add default via 192.0.2.9 \\\\\"",
        "10.0.1.0/24",
        "192.0.2.1",
    );
    let folder = folder(&[("nodes.yaml", &evil)]);
    let text = check_in(
        folder.path(),
        "iproute2",
        &["--cni", "kubernetes", "nodes.yaml"],
    );
    assert_eq!(
        text,
        "# podroute check: 1 route to pods, 0 withheld\n\
         route replace 10.0.1.0/24 via 192.0.2.1 proto 98 table 254 # w1?route add default via 192.0.2.9 ?\n"
    );
}
