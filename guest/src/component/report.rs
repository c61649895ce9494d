//! Reports that go out over the contract.

use super::wit;
use crate::networks::{Network, Role};
use crate::prefix::Family;
use crate::report::{ClusterFacts, Finding, ObjectRef, Part, Problem, Report, Route, Severity};
use crate::rules::rule::Parameter;
use crate::suppressions::{Audited, Status, Suppressed};

impl From<Family> for wit::Family {
    fn from(family: Family) -> Self {
        match family {
            Family::V4 => Self::Ipv4,
            Family::V6 => Self::Ipv6,
        }
    }
}

impl From<Severity> for wit::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
        }
    }
}

impl From<&ObjectRef> for wit::ObjectRef {
    fn from(object: &ObjectRef) -> Self {
        Self {
            kind: object.kind.to_string(),
            namespace: object.namespace.clone(),
            name: object.name.clone(),
            field: object.field.clone(),
        }
    }
}

impl From<&Problem> for wit::Problem {
    fn from(problem: &Problem) -> Self {
        Self {
            object: problem.object.as_ref().map(Into::into),
            severity: problem.severity.into(),
            message: problem.message.clone(),
        }
    }
}

impl From<&Report> for wit::Report {
    fn from(report: &Report) -> Self {
        Self {
            cluster: (&report.cluster).into(),
            routes: report.routes.iter().map(Into::into).collect(),
            withheld: report
                .withheld
                .iter()
                .map(|withheld| wit::Withheld {
                    prefix: withheld.prefix.to_string(),
                    next_hop: withheld.next_hop.map(|address| address.to_string()),
                    node: withheld.node.clone(),
                    rule: withheld.rule.to_owned(),
                })
                .collect(),
            networks: report.networks.iter().map(Into::into).collect(),
            findings: report.findings.iter().map(Into::into).collect(),
            suppressed: report.suppressed.iter().map(Into::into).collect(),
            suppressions: report.suppressions.iter().map(Into::into).collect(),
            not_evaluated: report
                .not_evaluated
                .iter()
                .map(|entry| wit::NotEvaluated {
                    rule: entry.rule.to_owned(),
                    missing: entry.missing.clone(),
                })
                .collect(),
            rules_off: report.rules_off.iter().map(ToString::to_string).collect(),
            undecided: report.undecided.clone(),
            problems: report.problems.iter().map(Into::into).collect(),
        }
    }
}

impl From<&ClusterFacts> for wit::ClusterFacts {
    fn from(facts: &ClusterFacts) -> Self {
        Self {
            cni: facts.cni.to_owned(),
            cni_evidence: facts.cni_evidence.clone(),
            ipam_mode: facts.ipam_mode.clone(),
            pod_cidr_source: facts.pod_cidr_source.clone(),
            cilium_version: facts.cilium_version.clone(),
            kubernetes_version: facts.kubernetes_version.clone(),
            families: facts.families.iter().copied().map(Into::into).collect(),
            nodes: facts.nodes,
            cilium_nodes: facts.cilium_nodes,
            ako: facts
                .ako
                .iter()
                .map(|ako| wit::Ako {
                    namespace: ako.namespace.clone(),
                    version: ako.version.clone(),
                    cluster_name: ako.cluster_name.clone(),
                    cni_plugin: ako.cni_plugin.clone(),
                    syncs_routes: ako.syncs_routes,
                })
                .collect(),
        }
    }
}

impl From<&Route> for wit::Route {
    fn from(route: &Route) -> Self {
        Self {
            prefix: route.prefix.to_string(),
            next_hop: route.next_hop.to_string(),
            node: route.node.clone(),
            family: route.family.into(),
            source: (&route.source).into(),
            stands_for: route.stands_for.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Part> for wit::RoutePart {
    fn from(part: &Part) -> Self {
        Self {
            prefix: part.prefix.to_string(),
            source: (&part.source).into(),
        }
    }
}

impl From<&Suppressed> for wit::Suppressed {
    fn from(suppressed: &Suppressed) -> Self {
        Self {
            finding: (&suppressed.finding).into(),
            reasons: suppressed.reasons.clone(),
        }
    }
}

impl From<&Network> for wit::Network {
    fn from(network: &Network) -> Self {
        Self {
            role: match network.role {
                Role::Pool => wit::NetworkRole::Pool,
                Role::NativeRouting => wit::NetworkRole::NativeRouting,
                Role::NodeNetwork => wit::NetworkRole::NodeNetwork,
                Role::VipNetwork => wit::NetworkRole::VipNetwork,
                Role::Protected => wit::NetworkRole::Protected,
                Role::OtherCluster => wit::NetworkRole::OtherCluster,
                Role::NodeAddresses => wit::NetworkRole::NodeAddresses,
                Role::ServiceAddresses => wit::NetworkRole::ServiceAddresses,
            },
            prefix: network.prefix.to_string(),
            name: network.name.clone(),
            block_length: network.block_length,
            source: network.source.as_ref().map(Into::into),
        }
    }
}

impl From<&Finding> for wit::Finding {
    fn from(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.to_owned(),
            severity: finding.severity.into(),
            message: finding.message.clone(),
            effect: finding.effect.clone(),
            fix: finding.fix.clone(),
            reference: finding.reference.to_owned(),
            objects: finding.objects.iter().map(Into::into).collect(),
        }
    }
}

impl From<&Audited> for wit::AuditedSuppression {
    fn from(audited: &Audited) -> Self {
        Self {
            rule: audited.rule.clone(),
            object: audited.object.clone().map(|object| wit::ObjectKey {
                kind: object.kind,
                namespace: object.namespace,
                name: object.name,
            }),
            reason: audited.reason.clone(),
            until: audited.until.clone(),
            declared_at: audited.declared_at.as_ref().map(Into::into),
            status: match audited.status {
                Status::Used => wit::SuppressionStatus::Used,
                Status::Unused => wit::SuppressionStatus::Unused,
                Status::Unknown => wit::SuppressionStatus::Unknown,
                Status::Expired => wit::SuppressionStatus::Expired,
                Status::Undated => wit::SuppressionStatus::Undated,
                Status::Invalid => wit::SuppressionStatus::Invalid,
            },
        }
    }
}

impl From<&Parameter> for wit::RuleParameter {
    fn from(parameter: &Parameter) -> Self {
        let (least, greatest) = parameter.range;
        Self {
            name: parameter.name.to_owned(),
            default: parameter.default,
            least,
            greatest,
            summary: parameter.summary.to_owned(),
        }
    }
}
