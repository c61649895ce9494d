//! Calico: its IPAM plugin, and what it does beside others.

use super::*;

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
