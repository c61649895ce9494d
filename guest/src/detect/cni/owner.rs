//! Of the CNIs that show, the one that hands out the pods' addresses. Many
//! clusters run two on purpose: one for the network, one for policies.

use super::{Cni, Detection, Rival, Shown, evidence};
use crate::cluster::Cluster;
use crate::detect::calico;
use crate::detect::cilium::{Cilium, Config};
use crate::settings::Settings;

/// Settles on one of the CNIs that show, of which there is at least one.
pub(super) fn settle(cluster: &Cluster, settings: &Settings, mut shown: Shown) -> Detection {
    let Some(evidence) = shown.remove(&Cni::Cilium) else {
        return among(reduce(cluster, shown));
    };
    let cilium = Cilium::find(cluster, settings);
    let chained = cilium.config.as_ref().and_then(Config::chained_behind);
    match chained {
        Some(mode) => behind(cluster, evidence, mode, shown),
        None => Detection {
            rivals: reduce(cluster, shown)
                .into_iter()
                .filter(|(cni, _)| !lives_beside(*cni, &cilium))
                .map(|(cni, evidence)| Rival { cni, evidence })
                .collect(),
            ..Detection::of(Cni::Cilium, evidence)
        },
    }
}

/// The only one that is left, or none of several.
fn among(shown: Shown) -> Detection {
    let mut rivals: Vec<Rival> = shown
        .into_iter()
        .map(|(cni, evidence)| Rival { cni, evidence })
        .collect();
    if rivals.len() == 1
        && let Some(Rival { cni, evidence }) = rivals.pop()
    {
        return Detection::of(cni, evidence);
    }
    let evidence = rivals
        .iter()
        .flat_map(|rival| rival.evidence.iter().cloned())
        .collect();
    Detection {
        rivals,
        ..Detection::of(Cni::Unknown, evidence)
    }
}

/// Cilium chained behind another CNI: that one is the one to find.
fn behind(cluster: &Cluster, mut words: Vec<String>, mode: &str, mut others: Shown) -> Detection {
    words.push(format!("cni-chaining-mode: {mode}"));
    match mode {
        "aws-cni" => _ = others.entry(Cni::AwsVpc).or_default(),
        "flannel" => _ = others.entry(Cni::Flannel).or_default(),
        // What announces routes is nothing to be chained behind, unless
        // nothing else is there.
        _ if others.keys().all(|cni| *cni == Cni::KubeRouter) => {
            others.extend(evidence::traces(cluster, false));
            others.remove(&Cni::Cilium);
        }
        _ => {}
    }
    let found = among(reduce(cluster, others));
    let mut detection = Detection::of(Cni::Cilium, words);
    if found.cni == Cni::Unknown {
        detection.rivals = found.rivals;
    } else {
        detection.behind = Some(found.cni);
        detection
            .evidence
            .push(format!("chained behind {}", found.cni.name()));
        detection.evidence.extend(found.evidence);
    }
    detection
}

/// Whether a CNI may run beside a Cilium that is not chained: in these IPAM
/// modes the agents of the cloud hand out addresses to Cilium.
fn lives_beside(cni: Cni, cilium: &Cilium<'_>) -> bool {
    let from_cloud = cilium
        .ipam
        .is_some_and(|mode| mode.why_no_routes().is_some());
    match cni {
        Cni::KubeRouter => true,
        Cni::AwsVpc | Cni::Azure => from_cloud,
        _ => false,
    }
}

/// Takes out those that only enforce policies or announce routes here.
fn reduce(cluster: &Cluster, mut shown: Shown) -> Shown {
    // Calico's operator says which CNI it was put beside.
    let named = match calico::installed_beside(cluster) {
        Some("AmazonVPC") => Some(Cni::AwsVpc),
        Some("AzureVNET") => Some(Cni::Azure),
        _ => None,
    };
    if let Some(cni) = named
        && shown.contains_key(&Cni::Calico)
    {
        shown.entry(cni).or_default();
        fold(&mut shown, Cni::Calico, cni);
    }
    let hands_out = calico::hands_out_addresses(cluster);
    let has = |shown: &Shown, cni| shown.contains_key(&cni);
    if has(&shown, Cni::Flannel) && has(&shown, Cni::Calico) && !hands_out {
        shown.entry(Cni::Canal).or_default();
    }
    if has(&shown, Cni::Canal) {
        join(&mut shown, Cni::Flannel, Cni::Canal);
        join(&mut shown, Cni::Calico, Cni::Canal);
    }
    for cloud in [Cni::AwsVpc, Cni::Azure] {
        if has(&shown, cloud) {
            fold(&mut shown, Cni::Antrea, cloud);
            if !hands_out {
                fold(&mut shown, Cni::Calico, cloud);
            }
        }
    }
    if shown.len() > 1 {
        shown.remove(&Cni::KubeRouter);
    }
    shown
}

/// One CNI is a part of the other.
fn join(shown: &mut Shown, part: Cni, whole: Cni) {
    let words = shown.remove(&part).unwrap_or_default();
    shown.entry(whole).or_default().extend(words);
}

/// One CNI only enforces policies on the network of the other.
fn fold(shown: &mut Shown, policies: Cni, network: Cni) {
    if let Some(words) = shown.remove(&policies) {
        let words = format!(
            "{} beside it, for policies only ({})",
            policies.name(),
            words.join(", ")
        );
        shown.entry(network).or_default().push(words);
    }
}
