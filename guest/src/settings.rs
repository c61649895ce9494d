//! What the caller says that the objects cannot.

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use crate::detect::cni::Cni;
use crate::objects::Kind;
use crate::objects::selector::LabelSelector;
use crate::prefix::Prefix;
use crate::rules::choices::{Choices, RawRuleSetting};
use crate::suppressions::{RawSuppression, Suppression};
use crate::version::Version;

/// Settings as they come in. Field by field the record `settings` of the WIT.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct RawSettings {
    pub cni: Option<String>,
    pub ipam_mode: Option<String>,
    pub cilium_version: Option<String>,
    pub avi_version: Option<String>,
    pub next_hop_types: Vec<String>,
    pub node_networks: Vec<String>,
    pub node_selector: Option<String>,
    pub aggregate: bool,
    pub connected_networks: Vec<String>,
    pub protected_networks: Vec<String>,
    pub other_clusters: Vec<RawOtherCluster>,
    pub route_limit: Option<u32>,
    pub at: Option<String>,
    pub today: Option<String>,
    pub rules: Vec<RawRuleSetting>,
    pub suppressions: Vec<RawSuppression>,
    pub listed_kinds: Vec<String>,
    pub gaps: Vec<Gap>,
}

/// Another cluster whose pods the same load balancer reaches.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RawOtherCluster {
    pub name: String,
    pub pod_cidrs: Vec<String>,
}

/// A kind that could not be read. It is unknown, never empty.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    pub kind: String,
    pub reason: String,
    /// Whether the kind is being read for the first time.
    #[serde(skip)]
    pub awaited: bool,
}

impl Gap {
    /// The kind of a gap of which it is not known what is in it.
    pub const ANY: &'static str = "*";

    /// A kind that is being read for the first time.
    pub fn awaited(kind: String) -> Self {
        Self {
            kind,
            reason: "it has not been listed completely yet".to_owned(),
            awaited: true,
        }
    }
}

/// Settings that have been checked.
#[derive(Clone, Debug)]
pub struct Settings {
    pub cni: Option<Cni>,
    pub ipam_mode: Option<String>,
    pub cilium_version: Option<Version>,
    pub avi_version: Option<Version>,
    pub next_hop_types: Vec<String>,
    /// Networks that next hops are chosen from; empty: any.
    pub node_networks: Vec<Prefix>,
    /// The nodes that routes go to; None: all.
    pub node_selector: Option<LabelSelector>,
    pub aggregate: bool,
    pub connected_networks: Vec<Prefix>,
    pub protected_networks: Vec<Prefix>,
    pub other_clusters: Vec<OtherCluster>,
    pub route_limit: Option<u32>,
    /// The time of the snapshot.
    pub at: Option<Timestamp>,
    /// The day of the evaluation, in UTC.
    pub today: Option<Date>,
    pub rules: Choices,
    pub suppressions: Vec<Suppression>,
    pub listed_kinds: Vec<String>,
    pub gaps: Vec<Gap>,
}

/// Another cluster whose pods the same load balancer reaches.
#[derive(Clone, Debug)]
pub struct OtherCluster {
    pub name: String,
    pub pod_cidrs: Vec<Prefix>,
}

/// A setting with a value that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSetting {
    pub name: &'static str,
    pub message: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cni: None,
            ipam_mode: None,
            cilium_version: None,
            avi_version: None,
            next_hop_types: default_next_hop_types(),
            node_networks: Vec::new(),
            node_selector: None,
            aggregate: false,
            connected_networks: Vec::new(),
            protected_networks: Vec::new(),
            other_clusters: Vec::new(),
            route_limit: None,
            at: None,
            today: None,
            rules: Choices::default(),
            suppressions: Vec::new(),
            listed_kinds: Vec::new(),
            gaps: Vec::new(),
        }
    }
}

impl TryFrom<RawSettings> for Settings {
    type Error = InvalidSetting;

    fn try_from(raw: RawSettings) -> Result<Self, InvalidSetting> {
        Ok(Self {
            cni: raw.cni.as_deref().map(cni).transpose()?,
            ipam_mode: raw.ipam_mode,
            cilium_version: raw
                .cilium_version
                .map(|text| version("ciliumVersion", &text))
                .transpose()?,
            avi_version: raw
                .avi_version
                .map(|text| version("aviVersion", &text))
                .transpose()?,
            next_hop_types: next_hop_types(raw.next_hop_types)?,
            node_networks: networks("nodeNetworks", &raw.node_networks)?,
            node_selector: raw
                .node_selector
                .as_deref()
                .filter(|text| !text.trim().is_empty())
                .map(node_selector)
                .transpose()?,
            aggregate: raw.aggregate,
            connected_networks: networks("connectedNetworks", &raw.connected_networks)?,
            protected_networks: networks("protectedNetworks", &raw.protected_networks)?,
            other_clusters: raw
                .other_clusters
                .into_iter()
                .map(OtherCluster::try_from)
                .collect::<Result<_, _>>()?,
            route_limit: raw.route_limit,
            at: raw.at.as_deref().map(at).transpose()?,
            today: raw.today.as_deref().map(today).transpose()?,
            rules: Choices::try_from(raw.rules)?,
            suppressions: raw
                .suppressions
                .into_iter()
                .map(Suppression::try_from)
                .collect::<Result<_, _>>()?,
            listed_kinds: raw.listed_kinds,
            gaps: raw.gaps,
        })
    }
}

impl Settings {
    /// Notes that a kind was listed completely.
    pub fn set_listed(&mut self, kind: &str) {
        self.gaps.retain(|gap| gap.kind != kind);
        if !self.listed_kinds.iter().any(|listed| listed == kind) {
            self.listed_kinds.push(kind.to_owned());
        }
    }

    /// Notes that a kind cannot be read.
    pub fn set_gap(&mut self, gap: Gap) {
        self.listed_kinds.retain(|listed| *listed != gap.kind);
        self.gaps.retain(|other| other.kind != gap.kind);
        self.gaps.push(gap);
        // The order in which they came must not show.
        self.gaps.sort_by(|a, b| a.kind.cmp(&b.kind));
    }

    /// Sets the time and the day of the evaluation.
    pub fn set_clock(
        &mut self,
        at: Option<&str>,
        today: Option<&str>,
    ) -> Result<(), InvalidSetting> {
        let at = at.map(self::at).transpose()?;
        self.today = today.map(self::today).transpose()?;
        self.at = at;
        Ok(())
    }

    /// Whether the first list of a kind is still under way.
    pub fn awaits(&self, kind: Kind) -> bool {
        let mut gaps = self.gaps.iter();
        gaps.any(|gap| gap.awaited && gap.kind == kind.name())
    }

    /// Whether the caller says that a kind was listed completely.
    pub fn has_listed(&self, kind: Kind) -> bool {
        self.listed_kinds.iter().any(|listed| listed == kind.name())
    }

    /// The connected network that `address` is in, if any.
    pub fn connected_network_of(&self, address: IpAddr) -> Option<Prefix> {
        self.connected_networks
            .iter()
            .copied()
            .find(|network| network.contains_address(address))
    }
}

impl TryFrom<RawOtherCluster> for OtherCluster {
    type Error = InvalidSetting;

    fn try_from(raw: RawOtherCluster) -> Result<Self, InvalidSetting> {
        Ok(Self {
            name: raw.name,
            pod_cidrs: networks("otherClusters", &raw.pod_cidrs)?,
        })
    }
}

fn cni(text: &str) -> Result<Cni, InvalidSetting> {
    let choices = || Cni::ALL.into_iter().filter(|cni| *cni != Cni::Unknown);
    choices()
        .find(|cni| cni.name() == text)
        .ok_or_else(|| InvalidSetting {
            name: "cni",
            message: format!(
                "`{text}` is not one of {}",
                choices().map(Cni::name).collect::<Vec<_>>().join(", ")
            ),
        })
}

fn version(name: &'static str, text: &str) -> Result<Version, InvalidSetting> {
    Version::parse(text).ok_or_else(|| InvalidSetting {
        name,
        message: format!("`{text}` is not a version such as 1.16.3"),
    })
}

fn at(text: &str) -> Result<Timestamp, InvalidSetting> {
    text.parse().map_err(|_| InvalidSetting {
        name: "at",
        message: format!("`{text}` is not an RFC 3339 time in UTC such as 2026-01-31T12:00:00Z"),
    })
}

fn today(text: &str) -> Result<Date, InvalidSetting> {
    text.parse().map_err(|_| InvalidSetting {
        name: "today",
        message: format!("`{text}` is not a day such as 2026-01-31"),
    })
}

fn node_selector(text: &str) -> Result<LabelSelector, InvalidSetting> {
    LabelSelector::parse(text).map_err(|message| InvalidSetting {
        name: "nodeSelector",
        message,
    })
}

fn default_next_hop_types() -> Vec<String> {
    vec!["InternalIP".to_owned(), "ExternalIP".to_owned()]
}

fn next_hop_types(given: Vec<String>) -> Result<Vec<String>, InvalidSetting> {
    if given.is_empty() {
        return Ok(default_next_hop_types());
    }
    match given
        .iter()
        .find(|kind| !matches!(kind.as_str(), "InternalIP" | "ExternalIP"))
    {
        None => Ok(given),
        Some(other) => Err(InvalidSetting {
            name: "nextHopTypes",
            message: format!("`{other}` is not one of InternalIP, ExternalIP"),
        }),
    }
}

fn networks(name: &'static str, given: &[String]) -> Result<Vec<Prefix>, InvalidSetting> {
    given
        .iter()
        .map(|text| match Prefix::parse(text) {
            Ok(parsed) => Ok(parsed.prefix),
            Err(reason) => Err(InvalidSetting {
                name,
                message: format!("`{text}` {reason}"),
            }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(raw: RawSettings) -> (&'static str, String) {
        let error = Settings::try_from(raw).unwrap_err();
        (error.name, error.message)
    }

    #[test]
    fn empty_settings_are_the_defaults() {
        let settings = Settings::try_from(RawSettings::default()).unwrap();
        assert_eq!(settings.next_hop_types, ["InternalIP", "ExternalIP"]);
        assert_eq!(settings.cni, None);
    }

    #[test]
    fn names_the_setting_that_is_wrong() {
        assert_eq!(
            refused(RawSettings {
                cni: Some("Cilium".into()),
                ..RawSettings::default()
            }),
            (
                "cni",
                "`Cilium` is not one of cilium, ovn-kubernetes, antrea, flannel, kindnet, kube-router, calico, canal, openshift-sdn, weave, ncp, aws-vpc, azure, kubernetes".into()
            )
        );
        assert_eq!(
            refused(RawSettings {
                connected_networks: vec!["10.0.0.0/8".into(), "10.0.0.1".into()],
                ..RawSettings::default()
            }),
            (
                "connectedNetworks",
                "`10.0.0.1` has no prefix length".into()
            )
        );
        assert_eq!(
            refused(RawSettings {
                next_hop_types: vec!["CiliumInternalIP".into()],
                ..RawSettings::default()
            })
            .0,
            "nextHopTypes"
        );
    }
}
