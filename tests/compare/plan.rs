//! `podroute plan`.

use super::*;

/// 10.244.0.0/24 is right, 10.244.1.0/24 leads to the wrong node, and
/// 10.244.9.0/24 is nobody's.
const CSV: &str = "prefix,next_hop,node\n10.244.0.0/24,192.0.2.1,a\n10.244.1.0/24,192.0.2.9,b\n10.244.9.0/24,192.0.2.9,c\n";
const RIGHT: &str = "prefix,next_hop\n10.244.0.0/24,192.0.2.1\n10.244.1.0/24,192.0.2.2\n";

fn cluster(folder: &Folder) -> String {
    folder.snapshot("cluster.json", &two_nodes())
}

#[test]
fn a_list_of_routes_is_all_ours() {
    let folder = Folder::new();
    let cluster = cluster(&folder);
    let file = folder.file("routes.csv", CSV);
    let run = podroute(&["plan", &cluster, "--routes", &file], "");
    assert_eq!(run.code, 0, "{}", run.err);
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(
        lines[0].ends_with(
            "routes.csv: 0 to add, 1 to change, 1 to delete; 1 right, 0 held, 0 of others"
        ),
        "{}",
        lines[0]
    );
    assert_eq!(
        lines[1..],
        [
            "  ~ 10.244.1.0/24 via 192.0.2.2  (node b; now 192.0.2.9)",
            "  - 10.244.9.0/24 via 192.0.2.9",
        ]
    );
    let run = podroute(
        &["plan", &cluster, "--routes", &file, "--format", "json"],
        "",
    );
    assert_valid("plan", &run.json());
    assert_eq!(run.json()["tables"][0]["right"], 1);
}

#[test]
fn the_exit_code_tells_of_changes_when_asked_to() {
    let folder = Folder::new();
    let cluster = cluster(&folder);
    let (wrong, right) = (folder.file("a.csv", CSV), folder.file("b.csv", RIGHT));
    let code = |file: &str| {
        podroute(
            &["plan", &cluster, "--routes", file, "--fail-on", "changes"],
            "",
        )
        .code
    };
    assert_eq!((code(&wrong), code(&right)), (1, 0));
}

#[test]
fn a_report_of_the_same_cluster_leaves_nothing_to_do() {
    let folder = Folder::new();
    let cluster = cluster(&folder);
    let report = folder.report("report.json", &cluster);
    let arguments = [
        "plan",
        &cluster,
        "--routes",
        &report,
        "--fail-on",
        "changes",
    ];
    let run = podroute(&arguments, "");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("2 right"), "{}", run.out);
}

#[test]
fn in_a_kernels_table_the_protocol_tells_ours() {
    let folder = Folder::new();
    let cluster = cluster(&folder);
    let route = |cidr: &str, gateway: &str, protocol: &str| json!({"dst": cidr, "gateway": gateway, "dev": "eth0", "protocol": protocol, "flags": []});
    let v4 = json!([
        route("default", "192.0.2.254", "dhcp"),
        route("10.244.0.0/24", "192.0.2.1", "183"),
        route("10.244.1.0/24", "192.0.2.99", "static"),
        route("10.244.9.0/24", "192.0.2.9", "183"),
    ]);
    let v6 = json!([route("fd00::/64", "2001:db8::1", "183")]);
    let run = podroute(
        &["plan", &cluster, "--ip-route", "-"],
        &format!("{v4}\n{v6}\n"),
    );
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.out.starts_with(
            "standard input: 0 to add, 0 to change, 2 to delete; 1 right, 0 held, 2 of others\n"
        ),
        "{}",
        run.out
    );
    // Made by hand: it is in the way, and not touched.
    assert!(
        run.out
            .contains("10.244.1.0/24 (node b) is not added: somebody else has a route to it"),
        "{}",
        run.out
    );
    // With rt_protos of iproute2 the number has a name.
    let named = json!([
        route("10.244.0.0/24", "192.0.2.1", "podroute"),
        route("10.244.1.0/24", "192.0.2.2", "podroute")
    ]);
    let arguments = [
        "plan",
        &cluster,
        "--ip-route",
        "-",
        "--protocol",
        "podroute",
    ];
    let run = podroute(&arguments, &named.to_string());
    assert!(run.out.contains("2 right"), "{}{}", run.out, run.err);
}

#[test]
fn a_vrf_is_planned_as_check_does() {
    let folder = Folder::new();
    let vrf = folder.file(
        "vrf.json",
        r#"{"uuid": "vrfcontext-1", "name": "global", "static_routes": [
            {"route_id": "1", "prefix": {"ip_addr": {"addr": "10.0.0.0", "type": "V4"}, "mask": 24},
             "next_hop": {"addr": "192.0.2.11", "type": "V4"}, "labels": [{"key": "clustername", "value": "shop"}]}]}"#,
    );
    let run = podroute(&["plan", &shop(), "--vrf", &vrf], "");
    assert_eq!(run.code, 0, "{}", run.err);
    let checked = podroute(&["check", &shop(), "--vrf", &vrf], "");
    let (_, of_check) = checked.out.split_once("\nPlan for ").unwrap();
    assert_eq!(run.out, of_check);
    assert!(run.out.contains("1 to add"), "{}", run.out);
}

#[test]
fn without_a_verdict_nothing_is_planned() {
    let folder = Folder::new();
    let empty = folder.snapshot("empty.json", &[]);
    let file = folder.file("routes.csv", CSV);
    let arguments = ["plan", &empty, "--routes", &file, "--fail-on", "changes"];
    let run = podroute(&arguments, "");
    assert_eq!(run.code, 3, "{}", run.err);
    assert!(run.out.contains("nothing is touched"), "{}", run.out);
    assert!(run.out.contains("0 to delete"), "{}", run.out);
}

#[test]
fn what_is_no_table_is_refused_with_its_place() {
    let folder = Folder::new();
    let cluster = cluster(&folder);
    let csv = folder.file("routes.csv", "prefix,next_hop\n10.244.0.0/24,somewhere\n");
    let run = podroute(&["plan", &cluster, "--routes", &csv], "");
    assert_eq!(run.code, 2);
    assert!(
        run.err
            .contains("routes.csv: line 2: next hop `somewhere` is no IP address"),
        "{}",
        run.err
    );
    for arguments in [
        &["plan", &cluster][..],
        &["plan", &cluster, "--routes", &csv, "--vrf", &csv],
        &["plan", "-", "--routes", "-"],
        &["plan", &cluster, "--ip-route", &csv, "--protocol", "static"],
    ] {
        let run = podroute(arguments, "");
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments:?}");
    }
}
