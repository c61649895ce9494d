//! The routes as CSV.

use crate::{UNDECIDED, check_in, folder, node, shop, top};

#[test]
fn the_shop() {
    // 10.0.1.0/24 of shop-worker-2 is withheld and stands nowhere.
    assert_eq!(
        shop("csv"),
        "prefix,next_hop,node,family,source_kind,source_name,source_field\n\
         10.0.0.0/24,192.0.2.11,shop-control-1,IPv4,CiliumNode,shop-control-1,spec.ipam.podCIDRs[0]\n\
         10.0.1.0/24,192.0.2.12,shop-worker-1,IPv4,CiliumNode,shop-worker-1,spec.ipam.podCIDRs[0]\n"
    );
}

#[test]
fn both_families() {
    let text = check_in(
        &top().join("tests/snapshots/dual-stack"),
        "csv",
        &["nodes.yaml", "ciliumnodes.yaml", "config-cluster-pool.yaml"],
    );
    let ipv6: Vec<&str> = text
        .lines()
        .filter(|line| line.contains(",IPv6,"))
        .collect();
    assert!(!ipv6.is_empty(), "{text}");
    assert!(
        ipv6.iter()
            .all(|line| line.split(',').next().unwrap().contains("::/")),
        "{text}"
    );
}

/// Kubernetes refuses such names; whoever writes a snapshot by hand does not.
#[test]
fn names_do_no_harm() {
    let evil = node("\"=HYPERLINK(\\\"x\\\"),\\nb\"", "10.0.1.0/24", "192.0.2.1");
    let folder = folder(&[("nodes.yaml", &evil)]);
    let text = check_in(folder.path(), "csv", &["--cni", "kubernetes", "nodes.yaml"]);
    assert_eq!(
        text,
        "prefix,next_hop,node,family,source_kind,source_name,source_field\n\
         10.0.1.0/24,192.0.2.1,\"'=HYPERLINK(\"\"x\"\"),\nb\",IPv4,Node,\"'=HYPERLINK(\"\"x\"\"),\nb\",spec.podCIDRs[0]\n"
    );
}

#[test]
fn no_verdict_is_no_table() {
    let folder = folder(&[("nodes.yaml", &node("a", "10.0.1.0/24", "192.0.2.1"))]);
    let text = check_in(folder.path(), "csv", UNDECIDED);
    assert!(text.starts_with("\"# no verdict on the routes: "), "{text}");
    assert_eq!(text.lines().count(), 1);
}
