//! The answer: routes, findings, and what could not be judged.
//!
//! Serialised, these types are the JSON form `podroute.report/v1`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::networks::Network;
use crate::prefix::{Family, Prefix};
use crate::suppressions::{Audited, Suppressed};

/// The report on a cluster.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    schema: Schema,
    pub cluster: ClusterFacts,
    pub routes: Vec<Route>,
    pub withheld: Vec<Withheld>,
    pub networks: Vec<Network>,
    pub findings: Vec<Finding>,
    pub suppressed: Vec<Suppressed>,
    pub suppressions: Vec<Audited>,
    pub not_evaluated: Vec<NotEvaluated>,
    pub rules_off: Vec<&'static str>,
    pub undecided: Vec<String>,
    pub problems: Vec<Problem>,
}

/// The parts of a report, before it is put in order.
pub struct Parts {
    pub cluster: ClusterFacts,
    pub routes: Vec<Route>,
    pub withheld: Vec<Withheld>,
    pub networks: Vec<Network>,
    pub findings: Vec<Finding>,
    pub suppressed: Vec<Suppressed>,
    pub suppressions: Vec<Audited>,
    pub not_evaluated: Vec<NotEvaluated>,
    pub rules_off: Vec<&'static str>,
    pub undecided: Vec<String>,
    pub problems: Vec<Problem>,
}

impl Report {
    /// Puts the parts in order: a report does not depend on the order in
    /// which objects came in.
    pub fn new(mut parts: Parts) -> Self {
        parts
            .routes
            .sort_by(|a, b| (a.prefix, &a.node).cmp(&(b.prefix, &b.node)));
        parts
            .withheld
            .sort_by(|a, b| (a.prefix, &a.node).cmp(&(b.prefix, &b.node)));
        parts.findings.sort_by(Finding::worst_first);
        parts
            .suppressed
            .sort_by(|a, b| a.finding.worst_first(&b.finding));
        parts.not_evaluated.sort_by_key(|entry| entry.rule);
        parts.problems.sort();
        Self {
            schema: Schema,
            cluster: parts.cluster,
            routes: parts.routes,
            withheld: parts.withheld,
            networks: parts.networks,
            findings: parts.findings,
            suppressed: parts.suppressed,
            suppressions: parts.suppressions,
            not_evaluated: parts.not_evaluated,
            rules_off: parts.rules_off,
            undecided: parts.undecided,
            problems: parts.problems,
        }
    }
}

/// The name and version of the JSON form.
#[derive(Clone, Copy, Debug)]
struct Schema;

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("podroute.report/v1")
    }
}

/// What was found out about the cluster.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterFacts {
    pub cni: &'static str,
    pub cni_evidence: Vec<String>,
    pub ipam_mode: Option<String>,
    pub pod_cidr_source: Option<String>,
    pub cilium_version: Option<String>,
    pub kubernetes_version: Option<String>,
    pub families: Vec<Family>,
    pub nodes: u32,
    pub cilium_nodes: u32,
    pub ako: Vec<AkoFacts>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AkoFacts {
    pub namespace: String,
    pub version: Option<String>,
    pub cluster_name: Option<String>,
    pub cni_plugin: String,
    pub syncs_routes: bool,
}

/// A static route that the load balancer needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Route {
    pub prefix: Prefix,
    pub next_hop: std::net::IpAddr,
    pub node: String,
    pub family: Family,
    pub source: ObjectRef,
    /// What an aggregate stands for; empty for a route that is none.
    pub stands_for: Vec<Part>,
}

/// A pod CIDR that went into an aggregate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    pub prefix: Prefix,
    pub source: ObjectRef,
}

/// A prefix that must not be routed to the node that claims it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Withheld {
    pub prefix: Prefix,
    pub next_hop: Option<std::net::IpAddr>,
    pub node: String,
    pub rule: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

/// A place inside an object, or the object as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ObjectRef {
    pub kind: Cow<'static, str>,
    pub namespace: Option<String>,
    pub name: String,
    pub field: Option<String>,
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)?;
        match &self.field {
            Some(field) => write!(f, " {field}"),
            None => Ok(()),
        }
    }
}

/// Something that makes a route wrong, missing or useless.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    pub rule: &'static str,
    pub severity: Severity,
    pub message: String,
    pub effect: String,
    pub fix: String,
    pub reference: &'static str,
    pub objects: Vec<ObjectRef>,
}

impl Finding {
    /// The order of findings in a report.
    pub fn worst_first(&self, other: &Self) -> Ordering {
        (other.severity, self.rule, &self.objects, &self.message).cmp(&(
            self.severity,
            other.rule,
            &other.objects,
            &other.message,
        ))
    }
}

/// A rule that could not be judged, wholly or in part.
#[derive(Clone, Debug, Serialize)]
pub struct NotEvaluated {
    pub rule: &'static str,
    pub missing: Vec<String>,
}

/// An object that was given but could not be used, or only in part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    pub object: Option<ObjectRef>,
    pub severity: Severity,
    pub message: String,
}
