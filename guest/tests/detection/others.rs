//! What runs before what is left, the setting, and gaps.

use super::*;

#[test]
fn what_runs_outvotes_what_is_left() {
    certain(
        &["ds kube-flannel-ds", "ciliumnode n"],
        "flannel",
        Place::NodeSpec,
    );
    certain(
        &["ds kube-flannel-ds", "cilium ipam=cluster-pool"],
        "flannel",
        Place::NodeSpec,
    );
    certain(
        &["ds kindnet", "signed m CalicoIsUp"],
        "kindnet",
        Place::NodeSpec,
    );
    certain(
        &["ds kindnet", "ds-off weave-net"],
        "kindnet",
        Place::NodeSpec,
    );
    certain(
        &["ds antrea-agent", "subnet n", "pool 10.0.0.0/8"],
        "antrea",
        Place::NodeSpec,
    );
    certain(
        &["ds cilium", "cilium ipam=kubernetes", "ds kube-router"],
        "cilium",
        Place::NodeSpec,
    );
    certain(
        &["ds ovnkube-node", "ds kube-router"],
        "ovn-kubernetes",
        Place::OvnAnnotation,
    );
    certain(
        &["ds sdn", "ds multus", "subnet n"],
        "openshift-sdn",
        Place::HostSubnet,
    );
    certain(&["ds nsx-node-agent"], "ncp", Place::Nowhere);
    certain(&["ds weave-net"], "weave", Place::NodeSpec);
    open(
        &["ds sdn"],
        "openshift-sdn",
        Place::HostSubnet,
        "HostSubnets",
    );
    open(
        &["ds sdn", "ds ovnkube-node", "subnet n"],
        "unknown",
        Place::Nowhere,
        "set `cni` (--cni)",
    );
    // kube-router may do no more than announce what another one allocates.
    open(
        &["ds kube-router", "ciliumnode n"],
        "cilium",
        Place::Nowhere,
        "cilium-config",
    );
}

#[test]
fn traces_where_nothing_is_seen_to_run() {
    certain(&["block n confirmed"], "calico", Place::BlockAffinity);
    certain(&["canal-config host-local"], "canal", Place::NodeSpec);
    certain(&["subnet n"], "openshift-sdn", Place::HostSubnet);
    certain(
        &["installation Calico HostLocal"],
        "calico",
        Place::NodeSpec,
    );
    certain(
        &["node m k8s.ovn.org/node-subnets={}"],
        "ovn-kubernetes",
        Place::OvnAnnotation,
    );
    certain(
        &["node m flannel.alpha.coreos.com/backend-type=vxlan"],
        "flannel",
        Place::NodeSpec,
    );
    certain(
        &["node m node.antrea.io/transport-addresses=10.0.0.1"],
        "antrea",
        Place::NodeSpec,
    );
    certain(&["signed m FlannelIsUp"], "flannel", Place::NodeSpec);
    // An annotation of Cilium shows Cilium, and is no source.
    open(
        &["node m network.cilium.io/ipv4-pod-cidr=10.2.0.0/24"],
        "cilium",
        Place::Nowhere,
        "cilium-config",
    );
    open(
        &[
            "signed m FlannelIsUp",
            "signed o CalicoIsUp",
            "signed p WeaveIsUp",
        ],
        "unknown",
        Place::Nowhere,
        "canal and weave show",
    );
    // Load balancer addresses are no sign of Calico's network.
    open(
        &["virtual load-balancer"],
        "unknown",
        Place::AnnotationOrNodeSpec,
        "which CNI runs",
    );
}

#[test]
fn k3s_has_flannel_built_in() {
    let words = [
        "node n flannel.alpha.coreos.com/backend-type=vxlan",
        "ciliumnode n",
    ];
    // What is left of Cilium makes it doubtful, until all DaemonSets are seen.
    let found = find(&words, "{}");
    assert_eq!((found.cni, found.place), ("cilium", Place::Nowhere));
    let found = find(&words, r#"{"listedKinds":["DaemonSet"]}"#);
    assert_eq!((found.cni, found.place), ("flannel", Place::NodeSpec));
    assert_eq!(found.undecided, Vec::<String>::new());
}

#[test]
fn the_setting_decides() {
    let words = [
        "node n",
        "ds sdn",
        "ds ovnkube-node",
        "subnet n",
        "block n confirmed",
    ];
    for (choice, place) in [
        ("kubernetes", Place::NodeSpec),
        ("ovn-kubernetes", Place::OvnAnnotation),
        ("calico", Place::BlockAffinity),
        ("openshift-sdn", Place::HostSubnet),
        ("antrea", Place::NodeSpec),
        ("flannel", Place::NodeSpec),
        ("canal", Place::NodeSpec),
        ("kindnet", Place::NodeSpec),
        ("kube-router", Place::NodeSpec),
        ("weave", Place::NodeSpec),
        ("ncp", Place::Nowhere),
        ("aws-vpc", Place::Nowhere),
        ("azure", Place::Nowhere),
    ] {
        let found = find(&words, &format!(r#"{{"cni":"{choice}"}}"#));
        assert_eq!((found.cni, found.place), (choice, place));
        assert_eq!(found.evidence, ["the setting `cni`"]);
        assert_eq!(found.undecided, Vec::<String>::new(), "{choice}");
    }
}

#[test]
fn gaps_count_where_they_matter() {
    let gap = |kind: &str| format!(r#"{{"gaps":[{{"kind":"{kind}","reason":"forbidden"}}]}}"#);
    let calico = ["node n", "ds calico-node", "block n confirmed"];
    for (kind, matters) in [
        ("BlockAffinity", true),
        ("Installation", true),
        ("HostSubnet", false),
        ("CiliumNode", false),
    ] {
        let undecided = find(&calico, &gap(kind)).undecided;
        assert_eq!(!undecided.is_empty(), matters, "{kind}: {undecided:?}");
    }
    let sdn = ["node n", "ds sdn", "subnet n"];
    assert_eq!(find(&sdn, &gap("HostSubnet")).undecided.len(), 1);
    assert_eq!(find(&sdn, &gap("BlockAffinity")).undecided.len(), 0);
}
