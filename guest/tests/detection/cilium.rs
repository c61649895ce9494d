//! Cilium, alone and chained behind another CNI.

use super::*;

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
