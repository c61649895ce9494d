//! `podroute check --cluster`.

use super::*;

fn named(name: &str, path: &str) -> String {
    format!("{name}={path}")
}

#[test]
fn clusters_with_the_same_prefixes_are_in_conflict() {
    let folder = Folder::new();
    let east = named("east", &folder.snapshot("east.json", &two_nodes()));
    let [daemon_set, ..] = two_nodes();
    let wide = node("a", "10.244.0.0/23", "192.0.2.11");
    let west = named("west", &folder.snapshot("west.json", &[daemon_set, wide]));
    let run = podroute(
        &[
            "check",
            "--cluster",
            &east,
            "--cluster",
            &west,
            "--format",
            "json",
        ],
        "",
    );
    assert_eq!(run.code, 1, "{}", run.err);
    let value = run.json();
    assert_valid("clusters", &value);
    let holder = |cluster: &str, prefix: &str, next_hop: &str, node: &str| json!({"cluster": cluster, "prefix": prefix, "nextHop": next_hop, "node": node});
    let wide = holder("west", "10.244.0.0/23", "192.0.2.11", "a");
    assert_eq!(
        value["conflicts"],
        json!([
            {"kind": "overlapping-prefix",
             "of": [wide, holder("east", "10.244.0.0/24", "192.0.2.1", "a")]},
            {"kind": "overlapping-prefix",
             "of": [wide, holder("east", "10.244.1.0/24", "192.0.2.2", "b")]},
        ])
    );
    // Each report says so too, naming the other.
    for (at, other) in [(0, "west"), (1, "east")] {
        assert_valid("report", &value["clusters"][at]["report"]);
        let findings = value["clusters"][at]["report"]["findings"]
            .as_array()
            .unwrap();
        let overlap = findings
            .iter()
            .find(|one| one["rule"] == "mesh/overlap")
            .unwrap();
        let message = overlap["message"].as_str().unwrap();
        assert!(
            message.contains(&format!("of cluster {other}")),
            "{message}"
        );
    }
    let run = podroute(&["check", "--cluster", &east, "--cluster", &west], "");
    for words in [
        "=== east ===\n",
        "=== west ===\n",
        "=== Conflicts of 2 clusters in one VRF (2) ===\n",
    ] {
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
    let arguments = [
        "check",
        "--cluster",
        &east,
        "--cluster",
        &west,
        "--fail-on",
        "never",
    ];
    assert_eq!(podroute(&arguments, "").code, 0);
}

#[test]
fn clusters_apart_are_fine_and_may_have_several_files() {
    let folder = Folder::new();
    let [daemon_set, a, b] = two_nodes();
    let east = [
        named("east", &folder.snapshot("1.json", &[daemon_set.clone(), a])),
        named("east", &folder.snapshot("2.json", &[b])),
    ];
    let other = node("a", "10.245.0.0/24", "192.0.2.11");
    let west = named("west", &folder.snapshot("west.json", &[daemon_set, other]));
    let run = podroute(
        &[
            "check",
            "--cluster",
            &east[0],
            "--cluster",
            &west,
            "--cluster",
            &east[1],
            "--format",
            "json",
        ],
        "",
    );
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let value = run.json();
    assert_valid("clusters", &value);
    assert_eq!(value["conflicts"], json!([]));
    let names: Vec<(&Value, usize)> = value["clusters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                &one["name"],
                one["report"]["routes"].as_array().unwrap().len(),
            )
        })
        .collect();
    assert_eq!(names, [(&json!("east"), 2), (&json!("west"), 1)]);
}

#[test]
fn one_owner_name_of_two_clusters_is_a_conflict() {
    let folder = Folder::new();
    let ako = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"namespace": "avi-system", "name": "avi-k8s-config"},
        "data": {"clusterName": "prod", "cniPlugin": "flannel"}});
    let [daemon_set, a, _] = two_nodes();
    let east = folder.snapshot("east.json", &[daemon_set.clone(), a, ako.clone()]);
    let other = node("a", "10.245.0.0/24", "192.0.2.11");
    let west = folder.snapshot("west.json", &[daemon_set, other, ako]);
    let (east, west) = (named("east", &east), named("west", &west));
    let run = podroute(
        &[
            "check",
            "--cluster",
            &east,
            "--cluster",
            &west,
            "--format",
            "json",
        ],
        "",
    );
    assert_eq!(
        run.json()["conflicts"],
        json!([{"kind": "same-owner", "owner": "prod", "clusters": ["east", "west"]}])
    );
    assert_eq!(run.code, 1);
}

#[test]
fn no_verdict_on_one_is_no_absence_of_conflicts() {
    let folder = Folder::new();
    let east = named("east", &folder.snapshot("east.json", &two_nodes()));
    let west = named("west", &folder.snapshot("west.json", &[]));
    let run = podroute(&["check", "--cluster", &east, "--cluster", &west], "");
    assert_eq!(run.code, 3, "{}", run.err);
    assert!(
        run.out.contains("no verdict on the routes of west"),
        "{}",
        run.out
    );
}

#[test]
fn what_makes_no_sense_for_several_is_a_usage_error() {
    let folder = Folder::new();
    let east = named("east", &folder.snapshot("east.json", &two_nodes()));
    for more in [
        &["--format", "yaml"][..],
        &["--baseline", "x.json"],
        &["--vrf", "x.json"],
        &["more.yaml"],
        &["--cluster", "west"],
        &["--cluster", "=west.yaml"],
    ] {
        let arguments = [&["check", "--cluster", &east], more].concat();
        let run = podroute(&arguments, "");
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{more:?}");
    }
}

/// No prefix is there twice yet; the next node of one cluster would do it.
#[test]
fn pools_of_one_cluster_are_taken_for_the_other() {
    let folder = Folder::new();
    let cilium = |pool: &str, cidr: &str| {
        [
            json!({"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"namespace": "kube-system", "name": "cilium-config"},
                "data": {"ipam": "cluster-pool", "cluster-pool-ipv4-cidr": pool,
                         "cluster-pool-ipv4-mask-size": "24", "enable-ipv6": "false"}}),
            json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}, "spec": {},
                "status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.1"}],
                           "conditions": [{"type": "Ready", "status": "True"}]}}),
            json!({"apiVersion": "cilium.io/v2", "kind": "CiliumNode", "metadata": {"name": "a"},
                "spec": {"ipam": {"podCIDRs": [cidr]}}}),
        ]
    };
    let overlaps = |other_pool: &str, other_cidr: &str| {
        let east = cilium("10.0.0.0/16", "10.0.0.0/24");
        let east = named("east", &folder.snapshot("east.json", &east));
        let west = cilium(other_pool, other_cidr);
        let west = named("west", &folder.snapshot("west.json", &west));
        let format = ["--format", "json"];
        let clusters = ["check", "--cluster", &east, "--cluster", &west];
        let value = podroute(&[&clusters[..], &format].concat(), "").json();
        assert_eq!(value["conflicts"], json!([]));
        let findings = value["clusters"][0]["report"]["findings"].clone();
        let findings = findings.as_array().unwrap().clone();
        findings.iter().any(|one| one["rule"] == "mesh/overlap")
    };
    assert!(overlaps("10.0.0.0/16", "10.0.7.0/24"));
    assert!(!overlaps("10.1.0.0/16", "10.1.7.0/24"));
}
