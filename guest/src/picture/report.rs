//! A `podroute.report/v1` as far as it is shown. Read from its JSON, so that
//! a report can be drawn wherever, and whenever, it was made.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};

use crate::prefix::Prefix;

const SCHEMA: &str = "podroute.report/v1";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    schema: String,
    pub cluster: Cluster,
    pub routes: Vec<Route>,
    pub withheld: Vec<Withheld>,
    /// Reports made before there were any have none.
    #[serde(default)]
    pub networks: Vec<Network>,
    pub findings: Vec<Finding>,
    pub suppressed: Vec<Suppressed>,
    pub suppressions: Vec<Suppression>,
    pub not_evaluated: Vec<NotEvaluated>,
    pub rules_off: Vec<String>,
    pub undecided: Vec<String>,
    pub problems: Vec<Problem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cluster {
    pub cni: String,
    pub cni_evidence: Vec<String>,
    pub ipam_mode: Option<String>,
    pub pod_cidr_source: Option<String>,
    pub cilium_version: Option<String>,
    pub kubernetes_version: Option<String>,
    pub families: Vec<String>,
    pub nodes: u32,
    pub cilium_nodes: u32,
    pub ako: Vec<Ako>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ako {
    pub namespace: String,
    pub version: Option<String>,
    pub cluster_name: Option<String>,
    pub cni_plugin: String,
    pub syncs_routes: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Route {
    #[serde(deserialize_with = "prefix")]
    pub prefix: Prefix,
    pub next_hop: String,
    pub node: String,
    pub source: Object,
    pub stands_for: Vec<de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Withheld {
    #[serde(deserialize_with = "prefix")]
    pub prefix: Prefix,
    pub next_hop: Option<String>,
    pub node: String,
    pub rule: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Network {
    pub role: Role,
    #[serde(deserialize_with = "prefix")]
    pub prefix: Prefix,
    pub name: String,
    pub block_length: Option<u8>,
    pub source: Option<Object>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Role {
    Pool,
    NativeRouting,
    NodeNetwork,
    VipNetwork,
    Protected,
    OtherCluster,
    NodeAddresses,
    ServiceAddresses,
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pool => "Pool",
            Self::NativeRouting => "Native routing",
            Self::NodeNetwork => "Node network",
            Self::VipNetwork => "VIP network",
            Self::Protected => "Protected",
            Self::OtherCluster => "Other cluster",
            Self::NodeAddresses => "Node addresses",
            Self::ServiceAddresses => "Service addresses",
        }
    }

    /// Whether pods should have no address of it. Of addresses only the range
    /// is known that covers them: that pods have some of it proves nothing.
    pub(super) fn excludes_pods(self) -> bool {
        matches!(
            self,
            Self::NodeNetwork | Self::VipNetwork | Self::Protected | Self::OtherCluster
        )
    }

    /// Whether it is a range around addresses.
    pub(super) fn is_around(self) -> bool {
        matches!(self, Self::NodeAddresses | Self::ServiceAddresses)
    }
}

#[derive(Deserialize)]
pub(super) struct Object {
    pub kind: String,
    pub namespace: Option<String>,
    pub name: String,
    pub field: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    Error,
    Warning,
    Info,
}

#[derive(Deserialize)]
pub(super) struct Finding {
    pub rule: String,
    pub severity: Severity,
    pub message: String,
    pub effect: String,
    pub fix: String,
    pub reference: String,
    pub objects: Vec<Object>,
}

#[derive(Deserialize)]
pub(super) struct Suppressed {
    pub finding: Finding,
    pub reasons: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Suppression {
    pub rule: String,
    pub reason: String,
    pub until: Option<String>,
    pub status: String,
}

#[derive(Deserialize)]
pub(super) struct NotEvaluated {
    pub rule: String,
    pub missing: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Problem {
    pub object: Option<Object>,
    pub severity: Severity,
    pub message: String,
}

impl Report {
    pub(super) fn read(json: &str) -> Result<Self, String> {
        let report: Self = serde_json::from_str(json).map_err(|error| {
            format!("this is no {SCHEMA}: {error}; make one with podroute check --format json")
        })?;
        if report.schema != SCHEMA {
            return Err(format!(
                "the document says it is `{}` and not {SCHEMA}; make one with podroute check --format json",
                report.schema
            ));
        }
        Ok(report)
    }

    /// How many findings there are of a severity.
    pub(super) fn count(&self, severity: Severity) -> usize {
        let of = self.findings.iter();
        of.filter(|finding| finding.severity == severity).count()
    }

    /// The rules that were not evaluated, by what was missing.
    pub(super) fn not_evaluated_by_missing(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut by_missing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for entry in &self.not_evaluated {
            for missing in &entry.missing {
                by_missing.entry(missing).or_default().push(&entry.rule);
            }
        }
        by_missing
    }
}

impl Severity {
    pub(super) const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Info];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

fn prefix<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Prefix, D::Error> {
    let text = String::deserialize(deserializer)?;
    match Prefix::parse(&text) {
        Ok(parsed) => Ok(parsed.prefix),
        Err(reason) => Err(de::Error::custom(format!("prefix `{text}` {reason}"))),
    }
}
