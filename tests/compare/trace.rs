//! `podroute trace`.

use super::*;

#[test]
fn the_way_of_a_packet_is_shown() {
    let run = podroute(&["trace", "10.0.0.7", "-f", &shop()], "");
    assert_eq!(run.code, 0, "{}", run.err);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "10.0.0.7",
            "  route         10.0.0.0/24 via 192.0.2.11",
            "  node          shop-control-1",
        ]
    );
    assert!(
        lines[3].starts_with(
            "  read from     10.0.0.0/24 CiliumNode shop-control-1 spec.ipam.podCIDRs[0] ("
        ) && lines[3].ends_with("ciliumnodes.yaml:36)"),
        "{}",
        lines[3]
    );
    // cniPlugin is empty, so AKO takes the Node's.
    assert!(
        run.out.contains(
            "in avi-system programs no route to it: it takes the pod CIDRs of node shop-control-1 to be 10.244.0.0/24 (cniPlugin: \"\"); not as it has to be"
        ),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("error ako/cni-plugin-mismatch"),
        "{}",
        run.out
    );
    // The snapshot has no Pods: that none has the address is not known.
    assert!(
        run.out
            .contains("not in the snapshot, or not completely: Pod"),
        "{}",
        run.out
    );
}

#[test]
fn as_json_it_is_what_the_schema_says() {
    let addresses = ["10.0.0.7", "10.0.1.7", "10.0.7.7", "192.0.2.11", "fd00::7"];
    let mut arguments = vec!["trace", "--format", "json", "--snapshot"];
    let shop = shop();
    arguments.push(&shop);
    arguments.extend(addresses);
    let run = podroute(&arguments, "");
    let value = run.json();
    assert_valid("trace", &value);
    let ips: Vec<&str> = value["traces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|trace| trace["ip"].as_str().unwrap())
        .collect();
    assert_eq!(ips, addresses);
    assert_eq!(value["traces"][0]["route"]["nextHop"], "192.0.2.11");
    // Both workers claim it: one is withheld, and shown.
    let claims = &value["traces"][1]["claims"];
    assert_eq!(
        (&claims[0]["node"], &claims[0]["withheldBy"]),
        (&json!("shop-worker-1"), &Value::Null)
    );
    assert_eq!(
        (&claims[1]["node"], &claims[1]["withheldBy"]),
        (&json!("shop-worker-2"), &json!("route/duplicate-prefix"))
    );
    assert_eq!(value["traces"][2]["route"], Value::Null);
    assert_eq!(value["traces"][2]["nearest"][0]["prefix"], "10.0.1.0/24");
    assert_eq!(value["traces"][3]["nodes"][0]["name"], "shop-control-1");
    assert_eq!(run.code, 1, "an address has no route");
}

#[test]
fn a_pod_that_runs_elsewhere_is_pointed_out() {
    let folder = Folder::new();
    let [daemon_set, a, b] = two_nodes();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "x", "name": "p"},
        "spec": {"nodeName": "b"}, "status": {"phase": "Running", "podIPs": [{"ip": "10.244.0.7"}]}});
    let snapshot = folder.snapshot("cluster.json", &[daemon_set, a, b, pod]);
    let text = fs::read_to_string(&snapshot).unwrap();
    let run = podroute(&["trace", "10.244.0.7"], &text);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.out
            .contains("x/p on node b (standard input:1); warning: but packets go to node a\n"),
        "{}",
        run.out
    );
    assert!(run.out.contains("error pod/wrong-node"), "{}", run.out);
}

#[test]
fn what_is_not_known_is_no_missing_route() {
    let folder = Folder::new();
    let empty = folder.snapshot("empty.json", &[]);
    let run = podroute(&["trace", "10.0.0.7", "-f", &empty], "");
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("no verdict"), "{}", run.out);
    let broken = folder.file("broken.yaml", "kind: [");
    let run = podroute(&["trace", "10.0.0.7", "-f", &broken], "");
    assert_eq!(run.code, 2);
}

#[test]
fn only_addresses_are_traced() {
    for (address, words) in [
        ("10.0.0.0/24", "is a network"),
        ("shop-worker-1", "is no IP address"),
    ] {
        let run = podroute(&["trace", address, "-f", &shop()], "");
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert!(run.err.contains(words), "{}", run.err);
    }
}
