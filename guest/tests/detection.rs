//! Which CNI is found, where its pod CIDRs are read, and what is said when
//! that cannot be told. A cluster is written as short words, see [`object`].
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use podroute_policy::cluster::Cluster;
use podroute_policy::detect::{Detected, Place};
use podroute_policy::settings::{RawSettings, Settings};

/// `ds NAME`, `ds-off NAME`, `cilium KEY=VALUE,...`, `calico-config IPAM`,
/// `canal-config IPAM`, `installation TYPE [IPAM]`, `block NODE STATE`,
/// `pool CIDR`, `subnet NODE`, `ciliumnode NAME`, `node NAME`, `node NAME
/// ANNOTATION=VALUE`, `signed NAME REASON`.
fn object(words: &str) -> String {
    let mut parts = words.splitn(3, ' ');
    let (kind, name, more) = (
        parts.next().unwrap(),
        parts.next().unwrap(),
        parts.next().unwrap_or_default(),
    );
    let config = |config: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"namespace":"kube-system","name":"{config}"}},"data":{{"cni_network_config":"{{\"mtu\": __CNI_MTU__, \"ipam\": {{\"type\": \"{name}\"}}"}}}}"#
        )
    };
    match kind {
        "ds" | "ds-off" => format!(
            r#"{{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{{"namespace":"kube-system","name":"{name}"}},"status":{{"desiredNumberScheduled":{}}}}}"#,
            if kind == "ds" { 2 } else { 0 }
        ),
        "cilium" => {
            let data: Vec<String> = name
                .split(',')
                .filter_map(|pair| pair.split_once('='))
                .map(|(key, value)| format!(r#""{key}":"{value}""#))
                .collect();
            format!(
                r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"namespace":"kube-system","name":"cilium-config"}},"data":{{{}}}}}"#,
                data.join(",")
            )
        }
        "calico-config" | "canal-config" => config(kind),
        "installation" => {
            let ipam = match more {
                "" => String::new(),
                more => format!(r#","ipam":{{"type":"{more}"}}"#),
            };
            format!(
                r#"{{"apiVersion":"operator.tigera.io/v1","kind":"Installation","metadata":{{"name":"default"}},"spec":{{"cni":{{"type":"{name}"{ipam}}}}}}}"#
            )
        }
        "block" => format!(
            r#"{{"apiVersion":"crd.projectcalico.org/v1","kind":"BlockAffinity","metadata":{{"name":"{name}-1"}},"spec":{{"cidr":"10.1.0.0/26","node":"{name}","state":"{more}","deleted":"false"}}}}"#
        ),
        "virtual" => format!(
            r#"{{"apiVersion":"crd.projectcalico.org/v1","kind":"BlockAffinity","metadata":{{"name":"{name}-1"}},"spec":{{"cidr":"192.0.2.0/26","node":"{name}","state":"confirmed","deleted":"false","type":"virtual"}}}}"#
        ),
        "pool" => format!(
            r#"{{"apiVersion":"crd.projectcalico.org/v1","kind":"IPPool","metadata":{{"name":"pool"}},"spec":{{"cidr":"{name}"}}}}"#
        ),
        "subnet" => format!(
            r#"{{"apiVersion":"network.openshift.io/v1","kind":"HostSubnet","metadata":{{"name":"{name}"}},"host":"{name}","hostIP":"192.0.2.1","subnet":"10.1.0.0/23"}}"#
        ),
        "ciliumnode" => format!(
            r#"{{"apiVersion":"cilium.io/v2","kind":"CiliumNode","metadata":{{"name":"{name}"}},"spec":{{"ipam":{{"podCIDRs":["10.2.0.0/24"]}}}}}}"#
        ),
        "node" => {
            let (key, value) = more.split_once('=').unwrap_or(("a", "b"));
            format!(
                r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{name}","annotations":{{"{key}":"{value}"}}}}}}"#
            )
        }
        "signed" => format!(
            r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"{name}"}},"status":{{"conditions":[{{"type":"NetworkUnavailable","status":"False","reason":"{more}"}}]}}}}"#
        ),
        other => panic!("{other:?}"),
    }
}

struct Found {
    cni: &'static str,
    place: Place,
    evidence: Vec<String>,
    undecided: Vec<String>,
}

fn find(words: &[&str], settings: &str) -> Found {
    let documents: Vec<String> = words.iter().map(|words| object(words)).collect();
    let mut cluster = Cluster::default();
    let problems = cluster.load(documents.iter().map(String::as_str));
    assert_eq!(problems, [], "{words:?}");
    let raw: RawSettings = serde_json::from_str(settings).unwrap();
    let settings = Settings::try_from(raw).unwrap();
    let detected = Detected::find(&cluster, &settings);
    Found {
        cni: detected.cni.cni.name(),
        place: detected.place,
        evidence: detected.cni.evidence.clone(),
        undecided: detected.undecided.clone(),
    }
}

/// A CNI and a place that are certain. Every cluster has a Node.
#[track_caller]
fn certain(words: &[&str], cni: &str, place: Place) {
    let words = [words, &["node n"]].concat();
    let found = find(&words, "{}");
    assert_eq!((found.cni, found.place), (cni, place), "{words:?}");
    assert_eq!(found.undecided, Vec::<String>::new(), "{words:?}");
}

/// A cluster of which something stays open, with words of what is said.
#[track_caller]
fn open(words: &[&str], cni: &str, place: Place, said: &str) {
    let words = [words, &["node n"]].concat();
    let found = find(&words, "{}");
    assert_eq!((found.cni, found.place), (cni, place), "{words:?}");
    let [undecided] = found.undecided.as_slice() else {
        panic!("{words:?}: {:?}", found.undecided);
    };
    assert!(undecided.contains(said), "{undecided}");
}

#[test]
fn calico_by_its_ipam_plugin() {
    let block = "block n confirmed";
    certain(&["ds calico-node", block], "calico", Place::BlockAffinity);
    certain(
        &["ds calico-node", block, "installation Calico"],
        "calico",
        Place::BlockAffinity,
    );
    certain(
        &["ds calico-node", block, "installation Calico HostLocal"],
        "calico",
        Place::NodeSpec,
    );
    certain(
        &["ds calico-node", "installation GKE"],
        "calico",
        Place::NodeSpec,
    );
    certain(
        &["ds calico-node", "calico-config host-local"],
        "calico",
        Place::NodeSpec,
    );
    certain(
        &["ds calico-node", block, "calico-config calico-ipam"],
        "calico",
        Place::BlockAffinity,
    );
    // The operator's word counts, and not a ConfigMap from before.
    certain(
        &[
            "ds calico-node",
            "installation Calico HostLocal",
            "calico-config calico-ipam",
        ],
        "calico",
        Place::NodeSpec,
    );
    open(
        &["ds calico-node"],
        "calico",
        Place::BlockAffinity,
        "which IPAM plugin Calico uses",
    );
    open(
        &["ds calico-node", "installation Calico"],
        "calico",
        Place::BlockAffinity,
        "none is in the snapshot; add them",
    );
}

#[test]
fn says_where_the_ipam_plugin_is_named() {
    let evidence = |words: &[&str]| find(words, "{}").evidence;
    assert_eq!(
        evidence(&["ds calico-node", "installation Calico HostLocal"]),
        [
            "DaemonSet kube-system/calico-node",
            "host-local IPAM by Installation default"
        ]
    );
    assert_eq!(
        evidence(&["ds canal", "canal-config calico-ipam"]),
        [
            "DaemonSet kube-system/canal",
            "calico-ipam IPAM by ConfigMap kube-system/canal-config"
        ]
    );
    assert_eq!(
        evidence(&["ds kindnet", "canal-config calico-ipam"]),
        ["DaemonSet kube-system/kindnet"]
    );
}

#[test]
fn calico_beside_others() {
    let block = "block n confirmed";
    certain(&["ds canal"], "canal", Place::NodeSpec);
    certain(
        &["ds rke2-canal", "canal-config host-local"],
        "canal",
        Place::NodeSpec,
    );
    certain(
        &["ds canal", "canal-config calico-ipam", block],
        "canal",
        Place::BlockAffinity,
    );
    certain(
        &["ds calico-node", "ds kube-flannel-ds"],
        "canal",
        Place::NodeSpec,
    );
    // A block on its way out gives no addresses.
    certain(
        &[
            "ds calico-node",
            "ds kube-flannel-ds",
            "block n pendingDeletion",
        ],
        "canal",
        Place::NodeSpec,
    );
    certain(
        &["ds calico-node", "ds aws-node"],
        "aws-vpc",
        Place::Nowhere,
    );
    certain(
        &["ds calico-node", "installation AmazonVPC AmazonVPC"],
        "aws-vpc",
        Place::Nowhere,
    );
    certain(
        &["ds calico-node", "installation AzureVNET"],
        "azure",
        Place::Nowhere,
    );
    certain(
        &["ds antrea-agent", "ds azure-cns"],
        "azure",
        Place::Nowhere,
    );
    open(
        &["ds calico-node", "ds aws-node", "installation Calico"],
        "unknown",
        Place::Nowhere,
        "calico and aws-vpc show",
    );
    open(
        &["ds calico-node", "ds kube-flannel-ds", block],
        "unknown",
        Place::Nowhere,
        "flannel and calico show",
    );
}

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
fn cilium_behind_another() {
    let chained = |mode: &str| format!("cilium ipam=cluster-pool,cni-chaining-mode={mode}");
    let (aws, veth, flannel) = (
        chained("aws-cni"),
        chained("generic-veth"),
        chained("flannel"),
    );
    certain(
        &["ds cilium", &aws, "ds aws-node"],
        "cilium",
        Place::Nowhere,
    );
    certain(&["ds cilium", &aws], "cilium", Place::Nowhere);
    // The mode names the CNI; what another one has left does not count.
    certain(
        &[
            "ds cilium",
            &aws,
            "node m flannel.alpha.coreos.com/backend-type=vxlan",
        ],
        "cilium",
        Place::Nowhere,
    );
    certain(&["ds cilium", &flannel], "cilium", Place::NodeSpec);
    certain(
        &["ds cilium", &veth, "ds calico-node", "block n confirmed"],
        "cilium",
        Place::BlockAffinity,
    );
    certain(
        &["ds cilium", &veth, "ds kube-flannel-ds", "ds kube-router"],
        "cilium",
        Place::NodeSpec,
    );
    certain(
        &["ds cilium", &veth, "ds kube-router"],
        "cilium",
        Place::NodeSpec,
    );
    // k3s, and kube-router as a BGP speaker.
    certain(
        &[
            "ds cilium",
            &veth,
            "node m flannel.alpha.coreos.com/backend-type=vxlan",
            "ds kube-router",
        ],
        "cilium",
        Place::NodeSpec,
    );
    open(
        &["ds cilium", &veth, "ciliumnode n"],
        "cilium",
        Place::Nowhere,
        "nothing in the snapshot shows which one",
    );
    open(
        &["ds cilium", &veth, "ds kindnet", "ds weave-net"],
        "cilium",
        Place::Nowhere,
        "kindnet and weave show",
    );
    open(
        &["ds cilium", &aws, "ds kube-flannel-ds"],
        "cilium",
        Place::Nowhere,
        "flannel and aws-vpc show",
    );
    // portmap only maps ports: Cilium hands out the addresses.
    certain(
        &[
            "ds cilium",
            "cilium ipam=kubernetes,cni-chaining-mode=portmap",
        ],
        "cilium",
        Place::NodeSpec,
    );
    let found = find(&["ds cilium", &veth, "ds kube-flannel-ds", "node n"], "{}");
    assert!(
        found
            .evidence
            .contains(&"chained behind flannel".to_owned())
            && found
                .evidence
                .contains(&"DaemonSet kube-system/kube-flannel-ds".to_owned()),
        "{:?}",
        found.evidence
    );
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
