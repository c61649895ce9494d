//! Settings that come in over the contract.

use super::wit;
use crate::rules::choices::{Level, RawRuleSetting};
use crate::settings::{Gap, InvalidSetting, RawOtherCluster, RawSettings};
use crate::suppressions::{ObjectPattern, RawSuppression};

impl From<wit::Settings> for RawSettings {
    fn from(settings: wit::Settings) -> Self {
        Self {
            cni: settings.cni,
            ipam_mode: settings.ipam_mode,
            cilium_version: settings.cilium_version,
            avi_version: settings.avi_version,
            next_hop_types: settings.next_hop_types,
            node_networks: settings.node_networks,
            node_selector: settings.node_selector,
            aggregate: settings.aggregate,
            connected_networks: settings.connected_networks,
            protected_networks: settings.protected_networks,
            other_clusters: settings
                .other_clusters
                .into_iter()
                .map(|cluster| RawOtherCluster {
                    name: cluster.name,
                    pod_cidrs: cluster.pod_cidrs,
                })
                .collect(),
            route_limit: settings.route_limit,
            at: settings.at,
            today: settings.today,
            rules: settings.rules.into_iter().map(Into::into).collect(),
            suppressions: settings.suppressions.into_iter().map(Into::into).collect(),
            listed_kinds: settings.listed_kinds,
            gaps: settings
                .gaps
                .into_iter()
                .map(|gap| Gap {
                    kind: gap.kind,
                    reason: gap.reason,
                    awaited: false,
                })
                .collect(),
        }
    }
}

impl From<wit::RuleSetting> for RawRuleSetting {
    fn from(setting: wit::RuleSetting) -> Self {
        Self {
            rule: setting.rule,
            severity: setting.severity.map(|level| match level {
                wit::Level::Off => Level::Off,
                wit::Level::Info => Level::Info,
                wit::Level::Warning => Level::Warning,
                wit::Level::Error => Level::Error,
            }),
            parameters: setting
                .parameters
                .into_iter()
                .map(|parameter| (parameter.name, parameter.value))
                .collect(),
        }
    }
}

impl From<wit::Suppression> for RawSuppression {
    fn from(suppression: wit::Suppression) -> Self {
        Self {
            rule: suppression.rule,
            object: suppression.object.map(|object| ObjectPattern {
                kind: object.kind,
                namespace: object.namespace,
                name: object.name,
            }),
            reason: suppression.reason,
            until: suppression.until,
        }
    }
}

impl From<InvalidSetting> for wit::Error {
    fn from(invalid: InvalidSetting) -> Self {
        Self::InvalidSetting(wit::InvalidSetting {
            name: invalid.name.to_owned(),
            message: invalid.message,
        })
    }
}
