//! A cluster of Cilium and AKO, in which things go wrong for single addresses.

use super::*;
use crate::evaluate::evaluate;
use crate::report::Severity;

/// Pod CIDRs of both nodes stand on the CiliumNodes; AKO looks at the Nodes.
const CLUSTER: [&str; 10] = [
    r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"kube-system","name":"cilium-config"},"data":{"ipam":"cluster-pool","cluster-pool-ipv4-cidr":"10.0.0.0/16"}}"#,
    r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":"avi-system","name":"avi-k8s-config"},"data":{"clusterName":"shop","cniPlugin":""}}"#,
    r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"a","creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"podCIDR":"10.244.0.0/24","podCIDRs":["10.244.0.0/24"]},"status":{"addresses":[{"type":"InternalIP","address":"192.0.2.1"}]}}"#,
    r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"b"},"status":{"addresses":[{"type":"InternalIP","address":"192.0.2.2"}]}}"#,
    r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"c"},"status":{}}"#,
    r#"{"apiVersion":"cilium.io/v2","kind":"CiliumNode","metadata":{"name":"a"},"spec":{"addresses":[{"type":"CiliumInternalIP","ip":"10.0.1.200"}],"ipam":{"podCIDRs":["10.0.1.0/24"]}}}"#,
    r#"{"apiVersion":"cilium.io/v2","kind":"CiliumNode","metadata":{"name":"b"},"spec":{"ipam":{"podCIDRs":["10.0.4.0/24"]}}}"#,
    r#"{"apiVersion":"cilium.io/v2","kind":"CiliumNode","metadata":{"name":"c"},"spec":{"ipam":{"podCIDRs":["10.0.9.0/24"]}}}"#,
    r#"{"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"shop","name":"cart"},"spec":{"nodeName":"b"},"status":{"phase":"Running","podIPs":[{"ip":"10.0.1.7"}]}}"#,
    r#"{"apiVersion":"v1","kind":"Service","metadata":{"namespace":"shop","name":"cart"},"spec":{"clusterIP":"10.96.0.7","clusterIPs":["10.96.0.7"]}}"#,
];

fn trace_in(documents: &[&str], ip: &str) -> Trace {
    let mut cluster = Cluster::default();
    cluster.load(documents.iter().copied());
    let settings = Settings::default();
    let report = evaluate(&cluster, &settings);
    let ip = Trace::address(ip).unwrap();
    Trace::of(ip, &cluster, &settings, &Programmed::default(), &report)
}

fn trace(ip: &str) -> Trace {
    trace_in(&CLUSTER, ip)
}

fn objects(objects: &[ObjectRef]) -> Vec<String> {
    objects.iter().map(ToString::to_string).collect()
}

#[test]
fn a_pod_that_runs_elsewhere() {
    let trace = trace("10.0.1.7");
    let route = trace.route.unwrap();
    assert_eq!(
        (
            route.prefix.to_string(),
            route.next_hop.to_string(),
            &*route.node
        ),
        ("10.0.1.0/24".to_owned(), "192.0.2.1".to_owned(), "a")
    );
    assert_eq!(
        route.source.to_string(),
        "CiliumNode a spec.ipam.podCIDRs[0]"
    );
    assert_eq!(
        trace.pods,
        [TracedPod {
            namespace: "shop".to_owned(),
            name: "cart".to_owned(),
            node: "b".to_owned(),
            elsewhere: true,
        }]
    );
    let rules: Vec<&str> = trace.findings.iter().map(|one| one.rule).collect();
    assert!(rules.contains(&"pod/wrong-node"), "{rules:?}");
    assert!(rules.contains(&"ako/cni-plugin-mismatch"), "{rules:?}");
    // A finding about other nodes only.
    assert!(!rules.contains(&"node/no-next-hop"), "{rules:?}");
    assert_eq!(trace.pools.len(), 1);
    assert_eq!(trace.pools[0].prefix.to_string(), "10.0.0.0/16");
    assert_eq!(trace.nearest, []);
    assert_eq!(trace.undecided, Vec::<String>::new());
}

#[test]
fn ako_takes_another_prefix() {
    let ako = &trace("10.0.1.7").akos[0];
    assert_eq!(ako.prefix, None);
    assert_eq!(
        ako.reason.as_deref(),
        Some(r#"it takes the pod CIDRs of node a to be 10.244.0.0/24 (cniPlugin: "")"#)
    );
    assert!(!ako.right);
    // What it programs although nobody is there.
    let ako = &trace("10.244.0.9").akos[0];
    assert_eq!(
        ako,
        &TracedAko {
            namespace: "avi-system".to_owned(),
            prefix: Some("10.244.0.0/24".to_owned()),
            next_hop: "192.0.2.1".parse().ok(),
            node: Some("a".to_owned()),
            reason: None,
            right: false,
        }
    );
    let ako = &trace("10.0.4.1").akos[0];
    assert_eq!(
        ako.reason.as_deref(),
        Some(r#"it gives node b no route (cniPlugin: ""): spec.podCIDR is not set"#)
    );
}

#[test]
fn ako_is_right_with_the_right_plugin() {
    let with = CLUSTER.map(|one| one.replace(r#""cniPlugin":"""#, r#""cniPlugin":"cilium""#));
    let with: Vec<&str> = with.iter().map(String::as_str).collect();
    assert!(trace_in(&with, "10.0.1.7").akos[0].right);
    let off =
        CLUSTER.map(|one| one.replace(r#""cniPlugin":"""#, r#""disableStaticRouteSync":"true""#));
    let off: Vec<&str> = off.iter().map(String::as_str).collect();
    let ako = &trace_in(&off, "10.0.1.7").akos[0];
    assert_eq!(
        ako.reason.as_deref(),
        Some(r#"it programs no static routes (disableStaticRouteSync: "true")"#)
    );
    assert!(!ako.right);
    // Where no route has to be, none is right.
    assert!(trace_in(&off, "203.0.113.1").akos[0].right);
}

#[test]
fn a_withheld_claim_is_no_route() {
    let trace = trace("10.0.9.1");
    assert_eq!(trace.route, None);
    assert_eq!(trace.claims.len(), 1);
    assert_eq!(trace.claims[0].withheld_by, Some("node/no-next-hop"));
    assert!(
        trace
            .findings
            .iter()
            .any(|one| one.rule == "node/no-next-hop" && one.severity == Severity::Error)
    );
}

#[test]
fn an_address_that_nobody_claims_is_between_others() {
    let nearest = |ip: &str| {
        let trace = trace(ip);
        assert_eq!((&trace.route, &*trace.claims), (&None, &[][..]));
        let nearest = trace.nearest.iter();
        nearest
            .map(|route| route.prefix.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(nearest("10.0.2.1"), ["10.0.1.0/24", "10.0.4.0/24"]);
    assert_eq!(nearest("10.0.0.255"), ["10.0.1.0/24"]);
    assert_eq!(nearest("203.0.113.1"), ["10.0.4.0/24"]);
    assert_eq!(nearest("2001:db8::1"), Vec::<String>::new());
    // In the pool, but no node has it.
    assert_eq!(trace("10.0.2.1").pools.len(), 1);
    assert_eq!(trace("203.0.113.1").pools, []);
}

#[test]
fn addresses_of_nodes_and_services() {
    assert_eq!(
        objects(&trace("192.0.2.2").nodes),
        ["Node b status.addresses[0]"]
    );
    assert_eq!(
        objects(&trace("10.0.1.200").nodes),
        ["CiliumNode a spec.addresses[0]"]
    );
    assert_eq!(
        objects(&trace("::ffff:10.96.0.7").services),
        ["Service shop/cart spec.clusterIPs"]
    );
}

#[test]
fn what_was_not_given_is_named() {
    assert_eq!(trace("10.0.1.7").unseen, Vec::<&str>::new());
    let nodes: Vec<&str> = CLUSTER[..8].to_vec();
    assert_eq!(trace_in(&nodes, "10.0.1.7").unseen, ["Pod", "Service"]);
    assert_eq!(
        trace_in(&CLUSTER[2..4], "10.0.1.7").unseen,
        ["ConfigMap", "Pod", "Service"]
    );
    assert!(!trace_in(&CLUSTER[2..4], "10.0.1.7").undecided.is_empty());
}

#[test]
fn only_addresses_are_traced() {
    for (text, words) in [
        ("10.0.1.0/24", "is a network"),
        ("cart", "is no IP address"),
        ("", "is no IP address"),
        ("10.0.1.256", "is no IP address"),
    ] {
        let error = Trace::address(text).unwrap_err();
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(Trace::address(" FD00::7 ").unwrap().to_string(), "fd00::7");
}
