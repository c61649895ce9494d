//! What is mapped: for every CNI and each of its modes, where pod CIDRs are
//! read and which address is the next hop. Asked of the same functions that
//! decide on a cluster.

use super::calico::Ipam;
use super::cni::Cni;
use super::ipam::IpamMode;
use super::{Place, place_in, place_of};
use crate::sources;

/// One CNI in one mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    pub cni: &'static str,
    /// Empty where the CNI has only one.
    pub mode: &'static str,
    /// Where pod CIDRs are read; None where no node has any.
    pub source: Option<&'static str>,
    /// The annotations that name the next hop, before the Node's addresses.
    pub announced_by: Vec<&'static str>,
    /// Why there are no routes; None where there are.
    pub why_no_routes: Option<&'static str>,
}

/// Every CNI in each of its modes.
pub fn table() -> Vec<Coverage> {
    Cni::ALL.into_iter().flat_map(rows).collect()
}

fn rows(cni: Cni) -> Vec<Coverage> {
    let row = |mode, place: Place, why_no_routes| Coverage {
        cni: cni.name(),
        mode,
        source: place.describe(),
        announced_by: match place {
            Place::Nowhere => Vec::new(),
            _ => sources::announcing(cni).to_vec(),
        },
        why_no_routes,
    };
    match cni {
        Cni::Cilium => IpamMode::ALL
            .into_iter()
            .map(|mode| row(mode.name(), place_in(mode), mode.why_no_routes()))
            .collect(),
        Cni::Calico | Cni::Canal => [Ipam::Calico, Ipam::HostLocal]
            .into_iter()
            .map(|ipam| row(ipam.name(), place_of(cni, Some(ipam)), cni.why_no_routes()))
            .collect(),
        _ => vec![row("", place_of(cni, None), cni.why_no_routes())],
    }
}
